// What each refusal of S3 comes out as: a code, words that say what to do, and no secret.
import { createServer } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openS3Store } from "../../../../runner/connectors/s3/open-store.ts";
import { type StrmFailure, TransientFailure } from "../../../../runner/failure.ts";
import { codeOf } from "../../../kit/failures.ts";
import { bodyOf } from "../../../kit/object-bodies.ts";
import { openS3 } from "../../../kit/open-stores.ts";
import { freePorts } from "../../../kit/ports.ts";
import { ScriptedStore } from "../../../kit/scripted-store.ts";
import { type S3Error, type StoreAnswer, s3Answer } from "../../../kit/store-answers.ts";

const never = new AbortController().signal;
const app = { accessKeyId: "AKIASOMEBODY", secretAccessKey: "a-secret-that-nobody-may-see" };
const settings = { contentType: "text/plain", metadata: {}, onlyNew: true };

async function scripted(answer: StoreAnswer) {
  const server = await ScriptedStore.start(answer);
  const store = await openS3(
    { endpoint: server.endpoint, region: "us-east-1", app },
    { bucket: "some-bucket" },
  );
  return {
    server,
    store,
    close: async () => {
      await store.close();
      await server.close();
    },
  };
}

/** Without the store, which tests that run side by side close themselves. */
async function failureOf(answer: StoreAnswer): Promise<StrmFailure> {
  const { store, close } = await scripted(answer);
  const failure = await store.put("key", bodyOf("a value"), settings, never).then(
    () => undefined,
    (error) => error,
  );
  await close();
  return failure;
}

test.each<[S3Error, string, string]>([
  ["AccessDenied", "bucket.denied", "`s3:PutObject`"],
  ["InvalidAccessKeyId", "bucket.bad-credentials", "does not take the credentials"],
  ["SignatureDoesNotMatch", "bucket.bad-credentials", "does not take the credentials"],
  ["InvalidToken", "bucket.bad-credentials", "does not take the credentials"],
  ["ExpiredToken", "bucket.expired-credentials", "have expired"],
  ["RequestTimeTooSkewed", "bucket.clock", "clock"],
  ["PermanentRedirect", "bucket.region", "eu-west-3"],
  ["AuthorizationHeaderMalformed", "bucket.region", "eu-west-3"],
  ["NoSuchBucket", "bucket.no-bucket", "s3://some-bucket"],
  ["InvalidStorageClass", "bucket.refused", "The storage class you specified is not valid"],
  ["NotImplemented", "bucket.refused", "functionality that is not implemented"],
])("%s is %s, at once", async (answer, code, words) => {
  const failure = await failureOf(s3Answer(answer));
  expect(failure).toMatchObject({ code, message: expect.stringContaining(words) });
  expect(failure).not.toBeInstanceOf(TransientFailure);
  expectNoSecret(failure);
});

describe.concurrent("what may pass is tried for some seconds", () => {
  test.each<[S3Error, string]>([
    ["SlowDown", "bucket.throttled"],
    ["TooManyRequests", "bucket.throttled"],
    ["InternalError", "bucket.unavailable"],
    ["ServiceUnavailable", "bucket.unavailable"],
    ["ConditionalRequestConflict", "bucket.unavailable"],
    ["RequestTimeout", "bucket.unreachable"],
    ["BadDigest", "bucket.corrupt"],
  ])("%s, then it is %s", async (answer, code) => {
    const { server, store, close } = await scripted(s3Answer(answer));
    const failure = await store.put("key", bodyOf("a value"), settings, never).catch((error) => error);
    await close();
    expect(failure).toBeInstanceOf(TransientFailure);
    expect(failure.code).toBe(code);
    expect(server.asked.length).toBeGreaterThan(3);
    expectNoSecret(failure);
  });
});

test("names the right that Amazon says is missing", async () => {
  const answer = s3Answer("AccessDenied");
  const said =
    "User: arn:aws:iam::1:user/u is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:k";
  const failure = await failureOf({ ...answer, body: answer.body.replace("Access Denied", said) });
  expect(failure).toMatchObject({
    code: "bucket.denied",
    message: expect.stringContaining("`kms:GenerateDataKey`"),
  });
});

