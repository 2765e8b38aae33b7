// Rates, sparklines and shares of waiting, out of running totals.
import { expect, test } from "vitest";
import {
  type History,
  quietMs,
  rateOf,
  recentWaits,
  trendOf,
  withProgress,
} from "../../../../cli/ui/state/history.ts";
import { ledgerOf, progress } from "../../../kit/run-events.ts";

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A sample at each of these seconds, with as many events read by then. */
function historyOf(...totals: readonly (readonly [seconds: number, read: number])[]): History {
  return totals.reduce<History>(
    (history, [seconds, read]) => withProgress(history, progress(ledgerOf(read), { time: at(seconds) })),
    [],
  );
}

test("a rate is that of the last seconds, and falls when nothing more is told", () => {
  const history = historyOf([0, 0], [1, 9000], [5, 9000], [7, 10_000], [8, 10_300]);
  expect(rateOf(history, "clicks", 8000)).toBe(433);
  expect(rateOf(history, "clicks", 10_000)).toBe(100);
  expect(rateOf(history, "clicks", 60_000)).toBe(0);
  expect(rateOf([], "clicks", 1)).toBe(0);
  expect(rateOf(historyOf([0, 5]), "clicks", 1)).toBe(0);
  expect(rateOf(history, "other", 8000)).toBe(0);
});

test("a run that fell back to its checkpoint has no negative rate", () => {
  const history = historyOf([0, 500], [4, 100]);
  expect(rateOf(history, "clicks", 4000)).toBe(0);
  expect(trendOf(history, "clicks", 4000, 6).every((value) => value >= 0)).toBe(true);
});

test("a sparkline shows the last minute and nothing older, all events of it", () => {
  const history = historyOf([0, 700], [100, 1000], [110, 1000], [130, 1200], [160, 1200]);
  expect(trendOf(history, "clicks", 160_000, 6)).toEqual([0, 100, 100, 0, 0, 0]);
  expect(trendOf(history, "clicks", 190_000, 3)).toEqual([0, 0, 0]);
  expect(trendOf([], "clicks", 0, 2)).toEqual([0, 0]);
});

test("no more is kept than a minute, however long the run", () => {
  const times = Array.from({ length: 1000 }, (_, i): readonly [number, number] => [i / 2, i]);
  const history = historyOf(...times);
  expect(history.length).toBeLessThanOrEqual(123);
  expect(trendOf(history, "clicks", 499_500, 1)).toEqual([120]);
});

test("what was waited for in the last ten seconds counts, the longest first", () => {
  const told = (seconds: number, kernels: number, sink: number) =>
    progress(ledgerOf(1), {
      time: at(seconds),
      waits: [
        { on: "clicks", waited_ms: 9000 },
        { on: "kernels", waited_ms: kernels },
        { on: "safe->file", waited_ms: sink },
      ],
    });
  const history = [told(100, 50_000, 0), told(105, 51_000, 1000), told(115, 53_000, 8000)].reduce<History>(
    withProgress,
    [],
  );
  expect(recentWaits(history, 116_000)).toEqual([
    { on: "safe->file", share: 0.7 },
    { on: "kernels", share: 0.2 },
  ]);
  expect(quietMs(history, 116_000)).toBeUndefined();
  expect(recentWaits([], 1)).toEqual([]);
  // Nothing is told while there is just nothing to do: nobody is the slowest then.
  expect(recentWaits(history, 132_000)).toEqual([]);
  expect(quietMs(history, 132_000)).toBe(17_000);
});

test("a clock that stands still or goes back does not make it grow without end", () => {
  const totals = Array.from({ length: 2_000 }, (_, i): [number, number] => [i % 2 === 0 ? 7 : 5, i]);
  expect(historyOf(...totals).length).toBeLessThanOrEqual(300);
});

test("a stream may be called as what every object has", () => {
  const steps = ["constructor", "toString"].map((name) => ({ ...ledgerOf(9).steps[0]!, name }));
  const history = withProgress([], progress({ ...ledgerOf(0), steps: [] }, { time: at(0) }));
  const later = withProgress(history, progress({ ...ledgerOf(0), steps }, { time: at(3) }));
  expect(rateOf(later, "constructor", 3000)).toBe(3);
  expect(rateOf(later, "valueOf", 3000)).toBe(0);
});
