// Fingerprints: one for equal values, others for others, and others in every instance.
import { expect, test } from "vitest";
import { FINGERPRINT_WORDS, Fingerprints, noValue } from "../../../runner/privacy/fingerprint.ts";

function taken(prints: Fingerprints, text: string, before = ""): string {
  const print = new Int32Array(FINGERPRINT_WORDS);
  const source = Buffer.from(`${before}${text}behind`);
  prints.take(source, before.length, source.length - 6, print);
  return print.join(" ");
}

test("are those of the value, wherever it stands", () => {
  const prints = new Fingerprints();
  const values = Array.from({ length: 2000 }, (_, i) => "v".repeat(i % 50) + i);
  const one = values.map((value) => taken(prints, value));
  expect(new Set(one).size).toBe(values.length);
  expect(values.toReversed().map((value) => taken(prints, value, "before"))).toEqual(one.toReversed());
  expect(one).not.toContain(noValue.join(" "));
});

test("nobody can prepare them: each instance has a key of its own", () => {
  const [one, other] = [new Fingerprints(), new Fingerprints()];
  for (const value of ["", "anna", "a".repeat(100)]) {
    expect(taken(one, value)).not.toBe(taken(other, value));
  }
});
