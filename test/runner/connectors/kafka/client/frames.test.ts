// Frames are the same however their bytes arrive, and nonsense is told from them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Frames } from "../../../../../runner/connectors/kafka/client/frames.ts";
import { StrmFailure } from "../../../../../runner/failure.ts";

const address = { host: "broker", port: 9092 };

test("any cuts give the same frames", () => {
  const frame = fc.uint8Array({ minLength: 4, maxLength: 50 });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat(400)), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.flatMap((one) => {
          const length = Buffer.alloc(4);
          length.writeInt32BE(one.length);
          return [length, one];
        }),
      );
      const taken: Uint8Array[] = [];
      const cutter = new Frames(address, (one) => taken.push(Uint8Array.from(one)));
      const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
      ends.reduce((from, end) => {
        cutter.take(bytes.subarray(from, end));
        return end;
      }, 0);
      expect(taken).toEqual(frames);
    }),
  );
});

test.each([
  ["an alert of TLS", "15030300020228", "kafka.tls"],
  ["a length below zero", "ffffffff00", "kafka.garbled"],
  ["a length of gigabytes", "7fffffff00", "kafka.garbled"],
])("%s", (_, hex, code) => {
  const cutter = new Frames(address, () => {});
  expect(() => cutter.take(Buffer.from(hex, "hex"))).toThrow(
    expect.toSatisfy((error) => error instanceof StrmFailure && error.code === code),
  );
});
