// Random bytes for secrets and nonces, drawn many at a time: a call into the system costs more than a whole key otherwise.
import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4096);
let used = pool.length;

/** As `randomBytes` of node:crypto, for at most 4096 bytes. What was given out does not stay in the pool. */
export function randomBytesPooled(sizeBytes: number): Buffer {
  if (used + sizeBytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + sizeBytes));
  pool.fill(0, used, used + sizeBytes);
  used += sizeBytes;
  return bytes;
}
