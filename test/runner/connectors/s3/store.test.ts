// S3 is a store of objects as all others are, against a real server.
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { describe } from "vitest";
import { openS3Store } from "../../../../runner/connectors/s3/open-store.ts";
import { objectStoreConformance } from "../../../conformance/object-store.ts";
import { newS3Bucket } from "../../../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../../../kit/shared-buckets.ts";

describe.skipIf(!hasSharedS3())("an S3 bucket", () => {
  objectStoreConformance(
    async () => {
      const s3 = await sharedS3();
      const bucket = await newS3Bucket(s3);
      const { endpoint, region, app, admin } = s3;
      const credentials = JSON.stringify({
        access_key_id: app.accessKeyId,
        secret_access_key: app.secretAccessKey,
      });
      const options = { endpoint, region, credentials, request_timeout: 10_000 };
      return {
        open: () => openS3Store({ ...options, bucket }, undefined, "test"),
        openMissing: () => openS3Store({ ...options, bucket: `${bucket}-none` }, undefined, "test"),
        unfinished: async () => {
          const client = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true });
          const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
          client.destroy();
          return Uploads.map(({ Key = "" }) => Key);
        },
      };
    },
    // SeaweedFS says so to those who may not make buckets.
    { missingBucketWrite: "bucket.denied" },
  );
});
