// When a run takes the whole terminal, and when it does not.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WatchOutput } from "../../../cli/ui/watch-output.ts";
import { busyMinute, quickstartFacts, quickstartStarted } from "../../kit/watched-run.ts";

const picture = vi.hoisted(() => ({ opened: 0, shown: 0, closed: 0 }));
vi.mock("../../../cli/ui/load-picture.ts", () => ({
  loadPicture: async () => () => {
    picture.opened++;
    return { show: () => picture.shown++, close: () => picture.closed++ };
  },
}));

beforeEach(() => {
  Object.assign(picture, { opened: 0, shown: 0, closed: 0 });
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function output(): WatchOutput {
  return new WatchOutput({
    input: process.stdin,
    output: process.stderr,
    file: "quickstart.strm",
    facts: quickstartFacts,
    ascii: false,
    wish: () => {},
    look: () => {},
  });
}

test("a run that is over within a moment flashes up no other screen", async () => {
  const watched = output();
  watched.report(quickstartStarted);
  await vi.advanceTimersByTimeAsync(290);
  watched.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(picture.opened).toBe(0);
});

test("a longer one does, is drawn once a second at most while nobody presses a key, and lets go at its end", async () => {
  const watched = output();
  watched.report(quickstartStarted);
  await vi.advanceTimersByTimeAsync(310);
  expect(picture).toMatchObject({ opened: 1, shown: 1, closed: 0 });
  const events = busyMinute(10).slice(1);
  for (const event of events) {
    watched.report(event);
    await vi.advanceTimersByTimeAsync(10_000 / events.length);
  }
  expect(picture.shown).toBeGreaterThan(8);
  expect(picture.shown).toBeLessThanOrEqual(12);
  const { shown } = picture;
  watched.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(picture).toEqual({ opened: 1, shown, closed: 1 });
});
