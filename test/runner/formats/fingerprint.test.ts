// Digests of both ends of what was read: the same however the bytes came, and others where an end is another.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, END_BYTES, Fingerprint, sameDigest } from "../../../runner/formats/fingerprint.ts";
import { seeded } from "../../kit/random.ts";

const random = seeded(17);
const bytes = Uint8Array.from({ length: 5 * END_BYTES }, () => random.below(256));

function digest(part: Uint8Array): object {
  return { size_bytes: part.length, sha256: createHash("sha256").update(part).digest("hex") };
}

/** What the ends of `bytes[0, length)` are. */
const endsOf = (length: number) => ({
  head: digest(bytes.subarray(0, Math.min(length, END_BYTES))),
  tail: digest(bytes.subarray(Math.max(0, length - END_BYTES), length)),
});

/** Sizes that are small, about an end's, and larger. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: END_BYTES - 2, max: END_BYTES + 2 }),
  fc.integer({ min: 0, max: 3 * END_BYTES }),
);

test("are the ends of all bytes that came, in whatever parts", () => {
  fc.assert(
    fc.property(fc.array(size, { maxLength: 12 }), (sizes) => {
      const fingerprint = new Fingerprint();
      let at = 0;
      for (const each of sizes) {
        const end = Math.min(bytes.length, at + each);
        // A buffer that is used again right after: nothing of it may be kept.
        const part = bytes.slice(at, end);
        fingerprint.add(part);
        part.fill(0);
        at = end;
        expect(fingerprint.ends()).toEqual(endsOf(at));
      }
    }),
    { numRuns: 200 },
  );
});

test("go on from what stands there already", () => {
  fc.assert(
    fc.property(size, size, (before, more) => {
      const end = Math.min(bytes.length, before + more);
      const head = bytes.slice(0, Math.min(before, END_BYTES));
      const tail = bytes.slice(Math.max(0, before - END_BYTES), before);
      const fingerprint = Fingerprint.from(head, tail);
      head.fill(0);
      tail.fill(0);
      expect(fingerprint.ends()).toEqual(endsOf(before));
      fingerprint.add(bytes.subarray(before, end));
      expect(fingerprint.ends()).toEqual(endsOf(end));
    }),
    { numRuns: 200 },
  );
});

test("are two digests of no bytes at first", () => {
  expect(new Fingerprint().ends()).toEqual({ head: digest(Buffer.alloc(0)), tail: digest(Buffer.alloc(0)) });
});

test("one differing byte at either end shows, one in the middle does not", () => {
  const whole = new Fingerprint();
  whole.add(bytes);
  for (const [at, head, tail] of [
    [0, false, true],
    [END_BYTES - 1, false, true],
    [END_BYTES, true, true],
    [bytes.length - END_BYTES - 1, true, true],
    [bytes.length - END_BYTES, true, false],
    [bytes.length - 1, true, false],
  ] as const) {
    const changed = Uint8Array.from(bytes);
    changed[at] = changed[at]! ^ 1;
    const other = new Fingerprint();
    other.add(changed);
    expect(sameDigest(whole.ends().head, other.ends().head)).toBe(head);
    expect(sameDigest(whole.ends().tail, other.ends().tail)).toBe(tail);
  }
});

test("digests are the same where size and hash are", () => {
  const one = digestOf(Buffer.from("abc"));
  expect(one).toEqual({
    size_bytes: 3,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
  expect(sameDigest(one, { ...one })).toBe(true);
  expect(sameDigest(one, { ...one, size_bytes: 4 })).toBe(false);
  expect(sameDigest(one, digestOf(Buffer.from("abd")))).toBe(false);
});
