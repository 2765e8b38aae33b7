// Masks against known pairs and Node's own HMAC.
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMask } from "../../../runner/privacy/masks.ts";

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
