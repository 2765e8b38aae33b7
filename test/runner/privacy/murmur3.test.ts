// MurmurHash3 against the algorithm written with 64-bit integers, and against published hashes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hash, murmur3 } from "../../../runner/privacy/murmur3.ts";

const MASK = 2n ** 64n - 1n;
const times = (a: bigint, b: bigint) => (a * b) & MASK;
const plus = (a: bigint, b: bigint) => (a + b) & MASK;
const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & MASK;
const [C1, C2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];

/** The reference: MurmurHash3_x64_128 with seed 0, step by step. */
function reference(bytes: Uint8Array): [bigint, bigint] {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  let [h1, h2] = [0n, 0n];
  for (let at = 0; at < padded.length; at += 16) {
    h1 ^= times(rotate(times(padded.readBigUInt64LE(at), C1), 31n), C2);
    if (at + 16 <= bytes.length) h1 = plus(times(plus(rotate(h1, 27n), h2), 5n), 0x52dce729n);
    h2 ^= times(rotate(times(padded.readBigUInt64LE(at + 8), C2), 33n), C1);
    if (at + 16 <= bytes.length) h2 = plus(times(plus(rotate(h2, 31n), h1), 5n), 0x38495ab5n);
  }
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = plus(h1, h2);
  h2 = plus(h2, h1);
  const finish = (x: bigint) => {
    const once = times(x ^ (x >> 33n), 0xff51afd7ed558ccdn);
    const twice = times(once ^ (once >> 33n), 0xc4ceb9fe1a85ec53n);
    return twice ^ (twice >> 33n);
  };
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = plus(h1, h2);
  return [h1, plus(h2, h1)];
}

function hashed(bytes: Uint8Array): [bigint, bigint] {
  murmur3(Buffer.concat([Buffer.of(9), bytes, Buffer.of(9)]), 1, 1 + bytes.length);
  const half = (high: number) => (BigInt(hash[high]!) << 32n) | BigInt(hash[high + 1]!);
  return [half(0), half(2)];
}

test("gives published hashes", () => {
  expect(hashed(Buffer.from(""))).toEqual([0n, 0n]);
  const fox = Buffer.from("The quick brown fox jumps over the lazy dog");
  expect(hashed(fox)).toEqual([0xe34bbc7bbc071b6cn, 0x7a433ca9c49a9347n]);
});

test("equals 64-bit arithmetic on random bytes of every length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(hashed(bytes)).toEqual(reference(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("carries through words of ones", () => {
  for (let length = 0; length < 70; length++) {
    const ones = new Uint8Array(length).fill(255);
    expect(hashed(ones)).toEqual(reference(ones));
  }
});
