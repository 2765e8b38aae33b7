// How S3 keeps objects, as another client sees them; and who may not write any.
import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { codeOf } from "../../../kit/failures.ts";
import { notingServer } from "../../../kit/noting-server.ts";
import { bodyOf, patternBody } from "../../../kit/object-bodies.ts";
import { accessKeyOf, openS3 } from "../../../kit/open-stores.ts";
import { fetchReaders, readBackS3 } from "../../../kit/read-back.ts";
import { newS3Bucket, type S3Place } from "../../../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../../../kit/shared-buckets.ts";

const never = new AbortController().signal;
const settings = { contentType: "application/x-ndjson", metadata: { stream: "safe" }, onlyNew: true };
const LARGE_BYTES = 8 * 1024 * 1024 + 1;
const plain = { encryption: "none" as const, metadata: [], tags: [] };

describe.skipIf(!hasSharedS3())("S3", () => {
  let s3: S3Place;
  let bucket: string;
  beforeAll(async () => {
    await fetchReaders();
    s3 = await sharedS3();
    bucket = await newS3Bucket(s3);
  });

  test("keeps objects as the step says, whether they came in parts or not", async () => {
    const tags = ["cost-center=12", "who=data & co=x"];
    const metadata = ["Team=web"];
    const writing = { ...plain, storage_class: "STANDARD_IA" as const, metadata, tags };
    const store = await openS3(s3, { bucket }, writing);
    onTestFinished(() => store.close());
    const large = patternBody(LARGE_BYTES);
    await store.put("kept/large", large, settings, never);
    await store.put("kept/small", bodyOf("{}\n"), settings, never);
    const objects = await readBackS3(s3, bucket, "kept/");
    expect(objects.map(({ key, sizeBytes }) => ({ key, sizeBytes }))).toEqual([
      { key: "kept/large", sizeBytes: LARGE_BYTES },
      { key: "kept/small", sizeBytes: 3 },
    ]);
    for (const object of objects) {
      expect(object).toMatchObject({
        contentType: "application/x-ndjson",
        storageClass: "STANDARD_IA",
        metadata: { team: "web", stream: "safe" },
        tags: { "cost-center": "12", who: "data & co=x" },
      });
    }
    expect(objects[0]?.metadata["strm-sha256"]).toBe(large.sha256);
  });

  test("names the right that somebody lacks, before anything is there", async (context) => {
    if (s3.reader === undefined) return context.skip("the given server has no reader");
    const store = await openS3(s3, { bucket, credentials: accessKeyOf(s3.reader) });
    onTestFinished(() => store.close());
    await store.tryReading("", never);
    const failure = await store.tryWriting("denied", never).catch((error) => error);
    expect(failure).toMatchObject({
      code: "bucket.denied",
      message: expect.stringContaining("`s3:PutObject`"),
    });
    expect(await codeOf(store.put("denied", bodyOf("x"), settings, never))).toBe("bucket.denied");
    expect(await codeOf(store.put("denied", patternBody(LARGE_BYTES), settings, never))).toBe(
      "bucket.denied",
    );
    expect(await store.head("denied", never)).toBeUndefined();
  });

  test("takes an object whose upload somebody else left half done", async () => {
    const { endpoint, region, app } = s3;
    const client = new S3Client({ endpoint, region, credentials: app, forcePathStyle: true });
    const place = { Bucket: bucket, Key: "left" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
    await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: "half" }));
    client.destroy();
    const store = await openS3(s3, { bucket });
    onTestFinished(() => store.close());
    const body = patternBody(LARGE_BYTES);
    expect(await store.head("left", never)).toBeUndefined();
    expect(await store.put("left", body, settings, never)).toBe("written");
    expect((await store.head("left", never))?.sizeBytes).toBe(LARGE_BYTES);
  });
});

test.each([
  ["the store's keys", { encryption: "aes256" as const }, { "x-amz-server-side-encryption": "AES256" }],
  [
    "a key of KMS",
    { encryption: "kms" as const, kms_key: "k-1" },
    { "x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "k-1" },
  ],
])("asks for encryption by %s, with each object and with what only tries", async (_, options, headers) => {
  const upload = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
  const { seen, endpoint } = await notingServer(({ method }) => ({
    status: 200,
    body: method === "POST" ? upload : "",
  }));
  const app = { accessKeyId: "a", secretAccessKey: "s" };
  const store = await openS3({ endpoint, region: "r", app }, { bucket: "b" }, { ...plain, ...options });
  onTestFinished(() => store.close());
  await store.put("key", bodyOf("x"), settings, never);
  await store.tryWriting("key", never);
  const [put, begin] = seen;
  expect(put).toMatchObject({ method: "PUT", headers });
  expect(begin).toMatchObject({ method: "POST", headers });
});
