// Bodies of objects for tests: from memory, or made on the fly, so that a large one stands nowhere.
import { createHash } from "node:crypto";
import type { ObjectBody } from "../../runner/connectors/objects/store.ts";

export interface CountedBody extends ObjectBody {
  /** How many bytes were asked for so far. */
  readonly readBytes: number;
}

export function bodyOf(content: Uint8Array | string): CountedBody {
  const bytes = Buffer.from(content);
  return counted(bytes.length, createHash("sha256").update(bytes).digest("hex"), (start, end) =>
    Uint8Array.from(bytes.subarray(start, end)),
  );
}

/** Every byte says where it stands, so that one that is out of place is seen. */
export function patternBody(sizeBytes: number): CountedBody {
  const hash = createHash("sha256");
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    hash.update(patternBytes(at, Math.min(at + CHUNK_BYTES, sizeBytes)));
  }
  return counted(sizeBytes, hash.digest("hex"), patternBytes);
}

const CHUNK_BYTES = 1024 * 1024;
const BLOCK_BYTES = 64;

/** In blocks that begin with their number. */
export function patternBytes(start: number, end: number): Uint8Array {
  const first = Math.floor(start / BLOCK_BYTES);
  const blocks = Math.ceil(end / BLOCK_BYTES) - first;
  const bytes = Buffer.alloc(blocks * BLOCK_BYTES, 0x2e);
  for (let block = 0; block < blocks; block++) {
    const number = Math.imul(first + block, 0x9e3779b1) >>> 0;
    for (let at = 0; at < BLOCK_BYTES; at += 16)
      bytes.writeUInt32LE((number ^ at) >>> 0, block * BLOCK_BYTES + at);
  }
  return Uint8Array.from(bytes.subarray(start - first * BLOCK_BYTES, end - first * BLOCK_BYTES));
}

function counted(
  sizeBytes: number,
  sha256: string,
  bytesOf: (start: number, end: number) => Uint8Array,
): CountedBody {
  let readBytes = 0;
  return {
    sizeBytes,
    sha256,
    read: async (start, end) => {
      readBytes += end - start;
      return bytesOf(start, end);
    },
    get readBytes() {
      return readBytes;
    },
  };
}
