// Buckets of Google Cloud Storage are read as all others are, from a server that speaks its API.
import { describe } from "vitest";
import { openGcsStore } from "../../../../runner/connectors/gcs/open-store.ts";
import { openGcsSource } from "../../../../runner/connectors/gcs/source.ts";
import { objectSourceConformance } from "../../../conformance/object-source.ts";
import { newGcsBucket } from "../../../kit/gcs-server.ts";
import { hasSharedGcs, sharedGcs } from "../../../kit/shared-buckets.ts";

describe.skipIf(!hasSharedGcs())("the source of a bucket of Google Cloud Storage", () => {
  objectSourceConformance(async () => {
    const place = await sharedGcs();
    const bucket = await newGcsBucket(place);
    const connection = { bucket, endpoint: place.endpoint, request_timeout: 10_000 };
    return {
      store: () => openGcsStore(connection, undefined, "test"),
      open: (options, context) => openGcsSource({ ...connection, ...options }, context),
    };
  });
});
