// What is told of a run, and when.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BEAT_EVERY_MS, Reporter } from "../../../runner/engine/reporter.ts";
import type { RunEvent } from "../../../runner/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("where a sink holds the work up, that is told; where no events come, nothing is", () => {
  const events: RunEvent[] = [];
  const reporter = new Reporter((event) => events.push(event));
  const sources = new Set(["clicks"]);
  const never = new Promise<void>(() => {});
  void reporter.waits.during("clicks", () => never);
  vi.advanceTimersByTime(BEAT_EVERY_MS);
  reporter.beat(sources);
  expect(events).toEqual([]);

  void reporter.waits.during("safe->file", () => never);
  vi.advanceTimersByTime(BEAT_EVERY_MS);
  reporter.beat(sources);
  reporter.beat(sources);
  expect(events.length).toBe(1);
  expect(events[0]).toMatchObject({
    type: "progress",
    waits: [
      { on: "clicks", waited_ms: 2 * BEAT_EVERY_MS },
      { on: "safe->file", waited_ms: BEAT_EVERY_MS },
    ],
  });
});

test("no progress that was put off comes behind the end", () => {
  const events: RunEvent["type"][] = [];
  const reporter = new Reporter(({ type }) => events.push(type));
  reporter.progress();
  const ledger = reporter.snapshot();
  reporter.send({
    type: "finished",
    outcome: "failed",
    ledger,
    summary: reporter.summary(ledger),
    quarantine: null,
  });
  vi.advanceTimersByTime(10 * BEAT_EVERY_MS);
  expect(events).toEqual(["finished"]);
});
