// Digests of values: keyed, told apart by what they are of, and gone with their secret.
import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Digests } from "../../../runner/privacy/digests.ts";

const kinds = ["key", "no key", "subject"] as const;

test("are HMAC-SHA-256 of kind, contract and value", () => {
  const secret = randomBytes(32);
  const digests = new Digests(Uint8Array.from(secret));
  const text = fc.string({ unit: "grapheme", maxLength: 100 });
  fc.assert(
    fc.property(fc.constantFrom(...kinds), text, text, (kind, contract, value) => {
      const expected = createHmac("sha256", secret).update(`${kind}\0${contract}\0${value}`).digest();
      expect(Buffer.from(digests.of(kind, contract, value))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("differ by kind, contract, value and secret", () => {
  const of = (digests: Digests) =>
    kinds.flatMap((kind) =>
      ["a/b/1.0.0", "a/c/1.0.0"].flatMap((contract) =>
        ["", "anna", "anna\0"].map((value) => Buffer.from(digests.of(kind, contract, value)).toString("hex")),
      ),
    );
  const all = [new Digests(randomBytes(32)), new Digests(randomBytes(32))].flatMap(of);
  expect(new Set(all).size).toBe(36);
});

test("are worth nothing once the secret is destroyed, which is overwritten", () => {
  const secret = randomBytes(32);
  const digests = new Digests(secret);
  const before = digests.of("key", "a", "b");
  digests.destroy();
  expect(secret.every((byte) => byte === 0)).toBe(true);
  expect(digests.of("key", "a", "b")).not.toEqual(before);
});
