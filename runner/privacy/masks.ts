// Masks: keyed one-way functions from a value to a short text of hexadecimal digits.
import { createHmac } from "node:crypto";
import type { DecryptStep } from "../../dsl/graph/job-graph.ts";
import { murmur3 } from "./murmur3.ts";

/** Writes the mask of the UTF-8 value `source[start, end)` at `at`; returns the end. At most 32 bytes. */
export type Mask = (source: Uint8Array, start: number, end: number, target: Uint8Array, at: number) => number;

/**
 * `hmac_sha256`: the first 16 bytes of HMAC-SHA-256 (RFC 2104) under the seed's UTF-8 bytes, as 32 lowercase digits.
 * `murmur3`: STRM Privacy's masks, of the seed followed by the value; each half without zero padding.
 */
export function createMask(algorithm: DecryptStep["maskAlgorithm"], seed: string): Mask {
  const key = Buffer.from(seed, "utf8");
  const digest = algorithm === "hmac_sha256" ? hmacHex : murmurHex;
  return (source, start, end, target, at) => {
    const text = digest(key, source.subarray(start, end));
    for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
    return at + text.length;
  };
}

function hmacHex(key: Buffer, value: Uint8Array): string {
  return createHmac("sha256", key).update(value).digest("hex").slice(0, 32);
}

function murmurHex(key: Buffer, value: Uint8Array): string {
  return murmur3(Buffer.concat([key, value]))
    .map((half) => half.toString(16))
    .join("");
}
