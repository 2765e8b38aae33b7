// The kit's own promises: another client finds in a bucket what was put there, and says so in full.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { gcsUpload } from "./gcs-request.ts";
import { newGcsBucket } from "./gcs-server.ts";
import { fetchReaders, readBackGcs, readBackS3 } from "./read-back.ts";
import { s3Request } from "./s3-request.ts";
import { newS3Bucket } from "./s3-server.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "./shared-buckets.ts";

describe.skipIf(!hasSharedS3())("a bucket that boto3 reads back", () => {
  beforeAll(fetchReaders);

  test("has each object below a prefix, with all that was said of it", async () => {
    const s3 = await sharedS3();
    const bucket = await newS3Bucket(s3);
    const target = { ...s3, credentials: s3.app };
    const put = async (key: string, body: string | Uint8Array<ArrayBuffer>, more = {}) => {
      const headers = { "content-type": "application/x-ndjson", ...more };
      const answer = await s3Request(target, { method: "PUT", bucket, key, body, headers });
      expect(answer.status).toBe(200);
    };
    await put("in/a b/ü.jsonl", '{"a":1}\n{"a":2}\n', {
      "x-amz-meta-strm-stream": "visits",
      "x-amz-tagging": "team=data",
    });
    await put("in/gz.jsonl.gz", new Uint8Array(gzipSync("1\n2\n3\n")));
    await put("in/zst.jsonl.zst", new Uint8Array(zstdCompressSync("1\n2\n")));
    await put("out/elsewhere.jsonl", "0\n");
    const [first, ...others] = await readBackS3(s3, bucket, "in/");
    expect(first).toMatchObject({
      key: "in/a b/ü.jsonl",
      sizeBytes: 16,
      contentType: "application/x-ndjson",
      metadata: { "strm-stream": "visits" },
      tags: { team: "data" },
      lines: ['{"a":1}', '{"a":2}'],
    });
    expect(others.map(({ key, lines }) => [key, lines])).toEqual([
      ["in/gz.jsonl.gz", ["1", "2", "3"]],
      ["in/zst.jsonl.zst", ["1", "2"]],
    ]);
    expect(await readBackS3(s3, bucket, "none/")).toEqual([]);
  });

  test("that isn't there is told, not taken for an empty one", async () => {
    await expect(readBackS3(await sharedS3(), "strm-test-none")).rejects.toThrow("NoSuchBucket");
  });
});

describe.skipIf(!hasSharedGcs())("a bucket that Google's client for Python reads back", () => {
  beforeAll(fetchReaders);

  test("has each object below a prefix, with all that was said of it", async () => {
    const gcs = await sharedGcs();
    const bucket = await newGcsBucket(gcs);
    const metadata = { "strm-stream": "visits" };
    const contentType = "application/x-ndjson";
    await gcsUpload(gcs, { bucket, key: "in/a b/ü.jsonl", body: "1\n2\n", metadata, contentType });
    await gcsUpload(gcs, { bucket, key: "out/elsewhere.jsonl", body: "0\n" });
    const objects = await readBackGcs(gcs, bucket, "in/");
    expect(objects).toMatchObject([
      { key: "in/a b/ü.jsonl", sizeBytes: 4, contentType, metadata, lines: ["1", "2"] },
    ]);
    await expect(readBackGcs(gcs, "strm-test-none")).rejects.toThrow("NotFound");
  });
});
