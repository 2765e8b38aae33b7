// S3 is a store of objects as all others are, against a real server, and by a network that fails.
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { describe } from "vitest";
import { objectStoreConformance } from "../../../conformance/object-store.ts";
import { objectStoreFaults } from "../../../conformance/object-store-faults.ts";
import { openS3 } from "../../../kit/open-stores.ts";
import { newS3Bucket, type S3Place } from "../../../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../../../kit/shared-buckets.ts";
import { s3Answer } from "../../../kit/store-answers.ts";

async function unfinished({ endpoint, region, admin }: S3Place, bucket: string): Promise<readonly string[]> {
  const client = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true });
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  client.destroy();
  return Uploads.map(({ Key = "" }) => Key);
}

describe.skipIf(!hasSharedS3())("an S3 bucket", () => {
  objectStoreConformance(
    async () => {
      const s3 = await sharedS3();
      const bucket = await newS3Bucket(s3);
      return {
        open: () => openS3(s3, { bucket }),
        openMissing: () => openS3(s3, { bucket: `${bucket}-none` }),
        unfinished: () => unfinished(s3, bucket),
      };
    },
    // SeaweedFS says so to those who may not make buckets.
    { missingBucketWrite: "bucket.denied" },
  );
});

describe.skipIf(!hasSharedS3())("an S3 bucket by a network that fails", () => {
  objectStoreFaults(
    async () => {
      const s3 = await sharedS3();
      const bucket = await newS3Bucket(s3);
      return {
        endpoint: s3.endpoint,
        open: (endpoint, silenceMs) => openS3(s3, { bucket, endpoint, request_timeout: silenceMs }),
        unfinished: () => unfinished(s3, bucket),
      };
    },
    {
      kinds: [
        { name: "a put", match: { method: "PUT", path: "x-id=PutObject" }, work: "put", sends: true },
        {
          name: "the beginning of an upload",
          match: { method: "POST", path: "uploads" },
          work: "putLarge",
          opens: true,
        },
        { name: "a part", match: { method: "PUT", path: "partNumber=2" }, work: "putLarge", sends: true },
        {
          name: "the completion of an upload",
          match: { method: "POST", path: "uploadId=" },
          work: "putLarge",
        },
        { name: "a question for an object", match: { method: "HEAD" }, work: "head" },
        { name: "a listing", match: { method: "GET", path: "list-type=2" }, work: "list" },
        { name: "a read", match: { method: "GET", path: "x-id=GetObject" }, work: "read" },
        { name: "the removal of an upload", match: { method: "DELETE" }, work: "tryWriting" },
      ],
      slowDown: s3Answer("SlowDown"),
    },
  );
});
