// The keys that a batch lacks: each once, in the order in which they were first missed.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeyWant } from "../../../../runner/kernel/kernel.ts";
import { Wants } from "../../../../runner/kernel/reference/wants.ts";
import { FINGERPRINT_WORDS } from "../../../../runner/privacy/fingerprint.ts";

/** Few of each, so that they meet again, and fingerprints that share a slot. */
const asked = fc.record({
  keyed: fc.nat(2),
  print: fc
    .tuple(fc.constantFrom(0, 1024, 5), fc.nat(1), fc.nat(1), fc.nat(1))
    .map((words) => Int32Array.from(words)),
  window: fc.constantFrom(0, -1, 1.7e12, 1.7e12 + 1),
});

test("finds a want of the same asker, fingerprint and window, and no other", () => {
  const wants = new Wants();
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 60 }), (batch) => {
      // One object for all batches, as in a kernel: nothing of the one before may show.
      wants.begin();
      expect(wants.list).toEqual([]);
      const known: string[] = [];
      const list: KeyWant[] = [];
      for (const { keyed, print, window } of batch) {
        const name = `${keyed} ${print.join()} ${window}`;
        const found = wants.find(keyed, print, window);
        expect(found).toBe(known.indexOf(name));
        if (found >= 0) continue;
        const want: KeyWant = { kind: "value", step: `step ${keyed}`, value: name, timeMs: window };
        expect(wants.push(keyed, Int32Array.from(print), window, want)).toBe(known.length);
        known.push(name);
        list.push(want);
      }
      expect(wants.count).toBe(known.length);
      expect(wants.list).toEqual(list);
      const print = new Int32Array(FINGERPRINT_WORDS);
      for (const [want, name] of known.entries()) {
        wants.printOf(want, print);
        expect(name.startsWith(`${wants.keyedOf(want)} ${print.join()} `)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test("takes as many as a batch has", () => {
  const wants = new Wants();
  wants.begin();
  const print = new Int32Array(FINGERPRINT_WORDS);
  for (let i = 0; i < 50_000; i++) {
    print[0] = Math.imul(i, 0x9e3779b1);
    print[1] = i;
    wants.push(0, print, 0, { kind: "link", step: "a", keyLink: String(i) });
  }
  for (let i = 0; i < 50_000; i += 11) {
    print[0] = Math.imul(i, 0x9e3779b1);
    print[1] = i;
    expect(wants.find(0, print, 0)).toBe(i);
    expect(wants.find(1, print, 0)).toBe(-1);
  }
});
