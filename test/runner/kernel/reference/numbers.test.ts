// Integers as they are spelled, up to the last that a double holds exactly.
import fc from "fast-check";
import { expect, test } from "vitest";
import { integerAt } from "../../../../runner/kernel/reference/numbers.ts";

const read = (digits: string): number => integerAt(Buffer.from(digits), 0, digits.length);

test("the last integers before 2^53 are exact, to the digit", () => {
  for (let back = 1; back <= 200; back++) {
    const value = 2 ** 53 - back;
    expect(read(String(value))).toBe(value);
    expect(read(String(-value))).toBe(-value);
  }
});

test("all safe integers are exact, and others never look safe", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => Object.is(read(String(value)) + 0, value + 0)));
  const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n });
  fc.assert(fc.property(large, (value) => !Number.isSafeInteger(read(String(value)))));
});
