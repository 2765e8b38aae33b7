// What a terminal shows of a run of another process: when the other screen comes and goes, and what stays on the normal one.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AttachedOutput } from "../../../cli/ui/attached-output.ts";
import type { Key } from "../../../cli/ui/state/screen.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { allEvents } from "../../kit/all-events.ts";
import { busyMinute, quickstartFacts, quickstartStarted, timeAt } from "../../kit/watched-run.ts";

const picture = vi.hoisted(() => {
  const nobody = (_: unknown): void => {};
  return { opened: 0, closed: 0, lines: [""], press: nobody };
});
vi.mock("../../../cli/ui/load-picture.ts", () => ({
  loadPicture: async () => (_: unknown, press: (key: unknown) => void) => {
    picture.opened++;
    picture.press = press;
    return {
      show: (lines: string[]) => {
        picture.lines = lines;
      },
      close: () => picture.closed++,
    };
  },
}));

let written: string[] = [];
let left = 0;

beforeEach(() => {
  Object.assign(picture, { opened: 0, closed: 0, lines: [] });
  written = [];
  left = 0;
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  Object.assign(process.stderr, { columns: 80, rows: 24 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function output(): AttachedOutput {
  const terminal = { input: process.stdin, output: process.stderr };
  return new AttachedOutput({ ...terminal, place: "http://run:1", ascii: false, leave: () => left++ });
}

const nowMs = Date.parse(timeAt(72));
const finished = allEvents.find(
  (event): event is Extract<RunEvent, { type: "finished" }> => event.type === "finished",
);
const head = (): string => picture.lines[0] ?? "";

test("a run that is over has its summary, and no other screen flashes up", async () => {
  const attached = output();
  attached.begin(quickstartFacts, nowMs, [...busyMinute(), finished!]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(picture.opened).toBe(0);
  expect(written.join("")).toMatch(
    /^attached to http:\/\/run:1\n[\s\S]*quickstart failed[\s\S]*strm run quickstart\.strm/,
  );
});

test("one that goes on is drawn, lost, and found again, and writes nothing beside the picture", async () => {
  const attached = output();
  attached.begin(quickstartFacts, nowMs, busyMinute());
  await vi.advanceTimersByTimeAsync(1_500);
  expect(picture.opened).toBe(1);
  expect(head()).toMatch(/^quickstart {2}running/);
  attached.lost("refuses the connection");
  await vi.advanceTimersByTimeAsync(7_000);
  attached.lost("can't be found");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(head()).toMatch(/^quickstart {2}lost the run 1[123] s ago, trying again/);
  expect(picture.lines[2]).toBe("lost: it can't be found");
  attached.begin(quickstartFacts, nowMs, [{ ...quickstartStarted, run_id: "another" }]);
  await vi.advanceTimersByTimeAsync(100);
  expect(head()).toMatch(/^quickstart {2}starting/);
  attached.report(busyMinute().at(-1)!);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(head()).toMatch(/^quickstart {2}running/);
  expect(picture).toMatchObject({ opened: 1, closed: 0 });
  expect(written).toEqual(["attached to http://run:1\n"]);
  attached.report(finished!);
  expect(picture.closed).toBe(1);
  expect(written.join("")).toContain("quickstart failed");
});

test("time is that of the run's machine, whose clock may be another", async () => {
  vi.setSystemTime(nowMs + 3_600_000);
  const attached = output();
  attached.begin(quickstartFacts, nowMs, busyMinute());
  await vi.advanceTimersByTimeAsync(10_500);
  expect(head()).toMatch(/^quickstart {2}running {2}1 min 22 s/);
  attached.close();
});

test("whoever leaves is told that the run was not stopped", async () => {
  const attached = output();
  attached.begin(quickstartFacts, nowMs, busyMinute());
  await vi.advanceTimersByTimeAsync(500);
  const key: Key = { text: "q" };
  picture.press(key);
  expect(left).toBe(1);
  attached.leave();
  expect(picture.closed).toBe(1);
  expect(written.at(-1)).toBe("left quickstart at http://run:1, which was not stopped\n");
});
