// Google Cloud Storage is a store of objects as all others are, against a server that speaks its API.
import { describe } from "vitest";
import { openGcsStore } from "../../../../runner/connectors/gcs/open-store.ts";
import { objectStoreConformance } from "../../../conformance/object-store.ts";
import { newGcsBucket } from "../../../kit/gcs-server.ts";
import { hasSharedGcs, sharedGcs } from "../../../kit/shared-buckets.ts";

describe.skipIf(!hasSharedGcs())("a bucket of Google Cloud Storage", () => {
  objectStoreConformance(
    async () => {
      const place = await sharedGcs();
      const bucket = await newGcsBucket(place);
      const options = { endpoint: place.endpoint, request_timeout: 10_000 };
      return {
        open: () => openGcsStore({ ...options, bucket }, undefined, "test"),
        openMissing: () => openGcsStore({ ...options, bucket: `${bucket}-none` }, undefined, "test"),
        // Uploads in one request are whole, or are not there.
        unfinished: async () => [],
      };
    },
    { missingBucketWrite: "bucket.no-bucket" },
  );
});
