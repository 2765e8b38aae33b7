// Google Cloud Storage is a store of objects as all others are, against a server that speaks its API, and by a network that fails.
import { describe } from "vitest";
import { objectStoreConformance } from "../../../conformance/object-store.ts";
import { objectStoreFaults } from "../../../conformance/object-store-faults.ts";
import { newGcsBucket } from "../../../kit/gcs-server.ts";
import { openGcs } from "../../../kit/open-stores.ts";
import { hasSharedGcs, sharedGcs } from "../../../kit/shared-buckets.ts";
import { gcsAnswer } from "../../../kit/store-answers.ts";

/** Uploads in one request are whole, or are not there. */
const unfinished = async () => [];

describe.skipIf(!hasSharedGcs())("a bucket of Google Cloud Storage", () => {
  objectStoreConformance(
    async () => {
      const gcs = await sharedGcs();
      const bucket = await newGcsBucket(gcs);
      return {
        open: () => openGcs(gcs, { bucket }),
        openMissing: () => openGcs(gcs, { bucket: `${bucket}-none` }),
        unfinished,
      };
    },
    { missingBucketWrite: "bucket.no-bucket" },
  );
});

describe.skipIf(!hasSharedGcs())("a bucket of Google Cloud Storage by a network that fails", () => {
  objectStoreFaults(
    async () => {
      const gcs = await sharedGcs();
      const bucket = await newGcsBucket(gcs);
      return {
        endpoint: gcs.endpoint,
        open: (endpoint, silenceMs) => openGcs(gcs, { bucket, endpoint, request_timeout: silenceMs }),
        unfinished,
      };
    },
    {
      kinds: [
        { name: "a put", match: { method: "POST", path: "uploadType=multipart" }, work: "put", sends: true },
        {
          name: "a large put",
          match: { method: "POST", path: "uploadType=multipart" },
          work: "putLarge",
          sends: true,
        },
        { name: "a question for an object", match: { method: "GET", path: "fields=name" }, work: "head" },
        { name: "a listing", match: { method: "GET", path: "maxResults" }, work: "list" },
        { name: "a read", match: { method: "GET", path: "alt=media" }, work: "read" },
        {
          name: "the beginning of an upload",
          match: { method: "POST", path: "uploadType=resumable" },
          work: "tryWriting",
        },
      ],
      slowDown: gcsAnswer("rateLimitExceeded"),
    },
  );
});
