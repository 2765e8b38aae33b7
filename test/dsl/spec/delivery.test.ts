// Each route keeps the promise its two ends allow, and says why.
import { expect, test } from "vitest";
import { deliveryOf } from "../../../dsl/spec/delivery.ts";

const source = (kind: "whole" | "none") => ({ kind, why: "the source says why" });
const sink = (kind: "replaces" | "appends") => ({ kind, why: "the sink says why." });

test.each([
  ["whole", "replaces", "exactly-once"],
  ["whole", "appends", "at-least-once"],
  ["none", "replaces", "at-most-once"],
  ["none", "appends", "at-most-once"],
] as const)("read %s, written so that it %s: %s", (replay, repeat, promise) => {
  const delivery = deliveryOf(source(replay), sink(repeat));
  expect(delivery.promise).toBe(promise);
  expect(delivery.reason).toMatch(/ The source says why\. The sink says why\.$/);
});
