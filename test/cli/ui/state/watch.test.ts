// What somebody sees of a run, event by event.
import { describe, expect, test } from "vitest";
import { rateOf, recentWaits } from "../../../../cli/ui/state/history.ts";
import { caughtUp, nothingWatched, watch } from "../../../../cli/ui/state/watch.ts";
import type { RunEvent } from "../../../../runner/index.ts";
import { at, continuing, ledgerOf, progress, started } from "../../../kit/run-events.ts";

const secondsAt = (seconds: number): number => Date.parse(at(seconds));

test("time passes by events and by the clock, and never back", () => {
  const view = [started(), progress(ledgerOf(10)), { type: "tick", nowMs: secondsAt(9) } as const].reduce(
    watch,
    nothingWatched,
  );
  expect(view.startedMs).toBe(secondsAt(0));
  expect(view.nowMs).toBe(secondsAt(9));
  expect(watch(view, { type: "tick", nowMs: secondsAt(3) }).nowMs).toBe(secondsAt(9));
});

test("a run that goes on has the rate of what it does itself", () => {
  const view = [continuing(7, ledgerOf(4000)), progress(ledgerOf(4500))].reduce(watch, nothingWatched);
  expect(rateOf(view.history, "clicks", secondsAt(1))).toBe(500);
});

test("keys add up, checkpoints have their time, sources say how far behind they are", () => {
  const events: readonly RunEvent[] = [
    started(),
    { type: "keys", time: at(1), step: "safe", created: 3, rotated: 0 },
    { type: "keys", time: at(2), step: "safe", created: 4, rotated: 2 },
    { type: "checkpoint", time: at(3), checkpoint: 1, events: 5, took_ms: 250 },
    progress(ledgerOf(10), { time: at(4), behind: [{ source: "clicks", count: 9, unit: "events" }] }),
  ];
  const view = events.reduce(watch, nothingWatched);
  expect(view.keysMade).toEqual({ safe: { created: 7, rotated: 2 } });
  expect(view.checkpointMs).toBe(secondsAt(3));
  expect(view.behind).toEqual([{ source: "clicks", count: 9, unit: "events" }]);
  expect(watch(view, progress(ledgerOf(10))).behind).toEqual([]);
});

test("warnings are kept, but not without end", () => {
  const warning = (number: number): RunEvent => ({
    type: "warning",
    time: at(1),
    message: `${number}`,
    help: "",
  });
  const view = Array.from({ length: 500 }, (_, i) => warning(i)).reduce(watch, nothingWatched);
  expect(view.warnings.length).toBe(20);
  expect(view.warnings[0]?.message).toBe("0");
});

describe("whoever comes late", () => {
  const soFar = (seconds: number, read: number): readonly RunEvent[] => [
    started(),
    progress(ledgerOf(read), { time: at(seconds), waits: [{ on: "keys", waited_ms: seconds * 900 }] }),
  ];

  test("sees what happened, and no rate of a time that nobody saw", () => {
    const view = caughtUp(nothingWatched, soFar(50, 5_000), secondsAt(51));
    expect(view.run.ledger).toEqual(ledgerOf(5_000));
    expect(view.startedMs).toBe(secondsAt(0));
    expect(view.nowMs).toBe(secondsAt(51));
    expect(rateOf(view.history, "clicks", view.nowMs)).toBe(0);
    expect(recentWaits(view.history, view.nowMs)).toEqual([]);
    const next = watch(view, progress(ledgerOf(5_040), { time: at(54) }));
    expect(rateOf(next.history, "clicks", next.nowMs)).toBe(10);
  });

  test("and comes back counts nothing twice, and has the minute that was seen", () => {
    const keys: RunEvent = { type: "keys", time: at(1), step: "safe", created: 3, rotated: 1 };
    const before = caughtUp(nothingWatched, [...soFar(50, 5_000), keys], secondsAt(50));
    const after = caughtUp(before, [...soFar(56, 5_060), keys], secondsAt(56));
    expect(after.keysMade).toEqual({ safe: { created: 3, rotated: 1 } });
    expect(rateOf(after.history, "clicks", after.nowMs)).toBe(10);
    const same = caughtUp(after, [...soFar(56, 5_060), keys], secondsAt(57));
    expect(same.history).toEqual(after.history);
  });

  test("and finds another run has nothing of the one before", () => {
    const before = caughtUp(nothingWatched, soFar(50, 5_000), secondsAt(50));
    const other = started({ run_id: "20260102T030500Z-fedcba", time: at(58) });
    const after = caughtUp(before, [other, progress(ledgerOf(10), { time: at(59) })], secondsAt(59));
    expect(after.startedMs).toBe(secondsAt(58));
    expect(after.history.map(({ timeMs }) => timeMs)).toEqual([secondsAt(59)]);
  });

  test("and before it has begun sees nothing yet", () => {
    expect(caughtUp(nothingWatched, [], secondsAt(5))).toEqual({ ...nothingWatched, nowMs: secondsAt(5) });
  });
});
