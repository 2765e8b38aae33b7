// The kit's own promises: servers of buckets come up, ask for what real ones ask for, and keep their objects when they are killed.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { gcsDownload, gcsUpload } from "./gcs-request.ts";
import { GcsServer, newGcsBucket } from "./gcs-server.ts";
import { type S3Credentials, type S3Question, s3Request } from "./s3-request.ts";
import { newS3Bucket, type S3Place, S3Server } from "./s3-server.ts";
import { hasOwnGcs, hasOwnS3, hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "./shared-buckets.ts";

async function ask({ endpoint, region, app }: S3Place, question: S3Question, as: S3Credentials = app) {
  const answer = await s3Request({ endpoint, region, credentials: as }, question);
  return { status: answer.status, text: await answer.text() };
}

describe.skipIf(!hasSharedS3())("the shared S3 server", () => {
  let s3: S3Place;
  let bucket: string;
  beforeAll(async () => {
    s3 = await sharedS3();
    bucket = await newS3Bucket(s3);
  });

  test("takes and gives objects, whatever their keys are made of", async () => {
    const key = "a b/ü(1)*'!+=@~/x.jsonl";
    expect(await ask(s3, { method: "PUT", bucket, key, body: "hello" })).toMatchObject({ status: 200 });
    expect(await ask(s3, { method: "GET", bucket, key })).toEqual({ status: 200, text: "hello" });
    const list = await ask(s3, { method: "GET", bucket, query: { "list-type": "2", prefix: "a b/ü" } });
    expect(list.text).toContain("<KeyCount>1</KeyCount>");
  });

  test("knows the conditions that exactly-once asks for, also among rivals", async () => {
    const rivals = Array.from({ length: 10 }, (_, i) => `rival ${i}`);
    const once = { method: "PUT", bucket, key: "once", headers: { "if-none-match": "*" } } as const;
    const answers = await Promise.all(rivals.map((body) => ask(s3, { ...once, body })));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await ask(s3, { method: "GET", bucket, key: "once" })).toMatchObject({ text: rivals[winner] });
  });

  test("refuses wrong secrets, checksums that don't fit, and buckets that it does not have", async () => {
    const put = { method: "PUT", bucket, key: "refused", body: "x" } as const;
    const wrong = { ...s3.app, secretAccessKey: "wrong" };
    const refused = await ask(s3, put, wrong);
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining("SignatureDoesNotMatch") });
    const sum = { ...put, headers: { "x-amz-checksum-crc32": "AAAAAA==" } };
    expect(await ask(s3, sum)).toMatchObject({ status: 400 });
    expect((await ask(s3, { ...put, bucket: `${bucket}-none` })).status).toBeGreaterThanOrEqual(403);
    expect(await ask(s3, { method: "HEAD", bucket, key: "refused" })).toMatchObject({ status: 404 });
  });

  test("lets readers read, and nothing else", async (context) => {
    if (s3.reader === undefined) return context.skip("the given server has no reader");
    await ask(s3, { method: "PUT", bucket, key: "read", body: "hello" });
    expect(await ask(s3, { method: "GET", bucket, key: "read" }, s3.reader)).toMatchObject({ text: "hello" });
    const put = await ask(s3, { method: "PUT", bucket, key: "read", body: "x" }, s3.reader);
    expect(put).toMatchObject({ status: 403, text: expect.stringContaining("AccessDenied") });
    const gone = await ask(s3, { method: "DELETE", bucket, key: "read" }, s3.reader);
    expect(gone).toMatchObject({ status: 403 });
  });
});

describe.skipIf(!hasOwnS3())("an S3 server of one's own", () => {
  let server: S3Server | undefined;
  afterEach(() => server?.stop());

  test("keeps its objects and its port when it is killed and started again, and answers nothing while it is frozen", async () => {
    server = await S3Server.start();
    const bucket = await server.newBucket();
    await ask(server, { method: "PUT", bucket, key: "kept", body: "hello" });
    await server.kill();
    const get = { method: "GET", bucket, key: "kept" } as const;
    await expect(ask(server, get)).rejects.toThrow();
    await server.restart();
    expect(await ask(server, get)).toEqual({ status: 200, text: "hello" });
    await server.freeze();
    const asked = ask(server, get);
    expect(await Promise.race([asked, sleep(200, "nothing")])).toBe("nothing");
    server.thaw();
    expect(await asked).toMatchObject({ text: "hello" });
  }, 60_000);
});

describe.skipIf(!hasSharedGcs())("the shared Google Cloud Storage server", () => {
  test("takes and gives objects, and lets one of many rivals win", async () => {
    const gcs = await sharedGcs();
    const bucket = await newGcsBucket(gcs);
    const key = "a b/ü(1)+=@/x.jsonl";
    const rivals = Array.from({ length: 10 }, (_, i) => `rival ${i}`);
    const statuses = await Promise.all(
      rivals.map((body) => gcsUpload(gcs, { bucket, key, body, onlyNew: true })),
    );
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    const winner = rivals[statuses.indexOf(200)];
    expect(await gcsDownload(gcs, bucket, key)).toEqual({ status: 200, text: winner });
    expect(await gcsUpload(gcs, { bucket: `${bucket}-none`, key, body: "x" })).toBe(404);
  });
});

describe.skipIf(!hasOwnGcs())("a Google Cloud Storage server of one's own", () => {
  let server: GcsServer | undefined;
  afterEach(() => server?.stop());

  test("keeps its objects and its port when it is killed and started again", async () => {
    server = await GcsServer.start();
    const bucket = await server.newBucket();
    await gcsUpload(server, { bucket, key: "kept", body: "hello" });
    await server.kill();
    await expect(gcsDownload(server, bucket, "kept")).rejects.toThrow();
    await server.restart();
    expect(await gcsDownload(server, bucket, "kept")).toEqual({ status: 200, text: "hello" });
    expect(await gcsUpload(server, { bucket, key: "kept", body: "other", onlyNew: true })).toBe(412);
  });
});
