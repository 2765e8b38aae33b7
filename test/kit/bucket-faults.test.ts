// The kit's own promises: real stores stand behind the proxy as they stand alone, and what goes wrong between leaves them as it would elsewhere.
import { afterEach, describe, expect, test } from "vitest";
import { gcsDownload, gcsUpload } from "./gcs-request.ts";
import { newGcsBucket } from "./gcs-server.ts";
import { HttpProxy } from "./http-proxy.ts";
import { type S3Question, s3Request } from "./s3-request.ts";
import { newS3Bucket } from "./s3-server.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "./shared-buckets.ts";

let proxy: HttpProxy | undefined;
afterEach(() => proxy?.close());

describe.skipIf(!hasSharedS3())("an S3 server behind a proxy", () => {
  async function behindProxy() {
    const { endpoint, region, app, ...s3 } = await sharedS3();
    const bucket = await newS3Bucket({ endpoint, region, app, ...s3 });
    proxy = await HttpProxy.to(endpoint);
    const target = { endpoint: proxy.endpoint, region, credentials: app };
    const ask = async (question: Omit<S3Question, "bucket">) => {
      const answer = await s3Request(target, { ...question, bucket });
      return { status: answer.status, text: await answer.text() };
    };
    return { proxy, ask };
  }

  test("has the object of an answer that was lost, and refuses it the second time", async () => {
    const { proxy, ask } = await behindProxy();
    const fault = proxy.fault({ how: "lose reply", method: "PUT", path: "/once" });
    const put = { method: "PUT", key: "once", body: "hello", headers: { "if-none-match": "*" } } as const;
    await expect(ask(put)).rejects.toThrow();
    await fault.met;
    expect(await ask(put)).toMatchObject({ status: 412 });
    expect(await ask({ method: "GET", key: "once" })).toEqual({ status: 200, text: "hello" });
    expect([fault.count, proxy.passed]).toEqual([1, 2]);
  });

  test("shows nothing of an upload that was cut", async () => {
    const { proxy, ask } = await behindProxy();
    const fault = proxy.fault({ how: { cutAfterBytes: 1_000_000 }, method: "PUT" });
    const put = { method: "PUT", key: "cut", body: new Uint8Array(3_000_000) } as const;
    await expect(ask(put)).rejects.toThrow();
    await fault.met;
    expect(await ask({ method: "HEAD", key: "cut" })).toMatchObject({ status: 404 });
    expect(await ask(put)).toMatchObject({ status: 200 });
  });
});

describe.skipIf(!hasSharedGcs())("a Google Cloud Storage server behind a proxy", () => {
  test("has the object of an answer that was lost, and nothing of an upload that was cut", async () => {
    const gcs = await sharedGcs();
    const bucket = await newGcsBucket(gcs);
    proxy = await HttpProxy.to(gcs.endpoint);
    const cut = proxy.fault({ how: { cutAfterBytes: 1_000_000 }, method: "POST" });
    const lost = proxy.fault({ how: "lose reply", method: "POST", nth: 2 });
    const upload = { bucket, body: "x".repeat(3_000_000), onlyNew: true };
    await expect(gcsUpload(proxy, { ...upload, key: "cut" })).rejects.toThrow();
    await expect(gcsUpload(proxy, { ...upload, key: "lost" })).rejects.toThrow();
    await Promise.all([cut.met, lost.met]);
    expect(await gcsDownload(proxy, bucket, "cut")).toMatchObject({ status: 404 });
    expect(await gcsUpload(proxy, { ...upload, key: "lost" })).toBe(412);
    expect(await gcsDownload(proxy, bucket, "lost")).toEqual({ status: 200, text: upload.body });
  });
});
