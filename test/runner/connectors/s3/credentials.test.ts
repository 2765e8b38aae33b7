// As whom an S3 bucket is reached: keys, profiles, roles, and nobody.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openS3Store } from "../../../../runner/connectors/s3/open-store.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { type NotedRequest, notingServer } from "../../../kit/noting-server.ts";

const never = new AbortController().signal;
const key = JSON.stringify({
  access_key_id: "AKIAOWN",
  secret_access_key: "own-secret",
  session_token: "own-token",
});

const DENIED =
  "User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r";

/** A store without objects, and the service that lends roles, in one. */
async function amazon(lends: boolean) {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const lent = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIALENT</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>lent-token</SessionToken><Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  const denied = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${DENIED}</Message></Error></ErrorResponse>`;
  const { seen, endpoint } = await notingServer(({ method }) => {
    if (method !== "POST") return { status: 404 };
    return lends ? { status: 200, body: lent } : { status: 403, body: denied };
  });
  // Nothing of this machine's.
  vi.stubEnv("AWS_ENDPOINT_URL_STS", endpoint);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    vi.stubEnv(name, undefined);
  const folder = emptyFolder();
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const head = async (options: Partial<Parameters<typeof openS3Store>[0]>) => {
    const common = { bucket: "b", region: "eu-central-1", endpoint, request_timeout: 5000 };
    const store = await openS3Store({ ...common, ...options }, undefined, "test");
    onTestFinished(() => store.close());
    return await store.head("key", never);
  };
  return { seen, folder, head };
}

/** By whom each request is signed, and with what session. */
function signers(seen: readonly NotedRequest[]) {
  return seen.map(({ headers }) => ({
    keyId: /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1],
    token: headers["x-amz-security-token"],
  }));
}

test("a key of the step's own, with its session", async () => {
  const { seen, head } = await amazon(true);
  expect(await head({ credentials: key })).toBeUndefined();
  expect(signers(seen)).toMatchObject([{ keyId: "AKIAOWN", token: "own-token" }]);
});

test("a profile, as the configuration files have it", async () => {
  const { seen, folder, head } = await amazon(true);
  const profile = "[uploader]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n";
  writeFileSync(join(folder, "credentials"), profile);
  expect(await head({ profile: "uploader" })).toBeUndefined();
  expect(signers(seen)).toMatchObject([{ keyId: "AKIAPROFILE" }]);
  const failure = await head({ profile: "nobody" }).catch((error) => error);
  expect(failure).toMatchObject({
    code: "bucket.no-credentials",
    message: expect.stringContaining("nobody"),
  });
});

test("a role that is assumed with the key, and its external id", async () => {
  const { seen, head } = await amazon(true);
  const role = "arn:aws:iam::123456789012:role/strm";
  expect(await head({ credentials: key, role, role_external_id: "ours" })).toBeUndefined();
  expect(signers(seen)).toMatchObject([{ keyId: "AKIAOWN" }, { keyId: "ASIALENT", token: "lent-token" }]);
  expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toMatchObject({
    Action: "AssumeRole",
    RoleArn: role,
    ExternalId: "ours",
    RoleSessionName: "strm",
  });
});

test("a role that may not be assumed", async () => {
  const { head } = await amazon(false);
  const failure = await head({ credentials: key, role: "arn:aws:iam::1:role/r" }).catch((error) => error);
  expect(failure).toMatchObject({
    code: "bucket.denied",
    message: expect.stringContaining("`sts:AssumeRole`"),
  });
  expect(`${failure.message} ${failure.help}`).not.toContain("own-secret");
});

test("what the environment holds, where the step says nothing", async () => {
  const { seen, head } = await amazon(true);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  expect(await head({})).toBeUndefined();
  expect(signers(seen)).toMatchObject([{ keyId: "AKIAENVIRONMENT" }]);
});

test("nobody", async () => {
  const { head } = await amazon(true);
  expect(await head({}).catch((error) => error)).toMatchObject({ code: "bucket.no-credentials" });
});
