// The kit's own promises: stores that only refuse answer what they are told to, as real ones word it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ScriptedStore } from "./scripted-store.ts";
import { gcsAnswer, s3Answer } from "./store-answers.ts";

describe("a scripted store", () => {
  let store: ScriptedStore;
  beforeEach(async () => {
    store = await ScriptedStore.start(s3Answer("NoSuchBucket"));
  });
  afterEach(() => store.close());

  test("gives answers in turn, and the same one from then on", async () => {
    store.answerNext(s3Answer("SlowDown"), s3Answer("ExpiredToken"));
    const statuses = [];
    for (const key of ["a", "b", "c", "d"]) {
      const answer = await fetch(`${store.endpoint}/b/${key}`, { method: "PUT", body: "x" });
      statuses.push([answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]]);
    }
    expect(statuses).toEqual([
      [503, "SlowDown"],
      [400, "ExpiredToken"],
      [404, "NoSuchBucket"],
      [404, "NoSuchBucket"],
    ]);
    expect(store.asked).toEqual(["PUT /b/a", "PUT /b/b", "PUT /b/c", "PUT /b/d"]);
    store.answerAll(gcsAnswer("rateLimitExceeded"));
    const answer = await fetch(store.endpoint);
    expect([answer.status, await answer.json()]).toMatchObject([
      429,
      { error: { code: 429, errors: [{ reason: "rateLimitExceeded", domain: "usageLimits" }] } },
    ]);
  });

  test("tells where a bucket is, and nothing but a status to those that ask for the head", async () => {
    store.answerAll(s3Answer("PermanentRedirect"));
    const answer = await fetch(`${store.endpoint}/b`, { method: "HEAD", redirect: "manual" });
    expect(answer.status).toBe(301);
    expect(answer.headers.get("x-amz-bucket-region")).toBe("eu-west-3");
    expect(await answer.text()).toBe("");
  });
});
