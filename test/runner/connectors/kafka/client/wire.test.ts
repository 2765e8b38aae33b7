// The types of the protocol: what is written is read again, and what is cut short is noticed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireReader } from "../../../../../runner/connectors/kafka/client/wire-reader.ts";
import { WireWriter } from "../../../../../runner/connectors/kafka/client/wire-writer.ts";

/** Behind the length that frames it. */
function written(write: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter().int32(0);
  write(writer);
  const frame = Buffer.concat(writer.takeFrame());
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  return frame.subarray(4);
}

const item = fc.record({
  small: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: -32_768, max: 32_767 }),
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  long: fc.maxSafeInteger(),
  text: fc.option(fc.string({ unit: "binary" })),
  bytes: fc.option(fc.uint8Array()),
  lent: fc.uint8Array(),
  flag: fc.boolean(),
  numbers: fc.array(fc.integer({ min: 0, max: 1000 })),
});

test("any struct comes back as it was", () => {
  fc.assert(
    fc.property(fc.array(item), fc.nat(2 ** 32 - 1), (items, count) => {
      const bytes = written((w) => {
        w.array(items, (one) =>
          w
            .int8(one.small)
            .int16(one.short)
            .int32(one.int)
            .int64(one.long)
            .string(one.text)
            .bytes(one.bytes)
            .lentBytes(one.lent)
            .boolean(one.flag)
            .int32Array(one.numbers),
        )
          .unsignedVarint(count)
          .tags();
      });
      const r = new WireReader(bytes);
      const back = r.array(() => ({
        small: r.int8(),
        short: r.int16(),
        int: r.int32(),
        long: r.int64(),
        text: r.nullableString(),
        bytes: asArray(r.nullableBytes()),
        lent: asArray(r.nullableBytes()),
        flag: r.boolean(),
        numbers: r.int32Array(),
      }));
      expect(back).toEqual(items);
      expect(r.unsignedVarint()).toBe(count);
      r.tags();
      expect(r.position).toBe(bytes.length);
    }),
  );
});

const asArray = (bytes: Buffer | null): Uint8Array | null => bytes && Uint8Array.from(bytes);

describe("what ends too early", () => {
  test("is an error wherever it is cut", () => {
    const whole = written((w) => w.string("topic").int64(7).bytes(Buffer.alloc(5)).tags());
    for (let length = 0; length < whole.length; length++) {
      const r = new WireReader(whole.subarray(0, length));
      expect(() => {
        r.string();
        r.int64();
        r.nullableBytes();
        r.tags();
      }).toThrow(RangeError);
    }
  });

  test("passes over tagged fields that are not known", () => {
    const bytes = written((w) => w.unsignedVarint(1).unsignedVarint(9).unsignedVarint(2).int16(5).int8(42));
    const r = new WireReader(bytes);
    r.tags();
    expect(r.int8()).toBe(42);
  });
});
