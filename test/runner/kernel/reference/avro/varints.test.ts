// Integers against another implementation's, to their very ends.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decimalLongInto,
  decimalOfLong,
  endOfLong,
  longAt,
  longInto,
} from "../../../../../runner/kernel/reference/avro/varints.ts";
import { Output } from "../../../../../runner/kernel/reference/output.ts";
import { avroType } from "../../../../kit/avro.ts";

const type = avroType("long");

function written(write: (target: Output) => void): Buffer {
  const target = new Output(0);
  write(target);
  return Buffer.from(target.bytes.subarray(0, target.at));
}

const edges = [0n, 63n, 64n, 2n ** 29n, 2n ** 30n, 2n ** 31n, 2n ** 52n, 2n ** 53n - 1n].flatMap((edge) => [
  edge,
  edge + 1n,
  -edge,
  -edge - 1n,
]);

test("any of 64 bits goes from digits to bytes and back", () => {
  const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(fc.oneof(whole, fc.maxSafeInteger().map(BigInt), fc.constantFrom(...edges)), (value) => {
      const bytes = written((target) => decimalLongInto(target, String(value)));
      expect(bytes).toEqual(type.toBuffer(value));
      expect(endOfLong(bytes, 0, bytes.length)).toBe(bytes.length);
      expect(endOfLong(bytes, 0, bytes.length - 1)).toBe(-1);
      expect(written((target) => decimalOfLong(target, bytes, 0, bytes.length)).toString()).toBe(
        String(value),
      );
    }),
    { numRuns: 2000 },
  );
});

test("numbers up to 2^53 either way are written exactly, and those up to 2^48 read so", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges.map(Number))), (value) => {
      const bytes = written((target) => longInto(target, value));
      expect(bytes).toEqual(type.toBuffer(BigInt(value)));
      if (Math.abs(value) <= 2 ** 48) expect(longAt(bytes, 0, bytes.length)).toBe(value === 0 ? 0 : value);
    }),
    { numRuns: 2000 },
  );
});
