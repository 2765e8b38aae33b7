// Integers as digits: what `String` writes, at every size.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalInto } from "../../../../runner/kernel/reference/decimal.ts";
import { Output } from "../../../../runner/kernel/reference/output.ts";

function written(...values: readonly number[]): string {
  const output = new Output(1);
  output.byte(0x3d);
  for (const value of values) {
    decimalInto(output, value);
    output.byte(0x3b);
  }
  return Buffer.from(output.bytes.subarray(0, output.at)).toString();
}

test("writes integers as String does", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 10 }), (values) => {
      expect(written(...values)).toBe(`=${values.map((value) => `${value};`).join("")}`);
    }),
    { numRuns: 1000 },
  );
});

test("at and around every power of ten and of two, and at the edges", () => {
  const around = (value: number) => [value - 1, value, value + 1];
  const values = [
    ...Array.from({ length: 16 }, (_, i) => 10 ** i).flatMap(around),
    ...Array.from({ length: 53 }, (_, i) => 2 ** i).flatMap(around),
    2 ** 53,
    Number.MAX_SAFE_INTEGER,
  ];
  for (const value of [...values, ...values.map((each) => -each)]) expect(written(value)).toBe(`=${value};`);
});
