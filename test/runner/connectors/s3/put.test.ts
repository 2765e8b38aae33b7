// An upload in parts that can't be completed: it may be that it was, and else it begins anew.
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SHA256_KEY } from "../../../../runner/connectors/objects/store.ts";
import { codeOf } from "../../../kit/failures.ts";
import { HttpProxy } from "../../../kit/http-proxy.ts";
import { patternBody } from "../../../kit/object-bodies.ts";
import { openS3 } from "../../../kit/open-stores.ts";
import { newS3Bucket, type S3Place } from "../../../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../../../kit/shared-buckets.ts";
import { s3Answer } from "../../../kit/store-answers.ts";

const never = new AbortController().signal;
const settings = { contentType: "text/plain", metadata: {}, onlyNew: true };
const complete = { method: "POST", path: "uploadId=" } as const;
const body = patternBody(8 * 1024 * 1024 + 1);

describe.skipIf(!hasSharedS3())("an upload in parts", () => {
  let s3: S3Place;
  let bucket: string;
  beforeAll(async () => {
    s3 = await sharedS3();
    bucket = await newS3Bucket(s3);
  });

  async function opened() {
    const proxy = await HttpProxy.to(s3.endpoint);
    const store = await openS3(s3, { bucket, endpoint: proxy.endpoint });
    onTestFinished(async () => {
      await store.close();
      await proxy.close();
    });
    const begun = () =>
      proxy.asked.filter((one) => one.startsWith("POST") && one.includes("?uploads")).length;
    return { proxy, store, begun };
  }

  test.each(["NoSuchUpload", "ConditionalRequestConflict"] as const)(
    "that meets %s begins anew",
    async (code) => {
      const { proxy, store, begun } = await opened();
      proxy.fault({ ...complete, how: { answer: s3Answer(code) }, times: 2 });
      expect(await store.put(code, body, settings, never)).toBe("written");
      expect((await store.head(code, never))?.metadata[SHA256_KEY]).toBe(body.sha256);
      expect(begun()).toBe(3);
    },
  );

  test("that never can be completed is given up", async () => {
    const { proxy, store, begun } = await opened();
    proxy.fault({ ...complete, how: { answer: s3Answer("NoSuchUpload") }, times: Number.POSITIVE_INFINITY });
    expect(await codeOf(store.put("never", body, settings, never))).toBe("bucket.unavailable");
    expect(await store.head("never", never)).toBeUndefined();
    expect(begun()).toBe(3);
  });

  test("that was completed, and whose answer was lost, is written, also where the store knows it no more", async () => {
    const { proxy, store, begun } = await opened();
    proxy.fault({ ...complete, how: "lose reply" });
    proxy.fault({ ...complete, how: { answer: s3Answer("NoSuchUpload") }, nth: 2 });
    expect(await store.put("lost", body, { ...settings, onlyNew: false }, never)).toBe("written");
    expect(begun()).toBe(1);
  });
});
