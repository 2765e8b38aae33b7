// A run in words, as it stands in a log.
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { TextOutput } from "../../../cli/output/text.ts";
import { RunSummer } from "../../../runner/engine/run-summary.ts";
import type { Finished, PartitionOffset, RunEvent } from "../../../runner/index.ts";
import { at, continuing, ledgerOf, progress, started } from "../../kit/run-events.ts";

function textOf(...events: readonly RunEvent[]): string {
  let text = "";
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += chunk;
      done();
    },
  });
  const out = Object.assign(stream, { isTTY: false, columns: 80, rows: 24 });
  const output = new TextOutput({ out, file: "visits.strm", live: false, ascii: false });
  for (const event of events) output.report(event);
  output.close();
  return text;
}

const finished = (outcome: Finished["outcome"], ledger = ledgerOf(5000), from?: RunEvent): Finished => {
  const summer = new RunSummer();
  summer.note(from ?? started());
  const summary = summer.summary(ledger);
  return { type: "finished", time: at(3), outcome, ledger, summary, quarantine: null };
};
const retry = (attempt: number): RunEvent => ({
  type: "retry",
  time: at(attempt),
  where: "safe->file",
  code: "file.io",
  message: "It is busy.",
  attempt,
  wait_ms: 400,
  gives_up_in_ms: 110_000,
});
const checkpoint: RunEvent = { type: "checkpoint", time: at(2), checkpoint: 8, events: 5, took_ms: 250 };

test("a run that goes on says from where, and its rate is its own", () => {
  const text = textOf(
    continuing(7, ledgerOf(4000)),
    finished("completed", ledgerOf(5000, { elapsedMs: 2000 }), continuing(7, ledgerOf(4000))),
  );
  expect(text).toContain("visits goes on from checkpoint 7, made at 2026-01-02 03:04:00 UTC; 2 workers");
  expect(text).toContain("visits completed: 1,000 events read, 10.0 kB in 2.0 s, 500 events/s, 5.0 kB/s");
  expect(text).toContain("The tables count all runs of the job: 5,000 events read.");
  expect(text).not.toContain("To go on");
});

test("where records have offsets, the last ones stand behind the target", () => {
  const partition = (number: number, offset: number) => ({
    partition: `clicks.safe/${number}`,
    offset,
    committed: null,
  });
  const withOffsets = (...partitions: readonly PartitionOffset[]) => [
    started(),
    progress(ledgerOf(5000), { offsets: [{ step: "safe->file", partitions, others: 0 }] }),
    written,
    finished("completed"),
  ];
  const written: RunEvent = {
    type: "written",
    time: at(2),
    sink: "safe->file",
    target: "clicks.safe",
    events: 5000,
    size_bytes: 50_000,
  };
  expect(textOf(...withOffsets(partition(0, 12_345)))).toMatch(/clicks\.safe, offset 12,345$/m);
  expect(textOf(...withOffsets(partition(0, 12_345), partition(1, 99)))).toMatch(
    /clicks\.safe, offsets 99 to 12,345 in 2 partitions$/m,
  );
});

test("key links are told at the end, with those that changed a session's keys", () => {
  const keys: RunEvent = { type: "keys", time: at(2), step: "safe", created: 1200, rotated: 37 };
  const textAfter = (event: RunEvent): string => {
    const summer = new RunSummer();
    summer.note(event);
    return textOf(started(), { ...finished("completed"), summary: summer.summary(ledgerOf(5000)) });
  };
  expect(textAfter(keys)).toContain("Keys: 1,200 new key links for safe, 37 of them rotated.");
  expect(textAfter({ ...keys, rotated: 0 })).toContain("Keys: 1,200 new key links for safe.");
});

test("checkpoints are quiet", () => {
  expect(textOf(started(), checkpoint)).toBe(textOf(started()));
});

test("what is tried again is told once in a while, and so is its success", () => {
  const recovered: RunEvent = { type: "recovered", time: at(4), where: "safe->file", attempts: 4 };
  const lines = textOf(started(), retry(1), retry(2), retry(3), recovered, retry(1)).split("\n").slice(1, -1);
  expect(lines).toEqual([
    "retry: safe->file: It is busy. (file.io) Attempt 1 failed; next in 0.4 s, gives up in 1 min 50 s",
    "recovered: safe->file succeeded at attempt 4",
    "retry: safe->file: It is busy. (file.io) Attempt 1 failed; next in 0.4 s, gives up in 1 min 50 s",
  ]);
});

test("a run that was stopped or failed says how to go on", () => {
  const stopping: RunEvent = { type: "stopping", time: at(2), signal: "SIGINT" };
  expect(textOf(started(), stopping, finished("stopped"))).toMatch(
    /To go on: strm run visits\.strm goes on where it stopped\.\n$/,
  );
  const failed: RunEvent = { type: "failed", time: at(2), code: "file.io", message: "No.", help: "Look." };
  expect(textOf(started(), checkpoint, failed, finished("failed"))).toMatch(
    /To go on: strm run visits\.strm goes on from checkpoint 8, which holds\.\n$/,
  );
  expect(textOf(started(), failed, finished("failed"))).not.toContain("To go on");
});

test("a replay counts what came out of the quarantine", () => {
  const before = ledgerOf(100, { rejected: 10 });
  const after = ledgerOf(100, { rejected: 10, replayed: 10 });
  const start = started({ replays: true, continues: { checkpoint: 3, made: at(0), ledger: before } });
  const kept = { path: "/state/q.jsonl", events: 1 };
  const text = textOf(start, { ...finished("completed", after, start), quarantine: kept });
  expect(text).toContain("visits replays what its quarantine holds");
  expect(text).toContain("visits completed: 10 rejected events replayed in 1.0 s, 10 events/s");
  expect(text).toContain("The tables count all runs of the job: 100 events read, and 10 replayed.");
  expect(text).toContain("Quarantine: 1 rejected event, which no sink takes, waits sealed in");
  expect(text).toContain("strm rejected list visits.strm");
});
