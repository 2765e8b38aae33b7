// Pictures of runs at two sizes, as text: each fits its terminal, and what it shows stands in the files that `docs/` shows too.
import { describe, expect, test } from "vitest";
import { summary } from "../../../../cli/output/summary.ts";
import { styleOf } from "../../../../cli/terminal.ts";
import { frameOf } from "../../../../cli/ui/frame/frame.ts";
import { type Line, painted, type Tone, textOf } from "../../../../cli/ui/frame/line.ts";
import { type Key, press, type Screen, withSample } from "../../../../cli/ui/state/screen.ts";
import { nothingWatched, watch } from "../../../../cli/ui/state/watch.ts";
import type { RunEvent, TapSample } from "../../../../runner/index.ts";
import {
  busyMinute,
  kafkaScreen,
  progressAt,
  quickstartLedger,
  quickstartStarted,
  screenAfter,
  timeAt,
} from "../../../kit/watched-run.ts";

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
] as const;

const keys = (screen: Screen, ...all: readonly Key[]): Screen =>
  all.reduce((before, key) => press(before, key).screen, screen);
const down: Key = { name: "down" };
const enter: Key = { name: "enter" };

const rejected: RunEvent = {
  type: "rejected",
  time: timeAt(70),
  step: "events",
  code: "event.not-json",
  reason: "The line is not JSON.",
  events: 31,
  origin: "data/demo-events.jsonl",
  line: 1204,
};
const written: RunEvent = {
  type: "written",
  time: timeAt(70),
  sink: "safe->file",
  target: "out/quickstart/safe.jsonl",
  events: 700_000,
  size_bytes: 210_000_000,
};
const retry: RunEvent = {
  type: "retry",
  time: timeAt(72),
  where: "campaigns->file",
  code: "file.io",
  message: "The disk is busy.",
  attempt: 3,
  wait_ms: 2400,
  gives_up_in_ms: 97_000,
};

const sampleOf = (uncovered: boolean): TapSample => ({
  wish: { step: "recommendations", uncovered },
  events: [17, 204].map((n) => ({
    sizeBytes: 311,
    more: 0,
    fields: [
      { path: "strmMeta.eventContractRef", value: '"strmprivacy/example/1.3.0"' },
      { path: "strmMeta.nonce", value: "-1730245187" },
      { path: "strmMeta.timestamp", value: "1767323105000" },
      { path: "strmMeta.keyLink", value: '"6fd2f5a3-3c42-4c53-9b39-0a6a3f6d1c1e"' },
      { path: "strmMeta.consentLevels", value: "[0,1,2]" },
      { path: "uniqueIdentifier", value: uncovered ? `"unique-${n}"` : undefined },
      { path: "consistentValue", value: '"bf8d1ef4b6a5a80a3e4b5c96a37ae1d5"' },
      { path: "someSensitiveValue", value: '"AVvHRSaJHgHbOqgcGqiC0T0q0Nq5f3r5cK8mAqGm0w=="' },
      { path: "notSensitiveValue", value: `"not-sensitive-${n % 100}"` },
    ],
  })),
});

const usual = screenAfter([...busyMinute(), written, rejected]);
const scenes: Readonly<Record<string, Screen>> = {
  overview: usual,
  stream: keys(usual, down, down, enter),
  sink: keys(usual, down, down, down, down, down, down, enter),
  "much-withheld": screenAfter(busyMinute(72, () => ({ consented: 0.004 }))),
  "failing-sink": screenAfter([...busyMinute(), retry]),
  "out-of-balance": screenAfter([
    ...busyMinute(),
    progressAt(73, { read: 900_000, balanced: false }, { waits: [{ on: "kernels", waited_ms: 45_000 }] }),
  ]),
  "stop-question": keys(usual, { text: "q" }),
  attached: { ...usual, attached: true },
  lost: {
    ...usual,
    attached: true,
    view: watch(usual.view, { type: "tick", nowMs: Date.parse(timeAt(84)) }),
    lost: { sinceMs: Date.parse(timeAt(72)), why: "refuses the connection" },
  },
  "attached-help": keys({ ...usual, attached: true }, { text: "?" }),
  help: keys(usual, { text: "?" }),
  "kafka-overview": kafkaScreen(),
  "kafka-source": keys(kafkaScreen(), enter),
  "kafka-sink": { ...keys(kafkaScreen(), enter), selected: "safe->kafka", scroll: 8 },
  "tap-question": keys(usual, down, down, { text: "t" }),
  tap: withSample(keys(usual, down, down, { text: "t" }, { text: "y" }), sampleOf(false)),
  "uncover-question": keys(usual, down, down, { text: "t" }, { text: "y" }, { text: "u" }),
  uncovered: withSample(
    keys(usual, down, down, { text: "t" }, { text: "y" }, { text: "u" }, { text: "y" }),
    sampleOf(true),
  ),
  "no-tap": keys(usual, { text: "t" }),
};

function drawn(screen: Screen, size: (typeof sizes)[number], ascii = false): readonly Line[] {
  return frameOf(screen, { ...size, ascii }).lines;
}

describe.each(sizes)("$columns x $rows", (size) => {
  test.each(Object.keys(scenes))("%s", async (name) => {
    const lines = drawn(scenes[name]!, size).map((line) => textOf(line).trimEnd());
    expect(lines.length).toBe(size.rows);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
    const file = `../../../fixtures/frames/${name}-${size.columns}x${size.rows}.txt`;
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(file);
  });
});

