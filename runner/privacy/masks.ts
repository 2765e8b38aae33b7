// Masks: keyed one-way functions from a value to a short text of hexadecimal digits.
import type { DecryptStep } from "../../dsl/graph/job-graph.ts";
import { HmacKey } from "./hmac.ts";
import { hash, murmur3 } from "./murmur3.ts";
import { DIGEST_BYTES } from "./sha256.ts";

/** Writes the mask of the UTF-8 value `source[start, end)` at `at`; returns the end. At most `MASK_BYTES`. */
export type Mask = (source: Uint8Array, start: number, end: number, target: Uint8Array, at: number) => number;

/** The longest mask. */
export const MASK_BYTES = 32;

/**
 * `hmac_sha256`: the first 16 bytes of HMAC-SHA-256 (RFC 2104) under the seed's UTF-8 bytes, as 32 lowercase digits.
 * `murmur3`: STRM Privacy's masks, of the seed followed by the value; each half without zero padding.
 */
export function createMask(algorithm: DecryptStep["maskAlgorithm"], seed: string): Mask {
  const key = Buffer.from(seed, "utf8");
  return algorithm === "hmac_sha256" ? hmacMask(key) : murmurMask(key);
}

function hmacMask(seed: Buffer): Mask {
  const key = new HmacKey(seed);
  const digest = new Uint8Array(DIGEST_BYTES);
  return (source, start, end, target, at) => {
    key.digest(source, start, end, digest, 0);
    for (let i = 0; i < MASK_BYTES / 2; i++) {
      target[at++] = digitLetter(digest[i]! >>> 4);
      target[at++] = digitLetter(digest[i]! & 15);
    }
    return at;
  };
}

function murmurMask(seed: Buffer): Mask {
  /** The seed, and room for the value behind it. */
  let salted = Buffer.concat([seed, Buffer.alloc(256)]);
  return (source, start, end, target, at) => {
    const length = seed.length + end - start;
    if (salted.length < length) salted = Buffer.concat([seed, Buffer.alloc(2 * (end - start))]);
    salted.set(source.subarray(start, end), seed.length);
    murmur3(salted, 0, length);
    return writeHalf(hash[2]!, hash[3]!, target, writeHalf(hash[0]!, hash[1]!, target, at));
  };
}

/** Sixteen hexadecimal digits without leading zeros; zero is one digit. */
function writeHalf(high: number, low: number, target: Uint8Array, at: number): number {
  let digits = 16;
  while (digits > 1 && digitOf(high, low, digits - 1) === 0) digits--;
  for (let place = digits - 1; place >= 0; place--) {
    target[at++] = digitLetter(digitOf(high, low, place));
  }
  return at;
}

function digitOf(high: number, low: number, place: number): number {
  return ((place >= 8 ? high : low) >>> (4 * (place & 7))) & 15;
}

function digitLetter(digit: number): number {
  return digit + (digit < 10 ? 0x30 : 0x57);
}
