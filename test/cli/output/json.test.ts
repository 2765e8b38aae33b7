// A run as lines of JSON: each with its level and its run, and none that holds up the run.
import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonOutput } from "../../../cli/output/json.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { at, ledgerOf, progress, started } from "../../kit/run-events.ts";

/** A reader that takes a line when it is asked to. */
class Reader extends Writable {
  readonly lines: Record<string, unknown>[] = [];
  /** As they came. */
  readonly texts: string[] = [];
  #taken: (() => void) | undefined;

  readonly #slow: boolean;

  constructor(slow = false) {
    super({ highWaterMark: 1, decodeStrings: false });
    this.#slow = slow;
  }

  override _write(line: string, _: string, done: () => void): void {
    this.lines.push(JSON.parse(line));
    this.texts.push(line);
    if (this.#slow) this.#taken = done;
    else done();
  }

  /** Goes on with what waits. */
  async take(): Promise<void> {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
    await new Promise(setImmediate);
  }
}

const failed: RunEvent = { type: "failed", time: at(3), code: "run.locked", message: "m", help: "h" };
const warning: RunEvent = { type: "warning", time: at(1), message: "m", help: "h" };

test("each line has its level, its run, and the event as it is", () => {
  const reader = new Reader();
  const output = new JsonOutput(reader);
  const unbalanced = { ...ledgerOf(1), balanced: false };
  const events = [started(), progress(ledgerOf(1)), progress(unbalanced), warning, failed];
  for (const event of events) output.report(event);
  const run_id = "20260102T030400Z-abcdef";
  const levels = ["info", "debug", "error", "warn", "error"];
  expect(reader.lines).toEqual(events.map((event, i) => ({ level: levels[i], run_id, ...event })));
});

test("a reader that is behind misses progress, but for the latest", async () => {
  const reader = new Reader(true);
  const output = new JsonOutput(reader);
  output.report(started());
  for (let read = 1; read <= 100; read++) output.report(progress(ledgerOf(read)));
  output.report(failed);
  for (let i = 0; i < 10; i++) await reader.take();
  expect(reader.lines.map(({ type }) => type)).toEqual(["started", "progress", "failed"]);
  expect(reader.lines[1]).toMatchObject({ ledger: { read_bytes: 1_000 } });
});

test("lines hold the very members of the event in their order, each once, and nothing of the process", () => {
  const { run_id, ...rest } = started();
  const reader = new Reader();
  new JsonOutput(reader).report(started());
  expect(reader.texts).toEqual([`${JSON.stringify({ level: "info", run_id, ...rest })}\n`]);
  const text = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(text, text, fc.double(), (message, help, number) => {
      const events: readonly RunEvent[] = [
        { ...warning, message, help },
        { type: "recovered", time: at(1), where: message, attempts: number },
        progress(ledgerOf(1), { behind: [{ source: help, count: number, unit: "events" }] }),
      ];
      const late = new Reader();
      const output = new JsonOutput(late);
      output.report(started());
      for (const event of events) output.report(event);
      const levels = ["warn", "info", "debug"];
      const lines = events.map((event, i) => `${JSON.stringify({ level: levels[i], run_id, ...event })}\n`);
      expect(late.texts.slice(1)).toEqual(lines);
    }),
  );
});

test("what comes before the run has begun has no run", () => {
  const reader = new Reader();
  new JsonOutput(reader).report(failed);
  expect(reader.texts).toEqual([`${JSON.stringify({ level: "error", ...failed })}\n`]);
});
