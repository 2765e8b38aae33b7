// Masks against known pairs and Node's own HMAC.
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMask } from "../../../runner/privacy/masks.ts";
import { hash, murmur3 } from "../../../runner/privacy/murmur3.ts";

function masked(algorithm: "hmac_sha256" | "murmur3", seed: string, value: string): string {
  const source = Buffer.from(`..${value}.`);
  const target = Buffer.alloc(64);
  const end = createMask(algorithm, seed)(source, 2, source.length - 1, target, 3);
  return target.toString("latin1", 3, end);
}

test("murmur3 gives the masks that STRM Privacy gave", () => {
  expect(masked("murmur3", "hi-there", "unique-5")).toBe("1083e8169d7138e990cc30095578452");
  expect(masked("murmur3", "hi-there", "session-273")).toBe("7cc66d130664caa9efacda1026c1c44");
  expect(masked("murmur3", "hi-there", "sensitive-0")).toBe("e49bd309eed4a5094437a71ac2bc1cad");
});

test("hmac_sha256 is the first half of HMAC-SHA-256 in hexadecimal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (seed, value) => {
      expect(masked("hmac_sha256", seed, value)).toBe(
        createHmac("sha256", seed).update(value).digest("hex").slice(0, 32),
      );
    }),
  );
});

test("murmur3 hashes the seed followed by the value and pads neither half, however long the value", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme", maxLength: 900 }),
      (seed, value) => {
        const bytes = Buffer.from(seed + value);
        murmur3(bytes, 0, bytes.length);
        const half = (at: number) => ((BigInt(hash[at]!) << 32n) | BigInt(hash[at + 1]!)).toString(16);
        expect(masked("murmur3", seed, value)).toBe(half(0) + half(2));
      },
    ),
  );
  expect(masked("murmur3", "", "")).toBe("00");
});

test("one mask serves values of any length in any order", () => {
  for (const algorithm of ["hmac_sha256", "murmur3"] as const) {
    const mask = createMask(algorithm, "seed");
    const target = Buffer.alloc(64);
    for (const value of ["a", "b".repeat(5000), "", "a", "é".repeat(300)]) {
      const source = Buffer.from(value);
      const end = mask(source, 0, source.length, target, 0);
      expect(target.toString("latin1", 0, end)).toBe(masked(algorithm, "seed", value));
    }
  }
});
