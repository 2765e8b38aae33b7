// An object that is larger than what may stand in memory: goes up and comes back in some parts at a time.
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { newGcsBucket } from "../../../kit/gcs-server.ts";
import { accessKeyOf } from "../../../kit/open-stores.ts";
import type { LargeObjectReport, LargeObjectTask } from "../../../kit/put-large-object.ts";
import { newS3Bucket } from "../../../kit/s3-server.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "../../../kit/shared-buckets.ts";

const MIB = 1024 * 1024;
const SIZE_BYTES = 300 * MIB;
/** Four parts, each with what the SDK and sockets hold of it, and what the collector has not taken yet. */
const MORE_BYTES = 160 * MIB;

async function putLarge(task: LargeObjectTask): Promise<LargeObjectReport> {
  const program = new URL("../../../kit/put-large-object.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [program, "run", JSON.stringify(task)]);
  return JSON.parse(stdout);
}

function expectFlat({ startBytes, putBytes, readBytes, same }: LargeObjectReport): void {
  expect(same).toBe(true);
  expect(putBytes - startBytes).toBeLessThan(MORE_BYTES);
  expect(readBytes - startBytes).toBeLessThan(MORE_BYTES);
}

describe.skipIf(!hasSharedS3())("S3", () => {
  test("takes no more memory than some parts", async () => {
    const s3 = await sharedS3();
    const bucket = await newS3Bucket(s3);
    const options = { bucket, credentials: accessKeyOf(s3.app) };
    expectFlat(await putLarge({ sizeBytes: SIZE_BYTES, s3: [s3, options] }));
  }, 120_000);
});

describe.skipIf(!hasSharedGcs())("Google Cloud Storage", () => {
  test("takes no more memory than some chunks", async () => {
    const gcs = await sharedGcs();
    const bucket = await newGcsBucket(gcs);
    expectFlat(await putLarge({ sizeBytes: SIZE_BYTES, gcs: [gcs, { bucket }] }));
  }, 120_000);
});
