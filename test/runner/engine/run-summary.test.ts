// The summary at a run's end, against what the run left behind and against its own events.
import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RunSummer } from "../../../runner/engine/run-summary.ts";
import { emptyFolder, writeFiles } from "../../kit/folder.ts";
import { continuing, ledgerOf, started } from "../../kit/run-events.ts";
import { runProgram } from "../../kit/run-program.ts";

const program = `
contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(0)
  page: string
  consents: int[]  @consent
}
source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
decrypt safe into some for granular(0)
sink safe into file { path = "out/safe.jsonl.gz", compress = gzip }
sink some into file { path = "out/some.jsonl", max_size = 64KiB }
`;

const visit = (i: number) =>
  `${JSON.stringify({ session: `s-${i % 20}`, page: `/${"a".repeat(2000)}`, consents: i % 2 === 0 ? [0] : [] })}\n`;

test("a run counts what it read, withheld, rejected and wrote, with the sizes of its files and its keys", async () => {
  const folder = emptyFolder();
  const lines = [...Array.from({ length: 300 }, (_, i) => visit(i)), "{}\n"].join("");
  writeFiles(folder, { "p.strm": program, "in.jsonl": lines });
  const { finished } = await runProgram(folder, "p.strm");
  const sizes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + statSync(join(folder, "out", name)).size, 0);
  const { summary } = finished;
  expect(summary).toMatchObject({
    read: 301,
    read_bytes: lines.length,
    replayed: 0,
    withheld: 150,
    rejected: 1,
    keys: [{ step: "safe", created: 20 }],
  });
  expect(summary.events_per_second).toBe(Math.round((301 * 1000) / finished.ledger.elapsed_ms));
  expect(summary.bytes_per_second).toBe(Math.round((lines.length * 1000) / finished.ledger.elapsed_ms));
  const [safe, some] = summary.sinks;
  expect(safe).toEqual({ sink: "safe->file", events: 300, objects: 1, size_bytes: sizes(["safe.jsonl.gz"]) });
  expect(some).toMatchObject({ sink: "some->file", events: 150 });
  const parts = Array.from(
    { length: some?.objects ?? 0 },
    (_, i) => `some-${String(i + 1).padStart(6, "0")}.jsonl`,
  );
  expect(parts.length).toBeGreaterThan(1);
  expect(some?.size_bytes).toBe(sizes(parts));

  // Every key is there already.
  const again = await runProgram(folder, "p.strm");
  expect(again.finished.summary).toMatchObject({ read: 301, withheld: 150, keys: [{ created: 0 }] });
});

test("keys of a session that had an earlier window are told as rotated, once", async () => {
  const folder = emptyFolder();
  const timed = program.replace("page: string", "page: string\n  at: long  @time");
  const at = (session: string, hours: number) =>
    `${JSON.stringify({ session, page: "/", at: hours * 3_600_000, consents: [] })}\n`;
  writeFiles(folder, { "p.strm": timed, "in.jsonl": at("a", 0) + at("b", 1) + at("a", 25) + at("a", 26) });
  const { events, finished } = await runProgram(folder, "p.strm");
  const told = events.filter((event) => event.type === "keys");
  expect(told.reduce((sum, { rotated }) => sum + rotated, 0)).toBe(1);
  expect(finished.summary.keys).toEqual([{ step: "safe", created: 3, rotated: 1 }]);

  // Of another run, after the window of one and long after that of the other.
  writeFiles(folder, { "in.jsonl": at("a", 30) + at("b", 90) });
  const again = await runProgram(folder, "p.strm");
  expect(again.finished.summary.keys).toEqual([{ step: "safe", created: 1, rotated: 1 }]);
});

test("a run that goes on sums up its own part alone", async () => {
  const folder = emptyFolder();
  const following = program.replace('"in.jsonl"', '"in.jsonl", follow = true');
  writeFiles(folder, { "p.strm": following, "in.jsonl": visit(0) + visit(1) });
  const part = async (read: number) => {
    const stop = new AbortController();
    const { finished } = await runProgram(folder, "p.strm", {
      stop: stop.signal,
      checkpointEveryMs: 100,
      report: (event) => {
        if (event.type === "progress" && (event.ledger.steps[0]?.in ?? 0) >= read) stop.abort();
      },
    });
    return finished;
  };
  expect((await part(2)).summary).toMatchObject({ read: 2, withheld: 1, keys: [{ created: 2 }] });
  appendFileSync(join(folder, "in.jsonl"), visit(2));
  const { summary, ledger } = await part(3);
  expect(ledger.steps[0]).toMatchObject({ in: 3 });
  expect(summary).toMatchObject({
    read: 1,
    read_bytes: visit(2).length,
    withheld: 0,
    keys: [{ created: 1 }],
  });
});

test("replayed events are no read ones, and an instant has no rate", () => {
  const summer = new RunSummer();
  summer.note(continuing(3, ledgerOf(100, { rejected: 10 })));
  const now = ledgerOf(100, { rejected: 10, replayed: 10, elapsedMs: 0 });
  expect(summer.summary(now)).toMatchObject({
    read: 0,
    read_bytes: 0,
    replayed: 10,
    events_per_second: 0,
    bytes_per_second: 0,
    sinks: [{ sink: "safe->file", events: 10, objects: 0, size_bytes: 0 }],
  });
  const first = new RunSummer();
  first.note(started());
  expect(first.summary(ledgerOf(100)).events_per_second).toBe(100);
});
