// What does not fit its checksum is not taken for an object, whoever keeps the checksum.
import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { crc32c } from "../../../../runner/connectors/crc32c.ts";
import { checksumText } from "../../../../runner/connectors/gcs/upload.ts";
import type { ObjectStore } from "../../../../runner/connectors/objects/store.ts";
import { codeOf } from "../../../kit/failures.ts";
import { openGcs, openS3 } from "../../../kit/open-stores.ts";
import { ScriptedStore } from "../../../kit/scripted-store.ts";

const never = new AbortController().signal;
const body = "what an object holds";
const app = { accessKeyId: "a", secretAccessKey: "s" };
const sha256 = createHash("sha256").update(body).digest("hex");
const checksum = checksumText(crc32c(Buffer.from(body)));
const zeros = "0".repeat(64);

async function readAs(
  open: (endpoint: string) => Promise<ObjectStore>,
  headers: Readonly<Record<string, string>>,
) {
  const server = await ScriptedStore.start({ status: 200, headers, body });
  const store = await open(server.endpoint);
  onTestFinished(async () => {
    await store.close();
    await server.close();
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read("key", "7", 0, never)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const s3 = (endpoint: string) => openS3({ endpoint, region: "r", app }, { bucket: "b" });
const gcs = (endpoint: string) => openGcs({ endpoint }, { bucket: "b" });

test("S3's own checksum, and strm's", async () => {
  expect(await codeOf(readAs(s3, { "x-amz-checksum-crc32": "AAAAAA==" }))).toBe("bucket.corrupt");
  expect(await codeOf(readAs(s3, { "x-amz-meta-strm-sha256": zeros }))).toBe("bucket.corrupt");
  expect(await readAs(s3, { "x-amz-meta-strm-sha256": sha256 })).toBe(body);
});

test("Google's own checksum", async () => {
  const generation = { "x-goog-generation": "7" };
  expect(await codeOf(readAs(gcs, { ...generation, "x-goog-hash": "crc32c=AAAAAA==" }))).toBe(
    "bucket.corrupt",
  );
  expect(await readAs(gcs, { ...generation, "x-goog-hash": `crc32c=${checksum}` })).toBe(body);
});
