// The bounded set of fingerprints: right about what it holds, and never full.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FINGERPRINT_WORDS } from "../../../runner/privacy/fingerprint.ts";
import { FingerprintSet } from "../../../runner/privacy/fingerprint-set.ts";

/** Few first words, so that slots collide; the other words alone tell most apart. */
const print = fc
  .tuple(fc.constantFrom(0, 1, 7, -1), fc.nat(1), fc.constant(3), fc.nat(1))
  .map((words) => Int32Array.from(words));
const item = fc.record({ print, beside: fc.constantFrom(0, 1, -5, 2 ** 31 - 1) });

test("knows what was added since it was last full, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.array(item, { maxLength: 20 }), (added, others) => {
      const set = new FingerprintSet(32);
      let known = new Set<string>();
      const nameOf = ({ print, beside }: (typeof added)[number]) => `${print.join()} ${beside}`;
      for (const each of added) {
        expect(set.has(each.print, each.beside)).toBe(known.has(nameOf(each)));
        expect(set.add(each.print, each.beside)).toBe(!known.has(nameOf(each)));
        // Three quarters of the slots; what comes next makes it forget all the others.
        if (known.size === 24 && !known.has(nameOf(each))) known = new Set();
        known.add(nameOf(each));
        expect(set.has(each.print, each.beside)).toBe(true);
      }
      for (const each of [...added, ...others]) {
        expect(set.has(each.print, each.beside)).toBe(known.has(nameOf(each)));
      }
    }),
    { numRuns: 300 },
  );
});

test("keeps no reference to a fingerprint, which may be overwritten", () => {
  const set = new FingerprintSet(16);
  const words = Int32Array.of(1, 2, 3, 4);
  set.add(words, 9);
  words.fill(0);
  expect(set.has(words, 9)).toBe(false);
  expect(set.has(Int32Array.of(1, 2, 3, 4), 9)).toBe(true);
  expect(set.has(Int32Array.of(1, 2, 3, 4), 8)).toBe(false);
});

test("takes a million and more, and forgets all when told to", () => {
  const set = new FingerprintSet(1 << 12);
  const words = new Int32Array(FINGERPRINT_WORDS);
  for (let i = 0; i < 1_000_000; i++) {
    words[0] = Math.imul(i, 0x9e3779b1);
    words[3] = i;
    isNew(set.add(words, 0));
  }
  expect(set.has(words, 0)).toBe(true);
  set.clear();
  expect(set.has(words, 0)).toBe(false);
  expect(set.add(words, 0)).toBe(true);
});

/** A million calls of `expect` would take longer than what they are about. */
function isNew(value: boolean): void {
  if (!value) throw new Error("a fingerprint that never came was known");
}
