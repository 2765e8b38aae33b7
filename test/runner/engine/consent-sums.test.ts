// Counts by consent over all batches: each combination by itself, and never without bound.
import { expect, test } from "vitest";
import { ConsentSums } from "../../../runner/engine/consent-sums.ts";

test("combinations add up by source, however often they come", () => {
  const sums = new ConsentSums();
  sums.add("clicks", [
    { levels: [0, 1], events: 3 },
    { levels: [], events: 2 },
    { levels: [0, 1], events: 1 },
  ]);
  sums.add("orders", [{ levels: [0, 1], events: 7 }]);
  sums.add("clicks", [
    { levels: [], events: 5 },
    { levels: null, events: 1 },
  ]);
  expect(sums.sums()).toEqual([
    { source: "clicks", levels: [0, 1], events: 4 },
    { source: "clicks", levels: [], events: 7 },
    { source: "clicks", levels: null, events: 1 },
    { source: "orders", levels: [0, 1], events: 7 },
  ]);
});

test("what is too much is counted together, and no event is forgotten", () => {
  const sums = new ConsentSums();
  for (let level = 0; level < 5000; level++) sums.add("clicks", [{ levels: [level], events: 1 }]);
  const all = sums.sums();
  expect(all.length).toBeLessThanOrEqual(65);
  expect(all.find(({ levels }) => levels === null)?.events).toBeGreaterThan(4000);
  expect(all.reduce((sum, { events }) => sum + events, 0)).toBe(5000);
});
