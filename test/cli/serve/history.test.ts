// A history adds up to what a reader from the start has seen, and stays small.
import { expect, test } from "vitest";
import { nothingYet, reduce } from "../../../cli/output/state.ts";
import { History } from "../../../cli/serve/history.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { at, ledgerOf, progress, started } from "../../kit/run-events.ts";

const rejected = (reason: string, events: number): RunEvent => ({
  type: "rejected",
  time: at(1),
  step: "clicks",
  code: "event.not-json",
  reason,
  events,
  origin: "in.jsonl",
  line: 3,
});
const written = (sink: string, target: string, events: number): RunEvent => ({
  type: "written",
  time: at(1),
  sink,
  target,
  events,
  size_bytes: 10 * events,
});
const retry = (where: string, attempt: number): RunEvent => ({
  type: "retry",
  time: at(1),
  where,
  code: "kafka.unreachable",
  message: "away",
  attempt,
  wait_ms: 1,
  gives_up_in_ms: 1,
});

const all: readonly RunEvent[] = [
  started(),
  { type: "opened", time: at(1) },
  { type: "keys", time: at(1), step: "safe", created: 3, rotated: 0 },
  progress(ledgerOf(5)),
  rejected("a", 1),
  written("one", "a.jsonl", 5),
  retry("one", 1),
  retry("two", 1),
  rejected("b", 2),
  { type: "recovered", time: at(1), where: "one", attempts: 2 },
  { type: "checkpoint", time: at(1), checkpoint: 1, events: 5, took_ms: 250 },
  { type: "keys", time: at(1), step: "safe", created: 4, rotated: 2 },
  rejected("a", 10),
  retry("two", 2),
  written("one", "b.jsonl", 7),
  progress(ledgerOf(20), {
    offsets: [{ step: "two", partitions: [{ partition: "t/0", offset: 9, committed: 7 }], others: 0 }],
  }),
  { type: "checkpoint", time: at(1), checkpoint: 2, events: 5, took_ms: 250 },
  // What fails for good takes the run back to its checkpoint.
  retry("run", 1),
  { type: "opened", time: at(2) },
  { type: "recovered", time: at(2), where: "run", attempts: 1 },
];

function historyOf(events: readonly RunEvent[]): readonly RunEvent[] {
  const history = new History();
  for (const event of events) history.note(event);
  return history.events();
}

test("whoever reduces the history sees what one sees who was there from the start", () => {
  for (let length = 0; length <= all.length; length++) {
    const events = all.slice(0, length);
    const { samples: _, retrying, ...whole } = events.reduce(reduce, nothingYet);
    const { samples: __, retrying: later, ...short } = historyOf(events).reduce(reduce, nothingYet);
    expect(short).toEqual(whole);
    // When the first attempt failed is not in the last one.
    expect(later.map(({ last }) => last)).toEqual(retrying.map(({ last }) => last));
  }
  const reasons = [...all, ...Array.from({ length: 150 }, (_, i) => rejected(`r${i}`, 1))];
  const counts = (events: readonly RunEvent[]) => {
    const { rejections, otherRejected } = events.reduce(reduce, nothingYet);
    return { rejections, otherRejected };
  };
  expect(counts(historyOf(reasons))).toEqual(counts(reasons));
  const keys = historyOf(all).filter(({ type }) => type === "keys");
  expect(keys).toEqual([expect.objectContaining({ created: 7, rotated: 2 })]);
});

test("it does not grow with the run", () => {
  const many = Array.from({ length: 5_000 }, (_, i): RunEvent[] => [
    progress(ledgerOf(i)),
    written("one", `${i}.jsonl`, 1),
    rejected(`reason ${i}`, 1),
    { type: "warning", time: at(1), message: `m ${i}`, help: "h" },
    { type: "checkpoint", time: at(1), checkpoint: i, events: 5, took_ms: 250 },
  ]).flat();
  const events = historyOf(many);
  expect(events.length).toBeLessThan(130);
  expect(events).toContainEqual(expect.objectContaining({ type: "warning", message: "m 4999" }));
  expect(events).toContainEqual(expect.objectContaining({ type: "written", objects: 5_000, events: 5_000 }));
});
