// As whom a bucket of Google Cloud Storage is reached: what is asked for a token, what requests then bear, and what goes wrong on the way.
import { createVerify, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openGcsStore } from "../../../../runner/connectors/gcs/open-store.ts";
import { TransientFailure } from "../../../../runner/failure.ts";
import { Authority, opensslMissing } from "../../../kit/certificates.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { type NotedReply, notingServer } from "../../../kit/noting-server.ts";
import { needServer } from "../../../kit/servers.ts";

const never = new AbortController().signal;
const ACCOUNT = "strm@some-project.iam.gserviceaccount.com";
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const serviceAccount = JSON.stringify({
  type: "service_account",
  client_email: ACCOUNT,
  private_key_id: "key-1",
  private_key: privateKey,
});

let warned: string[] = [];
beforeEach(() => {
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  // Its warnings are for programmers, and no user can do anything about them.
  expect(warned).toEqual([]);
});

async function open(options: Partial<Parameters<typeof openGcsStore>[0]>) {
  const store = await openGcsStore({ bucket: "b", request_timeout: 1000, ...options }, undefined, "test");
  onTestFinished(() => store.close());
  return store;
}

async function failureOf(options: Parameters<typeof open>[0]) {
  const store = await open(options);
  const failure = await store.head("key", never).catch((error) => error);
  expect(`${failure.message} ${failure.help} ${String(failure.cause)}`).not.toMatch(
    /PRIVATE KEY|workloads-own/,
  );
  return failure;
}

const noObject = { status: 404, body: { error: { message: "No such object: b/key" } } };
const token = (access_token: string) => ({ access_token, expires_in: 3600, token_type: "Bearer" });

/** An external account, whose issuer is ours to choose. */
function externalAccount(endpoint: string): string {
  const file = join(emptyFolder(), "workload-token");
  writeFileSync(file, "the-workloads-own");
  return JSON.stringify({
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${endpoint}/sts`,
    credential_source: { file },
  });
}

test("an external account trades the token of its workload for one of Google's, once", async () => {
  const issued = {
    ...token("a-federated-token"),
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
  };
  const { seen, endpoint } = await notingServer(({ path }) =>
    path === "/sts" ? { status: 200, body: issued } : noObject,
  );
  const store = await open({ endpoint, credentials: externalAccount(endpoint) });
  expect(await store.head("key", never)).toBeUndefined();
  expect(await store.head("key", never)).toBeUndefined();
  expect(seen[0]?.body).toContain("the-workloads-own");
  expect(seen.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    "Bearer a-federated-token",
    "Bearer a-federated-token",
  ]);
});

describe.skipIf(!needServer("A certificate", opensslMissing()))("Google's own issuers", () => {
  // The SDK takes no other address for them, so that they are met by a proxy which poses as them.
  async function posing(reply: (path: string) => NotedReply | undefined) {
    const google = await notingServer(
      ({ path }) => reply(path),
      new Authority(emptyFolder()).issue("google", "DNS:*.googleapis.com"),
    );
    vi.stubEnv("HTTPS_PROXY", google.endpoint);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    return google;
  }

  const tokens = (path: string): NotedReply => {
    if (path === "https://oauth2.googleapis.com/token") return { status: 200, body: token("own-token") };
    const lent = { accessToken: "lent-token", expireTime: new Date(Date.now() + 3_600_000).toISOString() };
    return path.includes(":generateAccessToken") ? { status: 200, body: lent } : noObject;
  };

  test("give a service account a token for its key's signature", async () => {
    const { seen, endpoint } = await posing(tokens);
    const store = await open({ endpoint, credentials: serviceAccount });
    expect(await store.head("key", never)).toBeUndefined();
    const [asked, head] = seen;
    const assertion = new URLSearchParams(asked?.body).get("assertion") ?? "";
    const [header = "", claims = "", signature = ""] = assertion.split(".");
    const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
    expect(verify.verify(publicKey, signature, "base64url")).toBe(true);
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({ iss: ACCOUNT });
    expect(head?.headers.authorization).toBe("Bearer own-token");
  });

  test("let it act as another one", async () => {
    const { seen, endpoint } = await posing(tokens);
    const store = await open({
      endpoint,
      credentials: serviceAccount,
      impersonate: "other@p.iam.gserviceaccount.com",
    });
    expect(await store.head("key", never)).toBeUndefined();
    const lent = seen.find(({ path }) => path.includes("other@p") || path.includes("other%40p"));
    expect(lent?.headers.authorization).toBe("Bearer own-token");
    expect(seen.at(-1)?.headers.authorization).toBe("Bearer lent-token");
  });

  test("may refuse that", async () => {
    const said = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
    const refusal = {
      status: 403,
      body: { error: { code: 403, message: said, status: "PERMISSION_DENIED" } },
    };
    const { endpoint } = await posing((path) =>
      path.includes(":generateAccessToken") ? refusal : tokens(path),
    );
    const failure = await failureOf({ endpoint, credentials: serviceAccount, impersonate: "other@p.iam" });
    expect(failure).toMatchObject({
      code: "bucket.denied",
      message: expect.stringContaining("`iam.serviceAccounts.getAccessToken`"),
    });
  });

  test.each([
    ["a key that it does not know", "Invalid JWT Signature.", "bucket.bad-credentials"],
    [
      "a clock that is wrong",
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
      "bucket.clock",
    ],
  ])("may refuse %s", async (_, said, code) => {
    const { endpoint } = await posing(() => ({
      status: 400,
      body: { error: "invalid_grant", error_description: said },
    }));
    expect((await failureOf({ endpoint, credentials: serviceAccount })).code).toBe(code);
  });
});

test("an issuer of tokens that never answers is silence like any other", async () => {
  const { endpoint } = await notingServer(() => undefined);
  const failure = await failureOf({ endpoint, credentials: externalAccount(endpoint) });
  expect(failure).toBeInstanceOf(TransientFailure);
  expect(failure).toMatchObject({
    code: "bucket.unreachable",
    message: expect.stringContaining("issuer of tokens"),
  });
});

test("nobody's credentials go to a server that is not Google's, unless they are named", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/dev/null");
  const { seen, endpoint } = await notingServer(() => noObject);
  const store = await open({ endpoint, project: "payer" });
  expect(await store.head("key", never)).toBeUndefined();
  expect(seen[0]?.path).toContain("userProject=payer");
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

test("says where it looked in vain", async () => {
  const folder = emptyFolder();
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "none.json"));
  expect(await failureOf({})).toMatchObject({
    code: "bucket.no-credentials",
    message: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
  });
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", undefined);
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  for (const name of ["HOME", "APPDATA", "CLOUDSDK_CONFIG"]) vi.stubEnv(name, folder);
  expect(await failureOf({})).toMatchObject({
    code: "bucket.no-credentials",
    message: expect.stringContaining("none of the places"),
  });
});
