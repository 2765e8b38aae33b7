// Where a source begins.
import { expect, test } from "vitest";
import { startOf } from "../../../../runner/connectors/kafka/start.ts";

test.each([
  ["earliest", "earliest"],
  ["latest", "latest"],
  ["2026-11-20T00:00:00Z", { timeMs: Date.UTC(2026, 10, 20) }],
  ["2026-11-20T01:00:00+01:00", { timeMs: Date.UTC(2026, 10, 20) }],
])("%s", (start, meaning) => {
  expect(startOf(start, "clicks")).toEqual(meaning);
});

test.each(["newest", "2026-11-20", "2026-11-20T00:00:00", "", "Z"])("%j is refused", (start) => {
  expect(() => startOf(start, "clicks")).toThrow(expect.objectContaining({ code: "kafka.options" }));
});
