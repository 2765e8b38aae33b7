// HMAC-SHA-256 and HKDF against their RFCs and Node's own.
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HmacKey, hkdfExpand, hkdfExtract } from "../../../runner/privacy/hmac.ts";

const hex = (text: string) => Buffer.from(text, "hex");

/** The digest of a text that stands within a larger array, written into another. */
function digest(key: HmacKey, text: Uint8Array): Buffer {
  const source = Buffer.concat([Buffer.from("before"), text, Buffer.from("behind")]);
  const target = Buffer.alloc(32 + 9, 0xee);
  key.digest(source, 6, 6 + text.length, target, 5);
  expect([...target.subarray(0, 5), ...target.subarray(37)]).toEqual(new Array(9).fill(0xee));
  return target.subarray(5, 37);
}

const nodes = (key: Uint8Array, text: Uint8Array) => createHmac("sha256", key).update(text).digest();

describe("HMAC", () => {
  test.each([
    [
      1,
      "0b".repeat(20),
      Buffer.from("Hi There").toString("hex"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      2,
      Buffer.from("Jefe").toString("hex"),
      Buffer.from("what do ya want for nothing?").toString("hex"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      6,
      "aa".repeat(131),
      Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First").toString("hex"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ])("gives test case %i of RFC 4231", (_, key, text, expected) => {
    expect(digest(new HmacKey(hex(key)), hex(text)).toString("hex")).toBe(expected);
  });

  test("equals node:crypto for every length of key up to three blocks", () => {
    for (let length = 0; length <= 192; length++) {
      const key = randomBytes(length);
      const text = randomBytes(length);
      expect(digest(new HmacKey(key), text)).toEqual(nodes(key, text));
    }
  });

  test("equals node:crypto on random keys and texts, one key object after another", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const reused = new HmacKey(new Uint8Array(0));
    fc.assert(
      fc.property(bytes, bytes, bytes, (key, one, other) => {
        const made = new HmacKey(Buffer.concat([one, key, other]), one.length, one.length + key.length);
        reused.rekey(key, 0, key.length);
        for (const text of [one, other, one]) {
          expect(digest(made, text)).toEqual(nodes(key, text));
          expect(digest(reused, text)).toEqual(nodes(key, text));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("keys at hand at the same time don't disturb each other, and the key's bytes may change", () => {
    const secrets = [randomBytes(32), randomBytes(70)];
    const copies = secrets.map((secret) => Buffer.from(secret));
    const keys = secrets.map((secret) => new HmacKey(secret));
    for (const secret of secrets) secret.fill(0);
    const text = randomBytes(50);
    for (const i of [0, 1, 0]) expect(digest(keys[i]!, text)).toEqual(nodes(copies[i]!, text));
  });

  test("the digest may be written over the text", () => {
    const key = randomBytes(32);
    for (const length of [10, 64, 100]) {
      const text = randomBytes(length);
      const place = Buffer.concat([text, Buffer.alloc(40)]);
      new HmacKey(key).digest(place, 0, length, place, 3);
      expect(place.subarray(3, 35)).toEqual(nodes(key, text));
    }
  });

  test("of a destroyed key nothing is left", () => {
    const [one, other] = [new HmacKey(randomBytes(32)), new HmacKey(randomBytes(32))];
    const text = randomBytes(50);
    expect(digest(one, text)).not.toEqual(digest(other, text));
    one.destroy();
    other.destroy();
    expect(digest(one, text)).toEqual(digest(other, text));
  });
});

describe("HKDF", () => {
  const derived = (secret: Uint8Array, info: Uint8Array, length: number): Buffer => {
    const key = new HmacKey(new Uint8Array(0));
    const source = Buffer.concat([Buffer.from("abc"), secret, Buffer.from("d")]);
    hkdfExtract(source, 3, 3 + secret.length, key);
    const target = Buffer.alloc(length + 4, 0xee);
    hkdfExpand(key, info, target, 3, 3 + length);
    expect([...target.subarray(0, 3), target.at(-1)]).toEqual(new Array(4).fill(0xee));
    return target.subarray(3, 3 + length);
  };

  test("gives the example of RFC 5869 without salt and info, appendix A.3", () => {
    expect(derived(Buffer.alloc(22, 0x0b), Buffer.alloc(0), 42).toString("hex")).toBe(
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    );
  });

  test("equals node:crypto", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 300 }),
        (secret, info, length) => {
          expect(derived(secret, info, length)).toEqual(
            Buffer.from(hkdfSync("sha256", secret, "", info, length)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("one extract serves several expands", () => {
    const secret = randomBytes(32);
    const key = new HmacKey(new Uint8Array(0));
    hkdfExtract(secret, 0, 32, key);
    for (const info of ["a", "b", "a"]) {
      const target = new Uint8Array(68);
      hkdfExpand(key, Buffer.from(info), target, 0, 68);
      expect(Buffer.from(target)).toEqual(Buffer.from(hkdfSync("sha256", secret, "", info, 68)));
    }
  });
});
