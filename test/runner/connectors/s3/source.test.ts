// Buckets of S3 are read as all others are, from a real server.
import { describe } from "vitest";
import { openS3Store } from "../../../../runner/connectors/s3/open-store.ts";
import { openS3Source } from "../../../../runner/connectors/s3/source.ts";
import { objectSourceConformance } from "../../../conformance/object-source.ts";
import { newS3Bucket } from "../../../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../../../kit/shared-buckets.ts";

describe.skipIf(!hasSharedS3())("the source of an S3 bucket", () => {
  objectSourceConformance(async () => {
    const s3 = await sharedS3();
    const bucket = await newS3Bucket(s3);
    const { endpoint, region, app } = s3;
    const credentials = JSON.stringify({
      access_key_id: app.accessKeyId,
      secret_access_key: app.secretAccessKey,
    });
    const connection = { bucket, endpoint, region, credentials, request_timeout: 10_000 };
    return {
      store: () => openS3Store(connection, undefined, "test"),
      open: (options, context) => openS3Source({ ...connection, ...options }, context),
    };
  });
});
