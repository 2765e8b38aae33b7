// What members tell each other comes back as it was.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from "../../../../../runner/connectors/kafka/client/group-messages.ts";

const partitions = fc
  .uniqueArray(fc.record({ topic: fc.constantFrom("a", "b", "ü.x"), partition: fc.nat(9) }), {
    selector: ({ topic, partition }) => `${topic}/${partition}`,
  })
  .map((list) => list.sort((one, other) => (one.topic < other.topic ? -1 : 1)));

test("subscriptions", () => {
  const subscription = fc.record({
    topics: fc.array(fc.string({ unit: "grapheme" })),
    seen: fc.string(),
    owned: partitions,
    generation: fc.integer({ min: -1, max: 1000 }),
  });
  fc.assert(
    fc.property(subscription, (one) => {
      expect(readSubscription(writeSubscription(one))).toEqual(one);
    }),
  );
});

test("assignments", () => {
  fc.assert(
    fc.property(partitions, (list) => {
      expect(readAssignment(writeAssignment(list))).toEqual(list);
    }),
  );
  expect(readAssignment(new Uint8Array(0))).toEqual([]);
});

test("what is cut short is an error", () => {
  const whole = writeAssignment([{ topic: "clicks", partition: 1 }]);
  expect(() => readAssignment(whole.subarray(0, 9))).toThrow(RangeError);
});
