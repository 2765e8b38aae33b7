// Holds how figures become costs and ratios: round by round, and beyond the case that another builds on.
import { expect, test } from "vitest";
import { demoData } from "../data/data-set.ts";
import { costBeyond, ratiosOf } from "./costs.ts";

const figure = (wallMs: number, cpuMs: number) => ({ wallMs, cpuMs, peakBytes: null, firstOutMs: null });

test("a ratio is taken within each round", () => {
  const costs = new Map([
    ["slow", { cpuMicros: [20, 60], wallMicros: [10, 90] }],
    ["fast", { cpuMicros: [10, 20], wallMicros: [10, 30] }],
  ]);
  const comparisons = [
    { what: "slowness", of: "slow", to: "fast" },
    { what: "not measured", of: "slow", to: "absent" },
  ];
  expect(ratiosOf(comparisons, costs)).toEqual([{ ...comparisons[0], cpu: [2, 3], wall: [1, 3] }]);
});

test("what comes on top of a case is spread over the events it names", () => {
  const figures = new Map([
    ["first", [figure(100, 50), figure(200, 150)]],
    ["all", [figure(300, 150), figure(600, 350)]],
  ]);
  const all = {
    name: "all",
    what: "",
    kind: "run",
    program: () => "",
    data: demoData(10),
    workers: 1,
    beyond: { case: "first", events: 100 },
  } as const;
  expect(costBeyond(all, figures)).toEqual({ cpuMicros: [1000, 2000], wallMicros: [2000, 4000] });
});
