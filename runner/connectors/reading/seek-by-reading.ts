// Finds a place again in what can be read only from its start.
import { Fingerprint, sameDigest } from "../../formats/fingerprint.ts";
import { sameBytes } from "../position.ts";
import type { Seekable } from "./contents.ts";

const READ_BYTES = 64 * 1024;

/** See `Contents.seek`. */
export async function seekByReading(
  read: (space: Uint8Array) => Promise<number>,
  reached: Seekable,
): Promise<Fingerprint | undefined> {
  const fingerprint = new Fingerprint();
  const space = Buffer.alloc(READ_BYTES);
  for (let left = reached.offset_bytes; left > 0; ) {
    const sizeBytes = await read(space.subarray(0, left));
    if (sizeBytes === 0) return undefined;
    fingerprint.add(space.subarray(0, sizeBytes));
    left -= sizeBytes;
    // Another one shows in its first bytes mostly, and need not be read to there.
    const { head } = fingerprint.ends();
    if (head.size_bytes === reached.head.size_bytes && !sameDigest(head, reached.head)) return undefined;
  }
  return sameBytes(fingerprint, reached) ? fingerprint : undefined;
}
