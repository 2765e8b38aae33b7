// AES-SIV in Tink's form against RFC 5297 and two implementations that are not ours.
import { type CipherGCM, createCipheriv, getCiphers, randomBytes } from "node:crypto";
import { aessiv, cmac as nobleCmac } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { block } from "../../../runner/privacy/aes.ts";
import {
  associate,
  cmac,
  expandSivKey,
  FIELD_WORDS,
  sealedLength,
  seal as sealWith,
  sivKeyAt,
  sivKeyWords,
} from "../../../runner/privacy/siv.ts";
import { cipherOf } from "../../kit/siv.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");
const ID = 0xfedcba98;

/** The base64 text, sealed somewhere inside a larger array that stays as it is around it. */
function seal(key: Uint8Array, associatedData: Uint8Array, plain: Uint8Array, id = ID): string {
  const cipher = cipherOf(key, id, associatedData);
  const source = Buffer.concat([Buffer.from("before"), plain, Buffer.from("behind")]);
  const target = Buffer.alloc(sealedLength(plain.length) + 10, 0xee);
  const end = cipher.seal(source, 6, 6 + plain.length, target, 7);
  expect(end - 7).toBe(sealedLength(plain.length));
  expect([...target.subarray(0, 7), ...target.subarray(end)].every((byte) => byte === 0xee)).toBe(true);
  return target.toString("latin1", 7, end);
}

/** The plaintext, or undefined; whatever does not open leaves nothing but zeros behind. */
function open(key: Uint8Array, associatedData: Uint8Array, sealed: string, id = ID): Buffer | undefined {
  const source = Buffer.from(`"${sealed}"`, "latin1");
  const target = Buffer.alloc(sealed.length + 5, 0xaa);
  const cipher = cipherOf(key, id, associatedData);
  const end = cipher.open(source, 1, source.length - 1, target, 5);
  if (end >= 0) return target.subarray(5, end);
  const touched = target.findLastIndex((byte) => byte !== 0xaa);
  expect(target.subarray(5, Math.max(5, touched + 1)).every((byte) => byte === 0)).toBe(true);
  return undefined;
}

/** SIV and ciphertext, without Tink's prefix. */
const bare = (sealed: string) => Buffer.from(sealed, "base64").subarray(5);
const tink = (id: number, bytes: Uint8Array) => {
  const prefix = Buffer.of(1, 0, 0, 0, 0);
  prefix.writeUInt32BE(id, 1);
  return Buffer.concat([prefix, bytes]).toString("base64");
};

/** Node's types know SIV as little as they know what OpenSSL calls it: it is an AEAD without a nonce. */
function openssl(key: Uint8Array): CipherGCM {
  const cipher: unknown = Reflect.apply(createCipheriv, undefined, ["aes-256-siv", key, null]);
  if (!isAead(cipher)) throw new Error("Node's cipher is no AEAD");
  return cipher;
}

const isAead = (cipher: unknown): cipher is CipherGCM =>
  typeof cipher === "object" && cipher !== null && "setAAD" in cipher && "getAuthTag" in cipher;

const lengths = [
  0,
  1,
  14,
  15,
  16,
  17,
  31,
  32,
  33,
  47,
  48,
  49,
  1024,
  3071,
  3072,
  3073,
  1 << 20,
  (1 << 20) + 5,
];

