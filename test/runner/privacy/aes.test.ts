// The AES block against FIPS 197 and Node's own.
import { createCipheriv, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { block, encryptBlock, expandKey, roundKeyWords } from "../../../runner/privacy/aes.ts";

function expanded(key: Uint8Array): Int32Array {
  const words = new Int32Array(roundKeyWords(key.length));
  expandKey(key, 0, key.length, words, 0);
  return words;
}

function encrypted(key: Uint8Array, plain: Buffer): string {
  const [a, b, c, d] = [0, 4, 8, 12].map((at) => plain.readInt32BE(at));
  const words = expanded(key);
  encryptBlock(words, 0, words.length, a!, b!, c!, d!);
  const out = Buffer.alloc(16);
  block.forEach((word, i) => {
    out.writeInt32BE(word, 4 * i);
  });
  return out.toString("hex");
}

const ordered = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const plain = Buffer.from("00112233445566778899aabbccddeeff", "hex");

test.each([
  [16, "69c4e0d86a7b0430d8cdb78070b4c55a"],
  [24, "dda97ca4864cdfe06eaf70a0ec0d7191"],
  [32, "8ea2b7ca516745bfeafc49904b496089"],
])("gives the example of FIPS 197 appendix C for a key of %i bytes", (length, expected) => {
  expect(encrypted(ordered(length), plain)).toBe(expected);
});

test("expands the 256-bit key of FIPS 197 appendix A.3", () => {
  const key = Buffer.from("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "hex");
  const words = expanded(key);
  expect(words.length).toBe(60);
  expect(words[8]! >>> 0).toBe(0x9ba35411);
  expect(words[59]! >>> 0).toBe(0x706c631e);
});

test("equals node:crypto on random keys and blocks", () => {
  for (let i = 0; i < 300; i++) {
    const key = randomBytes(32);
    const text = randomBytes(16);
    const expected = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(text);
    expect(encrypted(key, text)).toBe(expected.toString("hex"));
  }
});

test("reads and writes a key amid others, which stay as they are", () => {
  for (const length of [16, 24, 32]) {
    const key = randomBytes(length);
    const around = Buffer.concat([Buffer.alloc(5, 0xaa), key, Buffer.alloc(7, 0xbb)]);
    const size = roundKeyWords(length);
    const words = new Int32Array(size + 6).fill(17);
    expandKey(around, 5, 5 + length, words, 4);
    expect(words.subarray(4, 4 + size)).toEqual(expanded(key));
    expect([...words.subarray(0, 4), ...words.subarray(4 + size)]).toEqual(new Array(6).fill(17));
    expect(around.subarray(5, 5 + length)).toEqual(key);
    encryptBlock(expanded(key), 0, size, 1, 2, 3, 4);
    const alone = [...block];
    encryptBlock(words, 4, 4 + size, 1, 2, 3, 4);
    expect([...block]).toEqual(alone);
  }
});

test("refuses a key of another length", () => {
  for (const length of [0, 15, 31, 33, 64])
    expect(() => expanded(new Uint8Array(length))).toThrow(RangeError);
});
