// The ledger tells every way in which an event can go missing.
import { describe, expect, test } from "vitest";
import { type Entry, QUARANTINE, RunLedger } from "../../../runner/engine/ledger.ts";
import { lineGraph } from "../../kit/line-parts.ts";

const graph = lineGraph([
  { from: "safe", path: "safe.jsonl" },
  { from: "few", path: "few.jsonl" },
  { from: "safe", side: "keys", path: "keys.csv" },
]);

const tally = (step: string, counts: readonly [number, number, number, number]) => {
  const [into, out, withheld, rejected] = counts;
  return { step, in: into, out, withheld, rejected };
};

const good: Entry = {
  tally: [tally("clicks", [10, 8, 0, 2]), tally("safe", [8, 8, 0, 0]), tally("few", [8, 5, 3, 0])],
  handed: [
    { to: "safe->0", from: "safe", events: 8 },
    { to: "few->1", from: "few", events: 5 },
    { to: "safe->2", from: "safe.keys", events: 99 },
    { to: QUARANTINE, from: "clicks.rejected", events: 2 },
  ],
  readBytes: 100,
};

function ledgerOf(...entries: readonly Entry[]): RunLedger {
  const ledger = new RunLedger(graph.steps);
  for (const entry of entries) ledger.count(entry);
  return ledger;
}

const balanced = (...entries: readonly Entry[]) => ledgerOf(...entries).snapshot(0, 0).balanced;

describe("the ledger", () => {
  test("balances where every event is accounted for", () => {
    expect(balanced()).toBe(true);
    expect(balanced(good)).toBe(true);
    expect(balanced(good, good)).toBe(true);
  });

  test.each([
    ["an event vanishes in a step", { tally: [tally("clicks", [11, 8, 0, 2]), ...good.tally.slice(1)] }],
    [
      "an event vanishes between two steps",
      { tally: [...good.tally.slice(0, 2), tally("few", [7, 4, 3, 0])] },
    ],
    [
      "a sink gets too few",
      { handed: [{ to: "safe->0", from: "safe", events: 7 }, ...good.handed.slice(1)] },
    ],
    ["a sink gets none", { handed: good.handed.slice(1) }],
    ["a refused event is not kept", { handed: good.handed.slice(0, 3) }],
    ["a refused event comes twice", { handed: [...good.handed, ...good.handed.slice(3)] }],
  ] satisfies readonly [string, Partial<Entry>][])("does not balance where %s", (_, change) => {
    expect(balanced({ ...good, ...change })).toBe(false);
  });

  test("holds a sink's events in flight until it says that they are durable", () => {
    const ledger = ledgerOf(good);
    const inFlight = () => ledger.snapshot(0, 0).steps.map((step) => step.in_flight);
    expect(inFlight()).toEqual([0, 0, 0, 8, 5, 99]);
    for (const { to, events } of good.handed) {
      expect(ledger.settled).toBe(false);
      ledger.delivered(to, events);
    }
    expect(inFlight()).toEqual([0, 0, 0, 0, 0, 0]);
    expect(ledger.settled).toBe(true);
    ledger.delivered("safe->0", 1);
    expect(ledger.settled).toBe(false);
    expect(ledger.snapshot(0, 0).balanced).toBe(false);
  });
});

test("the ledger knows how many events came into the job, by whichever way", () => {
  const ledger = ledgerOf(good, good);
  expect(ledger.received).toBe(20);
  ledger.replayed("few", 3);
  expect(ledger.received).toBe(23);
  // What comes back into a source is counted there already.
  ledger.replayed("clicks", 2);
  expect(ledger.received).toBe(23);
});

describe("over several runs", () => {
  test("goes on where it was saved", () => {
    const saved = ledgerOf(good).save();
    const ledger = new RunLedger(graph.steps, JSON.parse(JSON.stringify(saved)));
    ledger.count(good);
    const { balanced, steps, edges, read_bytes } = ledger.snapshot(0, 0);
    expect([balanced, read_bytes]).toEqual([true, 200]);
    expect(steps.find(({ name }) => name === "few")).toMatchObject({ in: 16, out: 10, withheld: 6 });
    expect(edges).toContainEqual({ from: "clicks.rejected", to: QUARANTINE, events: 4 });
  });

  test("counts what comes back out of the quarantine at the step that had refused it", () => {
    const ledger = ledgerOf(good);
    ledger.count({
      tally: [tally("few", [1, 1, 0, 0])],
      handed: [{ to: "few->1", from: "few", events: 1 }],
      readBytes: 3,
    });
    expect(ledger.snapshot(0, 0).balanced).toBe(false);
    ledger.replayed("few", 1);
    const { balanced, edges } = ledger.snapshot(0, 0);
    expect(balanced).toBe(true);
    expect(edges).toContainEqual({ from: QUARANTINE, to: "few", events: 1 });
    expect(edges).toContainEqual({ from: "safe", to: "few", events: 8 });
  });
});