describe("sealing", () => {
  test("gives RFC 5297's deterministic example, appendix A.1", () => {
    const key = hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const associatedData = hex("101112131415161718191a1b1c1d1e1f 2021222324252627");
    const plain = hex("112233445566778899aabbccddee");
    const sealed = seal(key, associatedData, plain);
    expect(bare(sealed)).toEqual(hex("85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c"));
    expect(open(key, associatedData, sealed)).toEqual(plain);
  });

  test.each(lengths)("equals noble and opens again: %i bytes", (length) => {
    const key = randomBytes(64);
    const plain = randomBytes(length);
    const associatedData = randomBytes(length % 40);
    const sealed = seal(key, associatedData, plain);
    const expected = tink(ID, aessiv(key, associatedData).encrypt(plain));
    // Compared as a whole: a difference of a megabyte is not worth printing.
    expect(sealed === expected).toBe(true);
    expect(open(key, associatedData, sealed)?.equals(plain)).toBe(true);
  });

  test("seals and opens 16 MiB", () => {
    const key = randomBytes(64);
    const plain = Buffer.alloc(16 << 20, "zoë ");
    const sealed = seal(key, Buffer.from("body"), plain);
    expect(sealed.slice(0, 28)).toBe(
      tink(ID, aessiv(key, Buffer.from("body")).encrypt(plain).subarray(0, 16)),
    );
    expect(open(key, Buffer.from("body"), sealed)?.equals(plain)).toBe(true);
  });

  test("equals noble on random input", () => {
    const any = fc.uint8Array({ maxLength: 200 });
    const anyText = fc.string({ unit: "grapheme", maxLength: 80 }).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.oneof(any, anyText),
        fc.oneof(any, anyText),
        fc.nat({ max: 0xffff_ffff }),
        (key, associatedData, plain, id) => {
          const sealed = seal(key, associatedData, plain, id);
          expect(sealed).toBe(tink(id, aessiv(key, associatedData).encrypt(plain)));
          expect(open(key, associatedData, sealed, id)).toEqual(Buffer.from(plain));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.runIf(getCiphers().includes("aes-256-siv"))("equals OpenSSL", () => {
    for (const length of [1, 15, 16, 17, 31, 32, 33, 1000]) {
      const key = randomBytes(64);
      const plain = randomBytes(length);
      const associatedData = randomBytes(11);
      const cipher = openssl(key);
      cipher.setAAD(associatedData, { plaintextLength: length });
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      expect(bare(seal(key, associatedData, plain))).toEqual(Buffer.concat([cipher.getAuthTag(), text]));
    }
  });

  test("an empty associated data is one empty string, not none", () => {
    const key = randomBytes(64);
    const plain = Buffer.from("Zoë");
    const sealed = bare(seal(key, Buffer.alloc(0), plain));
    expect(sealed).toEqual(Buffer.from(aessiv(key, Buffer.alloc(0)).encrypt(plain)));
    expect(sealed).not.toEqual(Buffer.from(aessiv(key).encrypt(plain)));
  });

  test("the same value seals equally, and with nothing left over from the one before", () => {
    const key = randomBytes(64);
    const short = seal(key, Buffer.from("a"), Buffer.from("x"));
    seal(key, Buffer.from("b"), randomBytes(500));
    expect(seal(key, Buffer.from("a"), Buffer.from("x"))).toBe(short);
  });

  test("says so where the target lacks the room", () => {
    const cipher = cipherOf(randomBytes(64), 1, Buffer.from("a"));
    const plain = randomBytes(20);
    const length = sealedLength(20);
    expect(() => cipher.seal(plain, 0, 20, new Uint8Array(length + 4), 5)).toThrow(RangeError);
    const sealed = new Uint8Array(length);
    cipher.seal(plain, 0, 20, sealed, 0);
    expect(() => cipher.open(sealed, 0, length, new Uint8Array(20), 1)).toThrow(RangeError);
  });

  test("keys and fields stand side by side, and writing one leaves the other as it is", () => {
    const keyWords = sivKeyWords(64);
    const words = new Int32Array(2 * keyWords);
    const fields = new Int32Array(2 * FIELD_WORDS);
    const bytes = randomBytes(128);
    const places = [0, 1];
    const keys = places.map((place) => ({ ...sivKeyAt(words, place * keyWords, 64), id: place + 1 }));
    const sealAs = (place: number): string => {
      const target = Buffer.alloc(sealedLength(3));
      sealWith(keys[place]!, fields, place * FIELD_WORDS, Buffer.from("abc"), 0, 3, target, 0);
      return target.toString("latin1");
    };
    const expand = (place: number): void => {
      expandSivKey(keys[place]!, bytes, 64 * place, 64 * place + 64);
      associate(keys[place]!, Buffer.from(`field ${place}`), fields, place * FIELD_WORDS);
    };
    expand(0);
    const before = sealAs(0);
    expand(1);
    expect(sealAs(0)).toBe(before);
    for (const place of places) {
      const key = bytes.subarray(64 * place, 64 * place + 64);
      expect(sealAs(place)).toBe(seal(key, Buffer.from(`field ${place}`), Buffer.from("abc"), place + 1));
    }
    // A key whose words were overwritten seals no longer as itself.
    words.fill(0, 0, keyWords);
    expect(sealAs(0)).not.toBe(before);
    expect(sealAs(1)).toBe(seal(bytes.subarray(64), Buffer.from("field 1"), Buffer.from("abc"), 2));
  });
});

test("CMAC equals noble's, at every length around a block's", () => {
  const key = randomBytes(64);
  const sivKey = sivKeyAt(new Int32Array(sivKeyWords(64)), 0, 64);
  expandSivKey(sivKey, key, 0, 64);
  for (let length = 0; length < 70; length++) {
    const source = randomBytes(length + 9);
    cmac(sivKey, source, 4, 4 + length);
    const expected = Buffer.from(nobleCmac(source.subarray(4, 4 + length), key.subarray(0, 32)));
    expect([...block]).toEqual([0, 4, 8, 12].map((at) => expected.readInt32BE(at)));
  }
});

describe("what does not open is always -1 and leaves nothing", () => {
  const key = randomBytes(64);
  const path = Buffer.from("customer.id");

  test.each([0, 1, 15, 16, 36])("every flipped bit of a sealed value of %i bytes", (length) => {
    const bytes = Buffer.from(seal(key, path, randomBytes(length)), "base64");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      expect(open(key, path, changed.toString("base64"))).toBeUndefined();
    }
  });

  test("every other character at every place of the text", () => {
    const sealed = seal(key, path, Buffer.from("anna@mail"));
    for (let at = 0; at < sealed.length; at++) {
      for (let code = 0; code < 256; code++) {
        const changed = sealed.slice(0, at) + String.fromCharCode(code) + sealed.slice(at + 1);
        if (changed !== sealed) expect(open(key, path, changed)).toBeUndefined();
      }
    }
  });

  test("every cut and every extension", () => {
    const sealed = seal(key, path, Buffer.from("anna@example.org, and some more"));
    for (let length = 0; length < sealed.length; length++) {
      expect(open(key, path, sealed.slice(0, length))).toBeUndefined();
      expect(open(key, path, sealed.slice(length + 1))).toBeUndefined();
    }
    for (const more of ["=", "A", "AAAA", "\n", " "]) expect(open(key, path, sealed + more)).toBeUndefined();
    expect(open(key, path, sealed)?.toString()).toBe("anna@example.org, and some more");
  });

  test("another key, key id, field, or a text that was never sealed", () => {
    const sealed = seal(key, path, Buffer.from("anna"));
    expect(open(randomBytes(64), path, sealed)).toBeUndefined();
    expect(open(key, path, sealed, ID - 1)).toBeUndefined();
    expect(open(key, Buffer.from("customer.name"), sealed)).toBeUndefined();
    expect(open(key, Buffer.alloc(0), sealed)).toBeUndefined();
    for (const text of ["", "anna", "anna@example.org", "A".repeat(28), randomBytes(60).toString("base64")]) {
      expect(open(key, path, text)).toBeUndefined();
    }
    expect(open(key, path, tink(ID, randomBytes(40)))).toBeUndefined();
  });
});
