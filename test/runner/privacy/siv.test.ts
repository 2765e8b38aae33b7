// AES, CMAC and SIV against published vectors and two implementations that are not ours.
import { createCipheriv, randomBytes } from "node:crypto";
import { aessiv } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encryptBlock, expandKey } from "../../../runner/privacy/aes.ts";
import { SivCipher, SivKey } from "../../../runner/privacy/siv.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

function seal(key: Uint8Array, associatedData: Uint8Array, plain: Uint8Array): Uint8Array {
  const target = new Uint8Array(plain.length + 16 + 7);
  const end = new SivCipher(new SivKey(key), associatedData).seal(plain, 0, plain.length, target, 7);
  return target.slice(7, end);
}

function open(key: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const target = new Uint8Array(sealed.length + 5).fill(0xaa);
  const end = new SivCipher(new SivKey(key), associatedData).open(sealed, 0, sealed.length, target, 5);
  if (end < 0) {
    expect(target.every((value, i) => value === 0xaa || (value === 0 && i >= 5))).toBe(true);
    return undefined;
  }
  return target.slice(5, end);
}

describe("AES-256", () => {
  test("gives FIPS 197's example C.3", () => {
    const words = expandKey(bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    const block = Int32Array.of(0x00112233, 0x44556677, 0x8899aabb | 0, 0xccddeeff | 0);
    encryptBlock(words, block);
    expect([...block].map((word) => (word >>> 0).toString(16))).toEqual([
      "8ea2b7ca",
      "516745bf",
      "eafc4990",
      "4b496089",
    ]);
  });

  test("equals node:crypto on random keys and blocks", () => {
    for (let i = 0; i < 200; i++) {
      const key = randomBytes(32);
      const plain = randomBytes(16);
      const block = Int32Array.from([0, 4, 8, 12], (at) => plain.readInt32BE(at));
      encryptBlock(expandKey(key), block);
      const expected = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(plain);
      expect([...block]).toEqual([0, 4, 8, 12].map((at) => expected.readInt32BE(at)));
    }
  });
});

describe("AES-256-SIV", () => {
  test("gives RFC 5297's deterministic example, appendix A.1", () => {
    const key = bytes("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const associatedData = bytes("101112131415161718191a1b1c1d1e1f 2021222324252627");
    const plain = bytes("112233445566778899aabbccddee");
    const sealed = "85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c".replace(" ", "");
    expect(hex(seal(key, associatedData, plain))).toBe(sealed);
    expect(hex(open(key, associatedData, bytes(sealed)) ?? new Uint8Array())).toBe(hex(plain));
  });

  test("equals noble at every critical length, sealed and opened", () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 1024, 1 << 20]) {
      const key = randomBytes(64);
      const plain = new Uint8Array(randomBytes(length));
      const associatedData = randomBytes(length % 40);
      const sealed = seal(key, associatedData, plain);
      expect(hex(sealed)).toBe(hex(aessiv(key, associatedData).encrypt(plain)));
      const opened = open(key, associatedData, sealed);
      expect(opened !== undefined && Buffer.compare(opened, plain) === 0).toBe(true);
    }
  });

  test("an empty associated data is one empty string", () => {
    const key = randomBytes(64);
    const plain = new TextEncoder().encode("Zoë");
    expect(hex(seal(key, new Uint8Array(0), plain))).toBe(hex(aessiv(key, new Uint8Array(0)).encrypt(plain)));
    expect(hex(seal(key, new Uint8Array(0), plain))).not.toBe(hex(aessiv(key).encrypt(plain)));
  });

  test("equals noble on random input", () => {
    const any = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), any, any, (key, associatedData, plain) => {
        expect(hex(seal(key, associatedData, plain))).toBe(hex(aessiv(key, associatedData).encrypt(plain)));
      }),
      { numRuns: 300 },
    );
  });

  test("every flipped bit, every cut, another key and another associated data fail alike", () => {
    const key = randomBytes(64);
    const path = new TextEncoder().encode("customer.id");
    const sealed = seal(key, path, new TextEncoder().encode("anna@example.org, and some more text"));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(key, path, changed)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(open(key, path, sealed.slice(0, length))).toBeUndefined();
    expect(open(randomBytes(64), path, sealed)).toBeUndefined();
    expect(open(key, new TextEncoder().encode("customer.name"), sealed)).toBeUndefined();
    expect(open(key, path, sealed)).toBeDefined();
  });
});
