// SHA-256 against FIPS 180-4 and Node's own.
import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BLOCK_BYTES,
  DIGEST_BYTES,
  endHash,
  hashBlock,
  STATE_WORDS,
  startHash,
  wipeHash,
  writeState,
} from "../../../runner/privacy/sha256.ts";

/** The digest of a text that stands within a larger array; its first `blocks` blocks are taken in one by one. */
function digest(text: Uint8Array, blocks = 0): string {
  const source = Buffer.concat([Buffer.from("before"), text, Buffer.from("behind")]);
  const before = Buffer.from(source);
  const state = new Int32Array(STATE_WORDS);
  startHash(state);
  for (let i = 0; i < blocks; i++) hashBlock(state, source, 6 + i * BLOCK_BYTES);
  endHash(state, blocks * BLOCK_BYTES, source, 6 + blocks * BLOCK_BYTES, 6 + text.length);
  expect(source).toEqual(before);
  const target = Buffer.alloc(DIGEST_BYTES + 9, 0xee);
  writeState(state, target, 4);
  expect([...target.subarray(0, 4), ...target.subarray(4 + DIGEST_BYTES)]).toEqual(new Array(9).fill(0xee));
  return target.toString("hex", 4, 4 + DIGEST_BYTES);
}

const nodes = (text: Uint8Array) => createHash("sha256").update(text).digest("hex");

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
])("gives the example of FIPS 180-4: %j", (text, expected) => {
  expect(digest(Buffer.from(text))).toBe(expected);
});

describe("equals node:crypto", () => {
  test("at every length up to five blocks, however many of them are taken in one by one", () => {
    for (let length = 0; length <= 5 * BLOCK_BYTES; length++) {
      const text = randomBytes(length);
      const expected = nodes(text);
      for (let blocks = 0; blocks * BLOCK_BYTES <= length; blocks++)
        expect(digest(text, blocks)).toBe(expected);
    }
  });

  test("on random texts", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (text) => {
        expect(digest(text)).toBe(nodes(text));
      }),
      { numRuns: 300 },
    );
  });

  test("on a text of a megabyte", () => {
    const text = randomBytes(1_000_003);
    expect(digest(text)).toBe(nodes(text));
  });
});

test("counts the bits of a text beyond 2^32 of them", () => {
  // The bytes themselves would take seconds: only the length that is written behind the text is looked at.
  const state = new Int32Array(STATE_WORDS);
  const blocks = 2 ** 30 / BLOCK_BYTES;
  startHash(state);
  const expected = Int32Array.from(state);
  endHash(state, blocks * BLOCK_BYTES, Buffer.from("abc"), 0, 3);
  const bits = (blocks * BLOCK_BYTES + 3) * 8;
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write("abc\u0080", "latin1");
  block.writeBigUInt64BE(BigInt(bits), BLOCK_BYTES - 8);
  hashBlock(expected, block, 0);
  expect(bits).toBeGreaterThan(2 ** 32);
  expect(state).toEqual(expected);
});

test("a wipe between two texts changes neither", () => {
  const text = randomBytes(100);
  wipeHash();
  expect(digest(text)).toBe(nodes(text));
  wipeHash();
  expect(digest(Buffer.from("abc"))).toBe(nodes(Buffer.from("abc")));
});
