// What each refusal of Google Cloud Storage comes out as: a code, words that say what to do, and nothing of an event.
import { describe, expect, onTestFinished, test } from "vitest";
import { openGcsStore } from "../../../../runner/connectors/gcs/open-store.ts";
import { type StrmFailure, TransientFailure } from "../../../../runner/failure.ts";
import { codeOf } from "../../../kit/failures.ts";
import { bodyOf } from "../../../kit/object-bodies.ts";
import { openGcs } from "../../../kit/open-stores.ts";
import { ScriptedStore } from "../../../kit/scripted-store.ts";
import { type GcsError, gcsAnswer, type StoreAnswer } from "../../../kit/store-answers.ts";

const never = new AbortController().signal;
const settings = { contentType: "text/plain", metadata: {}, onlyNew: true };

/** What a put fails with, and how often it was asked. */
async function refusalOf(
  answer: StoreAnswer,
): Promise<{ readonly failure: StrmFailure; readonly asked: number }> {
  const server = await ScriptedStore.start(answer);
  const store = await openGcs(server, { bucket: "some-bucket" });
  const failure = await store.put("key", bodyOf("a value"), settings, never).catch((error) => error);
  await store.close();
  await server.close();
  expect(`${failure.message} ${failure.help} ${String(failure.cause)}`).not.toContain("a value");
  return { failure, asked: server.asked.length };
}

test.each<[GcsError, string, string]>([
  ["forbidden", "bucket.denied", "`storage.objects.create`"],
  ["userProjectAccountProblem", "bucket.refused", "absent billing account"],
  ["authError", "bucket.bad-credentials", "does not take the credentials"],
  ["required", "bucket.no-credentials", "it asks for some"],
  ["notFound", "bucket.no-bucket", "gs://some-bucket"],
  ["invalid", "bucket.refused", "Invalid argument."],
])("%s is %s, at once", async (answer, code, words) => {
  const { failure, asked } = await refusalOf(gcsAnswer(answer));
  expect(failure).toMatchObject({ code, message: expect.stringContaining(words) });
  expect(failure).not.toBeInstanceOf(TransientFailure);
  expect(asked).toBe(1);
});

const wrongChecksum: StoreAnswer = {
  ...gcsAnswer("invalid"),
  body: JSON.stringify({
    error: {
      message: 'Provided CRC32C "AAAAAA==" doesn\'t match calculated CRC32C "mnG7TA==".',
      errors: [{ reason: "invalid" }],
    },
  }),
};
const manyRequests = gcsAnswer("rateLimitExceeded");

describe.concurrent("what may pass is tried for some seconds", () => {
  test.each<[string, StoreAnswer, string]>([
    ["429", manyRequests, "bucket.throttled"],
    ["a quota that answers with 403", { ...manyRequests, status: 403 }, "bucket.throttled"],
    ["500", gcsAnswer("internalError"), "bucket.unavailable"],
    ["503", gcsAnswer("backendError"), "bucket.unavailable"],
    ["408", { status: 408, headers: {}, body: "" }, "bucket.unreachable"],
    ["a checksum that does not fit", wrongChecksum, "bucket.corrupt"],
  ])("%s", async (_, answer, code) => {
    const { failure, asked } = await refusalOf(answer);
    expect(failure).toBeInstanceOf(TransientFailure);
    expect(failure.code).toBe(code);
    expect(asked).toBeGreaterThan(3);
  });
});

test("takes for garbage what is not the API", async () => {
  const page = { status: 200, headers: { "content-type": "text/html" }, body: "<html>welcome</html>" };
  const server = await ScriptedStore.start(page);
  const store = await openGcs(server, { bucket: "some-bucket" });
  onTestFinished(async () => {
    await store.close();
    await server.close();
  });
  expect(await codeOf(store.head("key", never))).toBe("bucket.refused");
  expect(await codeOf(store.tryReading("", never))).toBe("bucket.refused");
  expect(await codeOf(store.put("key", bodyOf("x"), settings, never))).toBe("bucket.refused");
});

describe("before anything is asked", () => {
  const common = { bucket: "b", request_timeout: 1000 };

  test.each([
    ["credentials that are no JSON", { credentials: "-----BEGIN PRIVATE KEY-----" }],
    ["credentials of no known kind", { credentials: '{"type":"else","private_key":"PRIVATE KEY"}' }],
    ["an endpoint without http", { endpoint: "storage:4443" }],
  ])("refuses %s", async (_, options) => {
    const failure = await openGcsStore({ ...common, ...options }, undefined, "exports").catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: "bucket.options", message: expect.stringContaining("`exports`") });
    expect(`${failure.message} ${failure.help}`).not.toContain("PRIVATE KEY");
  });
});
