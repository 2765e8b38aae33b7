// Keys go where Java's client puts them, and messages without a key stay together for a batch.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  murmur2,
  partition,
  StickyPartition,
} from "../../../../../runner/connectors/kafka/client/partitioner.ts";

// What Java's `Utils.murmur2` gives, as its own tests have it.
test.each([
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
])("murmur2 of %s", (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test("every key has a partition", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 10_000 }), (key, count) => {
      const chosen = partition(key, count);
      expect(chosen).toBeGreaterThanOrEqual(0);
      expect(chosen).toBeLessThan(count);
    }),
  );
});

test("messages without a key fill a batch before they go elsewhere, and get everywhere", () => {
  const sticky = new StickyPartition(4, 1000);
  const chosen = Array.from({ length: 40 }, () => sticky.next(100));
  const runs = chosen.filter((one, i) => one !== chosen[i - 1]);
  expect(runs).toHaveLength(4);
  expect(new Set(chosen).size).toBe(4);
});
