// The picture of a run on a terminal: what this run did, what is tried again, and never a line too long or too many.
import { expect, test } from "vitest";
import { picture } from "../../../cli/output/live.ts";
import { nothingYet, reduce } from "../../../cli/output/state.ts";
import { styleOf } from "../../../cli/terminal.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { at, continuing, ledgerOf, progress, started } from "../../kit/run-events.ts";

const retry: RunEvent = {
  type: "retry",
  time: at(1),
  where: "safe->file",
  code: "file.io",
  message: "It is busy.",
  attempt: 1,
  wait_ms: 400,
  gives_up_in_ms: 110_000,
};

function drawn(events: readonly RunEvent[], columns = 200, rows = 24): string[] {
  const view = events.reduce(reduce, nothingYet);
  return picture(view, 0, 2000, { columns, rows, style: styleOf({ isTTY: false }) });
}

test("a run that goes on shows its own counts, and the tables those of the job", () => {
  const lines = drawn([continuing(7, ledgerOf(4000)), progress(ledgerOf(5000))]);
  expect(lines[0]).toBe("⠋ visits  2.0 s  1,000 events read  10.0 kB  1,000/s");
  expect(lines.join("\n")).toMatch(/clicks +5,000 += +5,000/);
});

test("what is tried again stands above the tables, also before anything was read", () => {
  const words =
    /^ *retry: safe->file: It is busy\. \(file\.io\) Attempt 1 failed; next in 0\.4 s, gives up in 1 min 50 s$/;
  expect(drawn([started(), retry])[1]).toMatch(words);
  expect(drawn([started(), progress(ledgerOf(5)), retry])[1]).toMatch(words);
  const recovered: RunEvent = { type: "recovered", time: at(2), where: "safe->file", attempts: 2 };
  expect(drawn([started(), retry, recovered]).length).toBe(1);
});

test("a replay counts what came out of the quarantine", () => {
  const continues = { checkpoint: 1, made: at(0), ledger: ledgerOf(100, { rejected: 9 }) };
  const lines = drawn([
    started({ replays: true, continues }),
    progress(ledgerOf(100, { rejected: 9, replayed: 9 })),
  ]);
  expect(lines[0]).toMatch(/ 9 events replayed {2}9\/s$/);
});

test("nothing is wider or higher than the terminal", () => {
  const lines = drawn([started(), progress(ledgerOf(5)), retry], 30, 6);
  expect(lines.length).toBeLessThanOrEqual(6);
  for (const line of lines) expect(line.length).toBeLessThan(30);
});
