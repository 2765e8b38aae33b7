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
    bytes.subarray(start, end),
  );
}

/** Every byte says where it stands, so that one that is out of place is seen. */
export function patternBody(sizeBytes: number): CountedBody {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    fillPattern(chunk, at);
    hash.update(chunk.subarray(0, Math.min(CHUNK_BYTES, sizeBytes - at)));
  }
  return counted(sizeBytes, hash.digest("hex"), patternBytes);
}

const CHUNK_BYTES = 1024 * 1024;
const WORD_BYTES = 4;

export function patternBytes(start: number, end: number): Uint8Array {
  const first = start - (start % WORD_BYTES);
  const bytes = Buffer.alloc(Math.ceil((end - first) / WORD_BYTES) * WORD_BYTES);
  fillPattern(bytes, first);
  return bytes.subarray(start - first, end - first);
}

/** In words, of which each is made of its number. */
function fillPattern(bytes: Buffer, start: number): void {
  const first = start / WORD_BYTES;
  for (let at = 0; at < bytes.length; at += WORD_BYTES) {
    bytes.writeInt32LE(Math.imul(first + at / WORD_BYTES, 0x9e3779b1), at);
  }
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
