// Where sources and sinks stand, as progress tells it.
import { expect, test } from "vitest";
import type { Reached } from "../../../runner/connectors/delivery.ts";
import { endsOf } from "../../../runner/engine/ends.ts";

const reachedOf = (partitions: number): readonly Reached[] =>
  Array.from({ length: partitions }, (_, i) => ({ partition: `clicks/${i}`, offset: i, committed: null }));
const sourceOf = (reached: readonly Reached[] | undefined) => ({
  behind: () => ({ count: 7, unit: "events" as const }),
  reached: () => reached,
});

test("of many partitions the first ones are told, and how many more there are", () => {
  const sources = new Map([["clicks", sourceOf(reachedOf(100))]]);
  const sinks = { reached: () => [{ step: "safe->kafka", reached: reachedOf(2) }] };
  expect(endsOf(sources, sinks)).toEqual({
    behind: [{ source: "clicks", count: 7, unit: "events" }],
    offsets: [
      { step: "clicks", partitions: reachedOf(64), others: 36 },
      { step: "safe->kafka", partitions: reachedOf(2), others: 0 },
    ],
  });
});

test("a step without offsets, and one that has none yet, are not told", () => {
  const sources = new Map([
    ["files", sourceOf(undefined)],
    ["clicks", sourceOf([])],
  ]);
  expect(endsOf(sources, { reached: () => [{ step: "s->file", reached: undefined }] }).offsets).toEqual([]);
});