/** What stays on the normal screen, as a terminal breaks its lines. */
const ended: Extract<RunEvent, { type: "finished" }> = {
  type: "finished",
  time: timeAt(75),
  outcome: "stopped",
  ledger: {
    ...quickstartLedger(75, { read: 887_402, rejected: 31 }),
    edges: [{ from: "events.rejected", to: "quarantine", events: 31 }],
  },
  summary: {
    read: 887_402,
    read_bytes: 221_850_500,
    replayed: 0,
    withheld: 1_064_846,
    rejected: 31,
    events_per_second: 11_832,
    bytes_per_second: 2_958_007,
    sinks: [
      { sink: "safe->file", events: 887_371, objects: 1, size_bytes: 266_211_300 },
      { sink: "safe.keys->file", events: 8_874, objects: 1, size_bytes: 2_662_200 },
      { sink: "recommendations->file", events: 354_948, objects: 1, size_bytes: 106_484_400 },
      { sink: "campaigns->file", events: 354_948, objects: 1, size_bytes: 106_484_400 },
    ],
    keys: [{ step: "safe", created: 2_919, rotated: 238 }],
  },
  quarantine: { path: "pipelines/.strm/jobs/quickstart/quarantine", events: 31 },
};

test.each(sizes)("the end of a run, $columns wide", async (size) => {
  const looked: RunEvent = {
    type: "uncovered",
    time: timeAt(60),
    stream: "recommendations",
    fields: ["uniqueIdentifier"],
    by: "ada",
  };
  const told: RunEvent[] = [
    ...busyMinute(),
    rejected,
    looked,
    { type: "stopping", time: timeAt(74), signal: "q" },
    ...ended.summary.sinks.map(({ sink, events, size_bytes }) => ({
      ...written,
      sink,
      events,
      size_bytes,
      target: `out/quickstart/${sink === "safe.keys->file" ? "keys.csv" : `${sink.split("->")[0]}.jsonl`}`,
    })),
    ended,
  ];
  const { run } = told.reduce(watch, nothingWatched);
  const lines = summary(run, ended, "pipelines/quickstart.strm", styleOf({ isTTY: false }));
  const broken = lines.flatMap((line) => line.match(new RegExp(`.{1,${size.columns}}`, "g")) ?? [""]);
  const file = `../../../fixtures/frames/summary-${size.columns}x${size.rows}.txt`;
  await expect(`${broken.join("\n").trimStart()}\n`).toMatchFileSnapshot(file);
});

test("every terminal gets a picture of its very size", () => {
  for (const columns of [1, 7, 40, 79, 133]) {
    for (const rows of [1, 2, 5, 10, 23]) {
      for (const screen of Object.values(scenes)) {
        const lines = frameOf(screen, { columns, rows, ascii: false }).lines;
        expect(lines.length).toBe(rows);
        for (const line of lines) expect(textOf(line).length).toBeLessThanOrEqual(columns);
      }
    }
  }
});

test("the selected step can be seen, however many there are and however small the terminal", () => {
  const names = Array.from({ length: 60 }, (_, i) => `stream-${i}`);
  const steps = names.map((name) => ({ name, kind: "source", from: null }) as const);
  const many = screenAfter([{ ...quickstartStarted, steps }]);
  for (let at = 0; at < names.length; at += 7) {
    const screen: Screen = { ...many, selected: names[at] };
    for (const rows of [12, 24, 40]) {
      const text = frameOf(screen, { columns: 80, rows, ascii: false }).lines.map(textOf);
      expect(text.filter((line) => line.startsWith(`› ${names[at]} `)).length).toBe(1);
      expect(text.join("\n")).toMatch(/\d more; arrows move/);
    }
  }
});

test("a long page scrolls to its end and not beyond", () => {
  const size = { columns: 80, rows: 14, ascii: false };
  const page = scenes.stream!;
  const end = frameOf({ ...page, scroll: 10_000 }, size);
  expect(end.scroll).toBeGreaterThan(0);
  expect(textOf(end.lines[12]!)).toMatch(/personalisation|withheld|consent/);
  expect(frameOf({ ...page, scroll: end.scroll }, size)).toEqual(end);
});

test("with --ascii nothing else is written", () => {
  for (const screen of Object.values(scenes)) {
    for (const line of drawn(screen, sizes[1], true)) expect(textOf(line)).toMatch(/^[ -~]*$/);
  }
});

test("before anything was counted there is a picture too", () => {
  expect(drawn(screenAfter([]), sizes[0]).length).toBe(24);
  expect(
    drawn(screenAfter([quickstartStarted]), sizes[0])
      .map(textOf)
      .join("\n"),
  ).toContain("starting");
});

describe("colours", () => {
  const toneOf = (screen: Screen, text: RegExp): Tone | undefined =>
    drawn(screen, sizes[1])
      .flat()
      .find((piece) => text.test(piece.text))?.tone;
  const tones = (screen: Screen) =>
    new Set(drawn(screen, sizes[1]).flatMap((line) => line.map(({ tone }) => tone)));

  test("withheld is never a warning, however much", () => {
    expect(toneOf(scenes["much-withheld"]!, />99 %/)).toBeUndefined();
    expect(tones(scenes["much-withheld"]!).has("warn")).toBe(false);
    expect(tones(scenes["much-withheld"]!).has("bad")).toBe(false);
  });

  test("rejected is amber, and red only what is lost", () => {
    const refusing = screenAfter([...busyMinute(72, () => ({ rejected: 31 })), rejected]);
    expect(toneOf(refusing, /^ +31$/)).toBe("warn");
    expect(tones(refusing).has("bad")).toBe(false);
    expect(toneOf(scenes["out-of-balance"]!, /out of balance/)).toBe("bad");
  });

  test("without colours there are no codes", () => {
    const style = styleOf({ isTTY: false });
    for (const line of drawn(usual, sizes[0])) expect(painted(line, style)).toBe(textOf(line).trimEnd());
  });
});
