// How Google Cloud Storage keeps objects, as another client sees them.
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type GcsPlace, newGcsBucket } from "../../../kit/gcs-server.ts";
import { notingServer } from "../../../kit/noting-server.ts";
import { bodyOf, patternBody } from "../../../kit/object-bodies.ts";
import { openGcs } from "../../../kit/open-stores.ts";
import { fetchReaders, readBackGcs } from "../../../kit/read-back.ts";
import { hasSharedGcs, sharedGcs } from "../../../kit/shared-buckets.ts";

const never = new AbortController().signal;
const settings = { contentType: "application/x-ndjson", metadata: { stream: "safe" }, onlyNew: true };
const LARGE_BYTES = 8 * 1024 * 1024 + 1;

describe.skipIf(!hasSharedGcs())("Google Cloud Storage", () => {
  let gcs: GcsPlace;
  let bucket: string;
  beforeAll(async () => {
    await fetchReaders();
    gcs = await sharedGcs();
    bucket = await newGcsBucket(gcs);
  });

  test("keeps objects as the step says", async () => {
    const store = await openGcs(gcs, { bucket }, { metadata: ["Team=web"] });
    onTestFinished(() => store.close());
    const large = patternBody(LARGE_BYTES);
    await store.put("kept/large", large, settings, never);
    await store.put("kept/small", bodyOf("{}\n"), settings, never);
    const objects = await readBackGcs(gcs, bucket, "kept/");
    expect(objects.map(({ key, sizeBytes }) => ({ key, sizeBytes }))).toEqual([
      { key: "kept/large", sizeBytes: LARGE_BYTES },
      { key: "kept/small", sizeBytes: 3 },
    ]);
    for (const object of objects) {
      expect(object).toMatchObject({
        contentType: "application/x-ndjson",
        metadata: { team: "web", stream: "safe" },
      });
    }
    expect(objects[0]?.metadata["strm-sha256"]).toBe(large.sha256);
  });
});

test("names class and key of encryption with each object, and with what only tries", async () => {
  const { seen, endpoint } = await notingServer(() => ({ status: 200, body: {} }));
  const kms_key = "projects/p/locations/l/keyRings/r/cryptoKeys/k";
  const writing = { storage_class: "NEARLINE" as const, kms_key, metadata: [] };
  const store = await openGcs({ endpoint }, { bucket: "b" }, writing);
  onTestFinished(() => store.close());
  await store.put("key", bodyOf("x"), settings, never);
  await store.tryWriting("key", never);
  expect(seen.length).toBe(2);
  for (const { path, body } of seen) {
    expect(path).toContain(`kmsKeyName=${encodeURIComponent(kms_key)}`);
    expect(body).toContain('"storageClass":"NEARLINE"');
  }
});