test("takes an object in an archive for no matter of rights", async () => {
  const answer = s3Answer("AccessDenied");
  const failure = await failureOf({
    ...answer,
    body: answer.body.replace("<Code>AccessDenied", "<Code>InvalidObjectState"),
  });
  expect(failure.code).toBe("bucket.refused");
});

test("takes for garbage what is not the protocol of S3", async () => {
  const page = { status: 200, headers: { "content-type": "text/html" }, body: "<html>welcome<br></html>" };
  const { store, close } = await scripted(page);
  onTestFinished(close);
  expect(await codeOf(store.tryReading("", never))).toBe("bucket.refused");
  expect(await codeOf(store.head("key", never))).toBe("bucket.refused");
});

test("goes on with the store's time where the clock of this machine is wrong, and the store's is not", async () => {
  const { server, store, close } = await scripted({ status: 200, headers: { etag: '"x"' }, body: "" });
  onTestFinished(close);
  const later = new Date(Date.now() + 3_600_000).toUTCString();
  const skewed = s3Answer("RequestTimeTooSkewed");
  server.answerNext({ ...skewed, headers: { ...skewed.headers, date: later } });
  expect(await store.put("key", bodyOf("a value"), settings, never)).toBe("written");
});

test("tells of a connection what is wrong with it", async () => {
  const [port = 0] = await freePorts(1);
  const silent = createServer();
  onTestFinished(() => void silent.close());
  silent.listen(port, "127.0.0.1");
  const store = await openS3(
    { endpoint: `https://127.0.0.1:${port}`, region: "r", app },
    { bucket: "some-bucket" },
  );
  onTestFinished(() => store.close());
  const failure = await store.head("key", never).catch((error) => error);
  expect(failure).toMatchObject({
    code: "bucket.tls",
    message: expect.stringContaining("does not speak TLS"),
  });
});

describe("before anything is asked", () => {
  const common = { bucket: "b", request_timeout: 1000 };
  const open = async (options: Partial<Parameters<typeof openS3Store>[0]>) => {
    const store = await openS3Store({ ...common, region: "r", ...options }, undefined, "exports");
    await store.close();
  };

  test.each([
    ["credentials and a profile", { credentials: "{}", profile: "p" }],
    ["credentials that are no key", { credentials: "AKIA:secret" }],
    ["half a key", { credentials: '{"access_key_id":"AKIA"}' }],
    ["an external id without a role", { role_external_id: "x" }],
    ["an endpoint without http", { endpoint: "minio:9000" }],
  ])("refuses %s", async (_, options) => {
    const failure = await open(options).catch((error) => error);
    expect(failure).toMatchObject({ code: "bucket.options", message: expect.stringContaining("`exports`") });
    expect(`${failure.message} ${failure.help}`).not.toMatch(/AKIA|secret"$/);
  });

  test.each([
    ["metadata without a value", { metadata: ["team"] }],
    ["metadata with a name that no header can have", { metadata: ["a b=c"] }],
    ["metadata that is ours", { metadata: ["Strm-Sha256=0"] }],
    ["tags without a name", { tags: ["=x"] }],
    ["a key without kms", { kms_key: "k" }],
  ])("refuses %s", async (_, options) => {
    const writing = { encryption: "none" as const, metadata: [], tags: [], ...options };
    expect(await codeOf(openS3Store({ ...common, region: "r" }, writing, "exports"))).toBe("bucket.options");
  });

  test("needs a region, and finds none", async () => {
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, undefined);
    for (const name of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(name, "/dev/null");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await codeOf(openS3Store(common, undefined, "exports"))).toBe("bucket.region");
  });
});

function expectNoSecret(failure: StrmFailure): void {
  const all = `${failure.message} ${failure.help} ${JSON.stringify(failure)} ${String(failure.cause)}`;
  expect(all).not.toContain(app.secretAccessKey);
  expect(all).not.toContain("a value");
}
