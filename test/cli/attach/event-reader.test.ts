// What comes over the network is either a run event as we know it, or is refused; whatever passes can be drawn, and writes no codes to a terminal.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventReader } from "../../../cli/attach/event-reader.ts";
import { Misfit } from "../../../cli/attach/misfit.ts";
import { summary } from "../../../cli/output/summary.ts";
import { styleOf } from "../../../cli/terminal.ts";
import { frameOf } from "../../../cli/ui/frame/frame.ts";
import { textOf } from "../../../cli/ui/frame/line.ts";
import { openScreen } from "../../../cli/ui/state/screen.ts";
import { caughtUp, nothingWatched } from "../../../cli/ui/state/watch.ts";
import type { RunEvent, Started } from "../../../runner/index.ts";
import { allEvents } from "../../kit/all-events.ts";
import { randomlyBroken } from "../../kit/broken-json.ts";
import { at, started } from "../../kit/run-events.ts";
import { quickstartFacts } from "../../kit/watched-run.ts";

const time = "2026-01-02T03:04:05.000Z";
const snapshot = (...events: readonly unknown[]): unknown => ({ type: "snapshot", time, events });

function read(...events: readonly unknown[]): readonly RunEvent[] {
  return new EventReader().snapshot(JSON.parse(JSON.stringify(snapshot(...events)))).events;
}

function refusal(...events: readonly unknown[]): string {
  try {
    read(...events);
  } catch (error) {
    if (error instanceof Misfit) return `${error.place} ${error.message}`;
    throw error;
  }
  throw new Error("it was read");
}

test("run events come out as they are", () => expect(read(...allEvents)).toEqual(allEvents));

test("members and kinds that are new are left out", () => {
  const newer = { ...started(), weather: { sun: [1] } };
  expect(read(newer, { type: "moved", time }, { type: "constructor" })).toEqual([started()]);
});

test("what tells of steps that the run has not named is left out, so that nothing piles up", () => {
  const strangers = [
    { type: "keys", time, step: "stranger", created: 1, rotated: 0 },
    { type: "written", time, sink: "stranger", target: "t", events: 1, size_bytes: 1 },
    { type: "recovered", time, where: "stranger", attempts: 1 },
  ];
  expect(read(started(), ...strangers)).toEqual([started()]);
  const known = { type: "recovered", time, where: "checkpoint", attempts: 1 };
  expect(read(started(), known).length).toBe(2);
});

test.each<[string, Partial<Started>]>([
  ["started.steps is no tree", { steps: [{ name: "a", kind: "encrypt", from: "a" }] }],
  [
    "started.steps is no tree",
    {
      steps: [
        { name: "a", kind: "encrypt", from: "b" },
        { name: "b", kind: "encrypt", from: "a" },
      ],
    },
  ],
  [
    "started.steps is no tree",
    {
      steps: Array.from({ length: 102 }, (_, i) => ({
        name: `s${i}`,
        kind: "encrypt" as const,
        from: i === 0 ? null : `s${i - 1}`,
      })),
    },
  ],
  [
    "started.steps names a step twice",
    {
      steps: [
        { name: "a", kind: "source", from: null },
        { name: "a", kind: "source", from: null },
      ],
    },
  ],
  [
    "started.steps is not a list of 500 at most",
    {
      steps: Array.from({ length: 501 }, (_, i) => ({ name: `s${i}`, kind: "source" as const, from: null })),
    },
  ],
  ["started.time is not a time", { time: "yesterday" }],
])("%s", (message, more) => expect(refusal(started(more))).toBe(message));

test("where it does not fit is told, and the value is not", () => {
  expect(refusal(started(), { type: "keys", time, step: "safe", created: "PLANTED" })).toBe(
    "keys.created is not an amount",
  );
  expect(refusal(started(), { type: "warning", time, message: 7, help: "" })).toBe(
    "warning.message is not a text",
  );
  expect(refusal(started(), "PLANTED")).toBe(" is not a run event");
  for (const created of [-1, 1e300, null, Number.MAX_SAFE_INTEGER + 1])
    expect(refusal(started(), { type: "keys", time, step: "safe", created })).toBe(
      "keys.created is not an amount",
    );
});

describe("whatever a hostile server says", () => {
  const codes = "\u001b]0;owned\u0007\u001b[2J\u009b31m\r\n\u202e";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

  function everythingDrawn(events: readonly RunEvent[]): string {
    const view = caughtUp(nothingWatched, events, Date.parse(at(9)));
    const screen = { ...openScreen(view, quickstartFacts), attached: true };
    const pages = [
      screen,
      { ...screen, lost: { sinceMs: 0, why: codes } },
      ...view.run.steps.map(({ name }) => ({ ...screen, page: "step" as const, selected: name })),
    ];
    const frames = pages.flatMap((page) => frameOf(page, { columns: 100, rows: 30, ascii: false }).lines);
    const end = view.run.finished;
    const words = end === undefined ? [] : summary(view.run, end, "x.strm", styleOf({ isTTY: false }));
    return [...frames.map(textOf), ...words].join("\n");
  }

  test("no text brings codes to the terminal", () => {
    const replacer = (key: string, value: unknown): unknown =>
      typeof value !== "string" ||
      ["type", "time", "made", "kind", "unit", "outcome", "code", "call"].includes(key)
        ? value
        : `${value.slice(0, 2)}${codes}${value.slice(2)}`;
    const hostile: unknown = JSON.parse(JSON.stringify(snapshot(...allEvents), replacer));
    const { events } = new EventReader().snapshot(hostile);
    expect(events.length).toBeGreaterThan(10);
    expect(JSON.stringify(events)).not.toMatch(/\\u001b|\u009b/);
    expect(everythingDrawn(events)).not.toMatch(control);
  });

  test("names that every object has are names like others", () => {
    const steps = ["constructor", "__proto__", "toString"].map((name) => ({
      name,
      kind: "source",
      from: null,
    }));
    const events = read(
      started(),
      { ...started(), steps },
      { type: "keys", time, step: "__proto__", created: 7, rotated: 0 },
    );
    expect(everythingDrawn(events)).toContain("constructor");
  });

  test("it is read and can be drawn, or is refused", () => {
    fc.assert(
      fc.property(randomlyBroken(snapshot(...allEvents)), (broken) => {
        let events: readonly RunEvent[];
        try {
          events = new EventReader().snapshot(broken).events;
        } catch (error) {
          expect(error).toBeInstanceOf(Misfit);
          return;
        }
        expect(everythingDrawn(events)).not.toMatch(control);
      }),
      { numRuns: 300 },
    );
  });
});
