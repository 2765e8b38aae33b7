// The stores that a test runs against, each as a pipeline names it, and with another client to read it back.
import type { ProofStore } from "./bucket-proof.ts";
import { newGcsBucket } from "./gcs-server.ts";
import { type ReadObject, readBackGcs, readBackS3 } from "./read-back.ts";
import { newS3Bucket } from "./s3-server.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "./shared-buckets.ts";

export interface BucketPlace {
  readonly endpoint: string;
  /** A new bucket that is reached at that address, which may be a proxy's. */
  readonly storeAt: (endpoint: string) => Promise<ProofStore>;
  readonly readBack: (bucket: string) => Promise<readonly ReadObject[]>;
}

export interface BucketKind {
  readonly name: "s3" | "gcs";
  readonly canRun: boolean;
  readonly place: () => Promise<BucketPlace>;
}

export const bucketKinds: readonly BucketKind[] = [
  {
    name: "s3",
    canRun: hasSharedS3(),
    place: async () => {
      const s3 = await sharedS3();
      const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = s3.app;
      return {
        endpoint: s3.endpoint,
        storeAt: async (endpoint) => ({
          name: "s3",
          bucket: await newS3Bucket(s3),
          options: `endpoint = "${endpoint}", region = "${s3.region}", credentials = env("UPLOADER"), request_timeout = 1s`,
          env: { UPLOADER: JSON.stringify({ access_key_id, secret_access_key }) },
        }),
        readBack: (bucket) => readBackS3(s3, bucket),
      };
    },
  },
  {
    name: "gcs",
    canRun: hasSharedGcs(),
    place: async () => {
      const gcs = await sharedGcs();
      return {
        endpoint: gcs.endpoint,
        storeAt: async (endpoint) => ({
          name: "gcs",
          bucket: await newGcsBucket(gcs),
          options: `endpoint = "${endpoint}", request_timeout = 1s`,
          env: {},
        }),
        readBack: (bucket) => readBackGcs(gcs, bucket),
      };
    },
  },
];
