// Runs that read buckets are killed at random instants, again and again, and started again: nothing is lost, and nothing doubled.
import { describe, expect, test } from "vitest";
import { openGcsStore } from "../../runner/connectors/gcs/open-store.ts";
import type { ObjectStore } from "../../runner/connectors/objects/store.ts";
import { openS3Store } from "../../runner/connectors/s3/open-store.ts";
import { newGcsBucket } from "../kit/gcs-server.ts";
import { bodyOf } from "../kit/object-bodies.ts";
import { proveByKills } from "../kit/proof-kills.ts";
import { makeBucketProof, type ProofBucket } from "../kit/proof-pipeline.ts";
import { newS3Bucket } from "../kit/s3-server.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "../kit/shared-buckets.ts";

const KILLS = Number(process.env.STRM_CRASHES ?? 16) / 2;
const LINES = 20_000;
const REQUEST_TIMEOUT_MS = 10_000;

function putter(store: ObjectStore): ProofBucket["put"] {
  const settings = { contentType: "application/x-ndjson", metadata: {}, onlyNew: true };
  return async (key, bytes) => {
    expect(await store.put(key, bodyOf(bytes), settings, new AbortController().signal)).toBe("written");
  };
}

async function s3Bucket(): Promise<ProofBucket> {
  const place = await sharedS3();
  const { endpoint, region, app } = place;
  const bucket = await newS3Bucket(place);
  const credentials = JSON.stringify({
    access_key_id: app.accessKeyId,
    secret_access_key: app.secretAccessKey,
  });
  const options = { bucket, endpoint, region, credentials, request_timeout: REQUEST_TIMEOUT_MS };
  return {
    source: `s3 { bucket = "${bucket}", prefix = "in", endpoint = "${endpoint}", region = "${region}", credentials = env("READER") }`,
    env: { READER: credentials },
    put: putter(await openS3Store(options, undefined, "test")),
  };
}

async function gcsBucket(): Promise<ProofBucket> {
  const place = await sharedGcs();
  const { endpoint } = place;
  const bucket = await newGcsBucket(place);
  const options = { bucket, endpoint, request_timeout: REQUEST_TIMEOUT_MS };
  return {
    source: `gcs { bucket = "${bucket}", prefix = "in", endpoint = "${endpoint}" }`,
    env: {},
    put: putter(await openGcsStore(options, undefined, "test")),
  };
}

describe.each([
  ["S3", hasSharedS3(), s3Bucket],
  ["Google Cloud Storage", hasSharedGcs(), gcsBucket],
] as const)("a pipeline that reads a bucket of %s and is killed at any instant", (_, has, bucketOf) => {
  test.skipIf(!has)(
    `has every event once where it belongs after ${KILLS} kills`,
    { timeout: 120_000 + KILLS * 15_000 },
    () => proveByKills(KILLS, async (seed) => makeBucketProof(await bucketOf(), seed, LINES)),
  );
});
