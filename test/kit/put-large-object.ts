// A process that puts one large object, made on the fly, and reads it back: what it takes of memory is measured by whoever starts it.
import { createHash } from "node:crypto";
import process from "node:process";
import { patternBody } from "./object-bodies.ts";
import { openGcs, openS3 } from "./open-stores.ts";

export interface LargeObjectTask {
  readonly sizeBytes: number;
  readonly s3?: Parameters<typeof openS3>;
  readonly gcs?: Parameters<typeof openGcs>;
}

export interface LargeObjectReport {
  readonly startBytes: number;
  readonly putBytes: number;
  readonly readBytes: number;
  readonly putMs: number;
  readonly readMs: number;
  readonly same: boolean;
}

if (process.argv[2] === "run") await run(JSON.parse(process.argv[3] ?? "{}"));

async function run({ sizeBytes, s3, gcs }: LargeObjectTask): Promise<void> {
  const store =
    s3 !== undefined ? await openS3(...s3) : gcs !== undefined ? await openGcs(...gcs) : undefined;
  if (store === undefined) throw new Error("no store is given");
  const never = new AbortController().signal;
  const body = patternBody(sizeBytes);
  const startBytes = peakBytes();
  const begunMs = performance.now();
  await store.put("large", body, { contentType: "text/plain", metadata: {}, onlyNew: true }, never);
  const [putBytes, putMs] = [peakBytes(), performance.now() - begunMs];
  const version = (await store.head("large", never))?.version ?? "";
  const hash = createHash("sha256");
  for await (const chunk of store.read("large", version, 0, never)) hash.update(chunk);
  const readMs = performance.now() - begunMs - putMs;
  const report: LargeObjectReport = {
    startBytes,
    putBytes,
    readBytes: peakBytes(),
    putMs: Math.round(putMs),
    readMs: Math.round(readMs),
    same: hash.digest("hex") === body.sha256,
  };
  await store.close();
  process.stdout.write(JSON.stringify(report));
}

/** The most that this process has held so far. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
