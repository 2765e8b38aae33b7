// `strm state`: what a state folder holds, while nobody or somebody runs its pipelines, and without a trace.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSqliteStore } from "../../runner/privacy/stores/sqlite.ts";
import { strm } from "../kit/cli.ts";
import { emptyFolder, filesBelow } from "../kit/folder.ts";
import { openRun } from "../kit/job-folder.ts";
import { lineGraph } from "../kit/line-parts.ts";

const graph = lineGraph([{ from: "safe", path: "out.jsonl" }]);
const run = "20260102T030405Z-aaaaaa";
const refused = { step: "clicks", code: "event.not-json", event: "sealed", line: 3 };

const show = async (folder: string, ...more: string[]) => {
  const result = await strm(["state", "--state", folder, ...more]);
  expect(result.stderr).toBe("");
  expect(result.code).toBe(0);
  return result.stdout;
};
const jobsOf = async (folder: string) => JSON.parse(await show(folder, "--json")).jobs;

describe("a job", () => {
  test("is shown with checkpoint, positions, ledger and quarantine, each in words and as JSON", async () => {
    const folder = emptyFolder();
    const job = await openRun(folder, {
      graph,
      run,
      read: 1234,
      checkpoint: 7,
      records: [refused, refused],
      replayed: 1,
    });
    job.end("stopped");
    job.close();
    const text = await show(folder);
    expect(text).toMatch(/^lines {2}stopped; the next run goes on\n/);
    expect(text).toMatch(
      /checkpoint 7, made at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC; run 20260102T030405Z-aaaaaa\n/,
    );
    expect(text).toMatch(/clicks +in\.jsonl +offset_bytes 12,340\n/);
    expect(text).toMatch(/clicks +1,234 += +1,232 +\+ +0 +\+ +2\n/);
    expect(text).toMatch(/safe->0 +1,232 /);
    expect(text).toContain(`quarantine: 2 events of run ${run}, 1 of them replayed`);
    const [shown] = await jobsOf(folder);
    expect(shown).toMatchObject({
      pipeline: "lines",
      status: "stopped",
      running: null,
      checkpoint: { number: 7 },
      positions: [{ source: "clicks", partition: "in.jsonl", position: { offset_bytes: 12_340 } }],
      ledger: { balanced: true, read_bytes: 12_340 },
      quarantine: [{ run, events: 2, waiting: 1 }],
    });
    expect(JSON.stringify(shown)).not.toContain("digest");
  });

  test("that runs is told from one that was killed, and is not disturbed", async () => {
    const folder = emptyFolder();
    const job = await openRun(folder, { graph, run, read: 10 });
    expect(await show(folder)).toContain(`lines  running as process ${process.pid} on `);
    const record = { positions: new Map(), sinks: new Map(), exported: new Map() };
    const ledger = job.state.summary()?.ledger;
    if (ledger === undefined) throw new Error("the job has no ledger");
    job.state.record({ checkpoint: 2, ...record, ledger });
    expect(await jobsOf(folder)).toMatchObject([{ status: "running", checkpoint: { number: 2 } }]);
    job.close();
    expect(await jobsOf(folder)).toMatchObject([{ status: "killed", running: null }]);
  });

  test.each(["failed", "completed"] as const)("says how it ended: %s", async (status) => {
    const folder = emptyFolder();
    const job = await openRun(folder, { graph, run, read: 10 });
    job.end(status);
    job.close();
    expect(await jobsOf(folder)).toMatchObject([{ status }]);
  });
});

test("several jobs stand in one folder, and a file names one of them", async () => {
  const folder = emptyFolder();
  for (const name of ["first", "second"])
    (await openRun(folder, { graph: { ...graph, name }, run, read: 10 })).close();
  expect((await jobsOf(folder)).map(({ pipeline }: { pipeline: string }) => pipeline)).toEqual([
    "first",
    "second",
  ]);
  expect(await show(folder, "somewhere/second.strm")).toMatch(/^second /);
  expect(await show(folder, "somewhere/third.strm")).toMatch(/No such pipeline has run/);
});

test("keys are counted by contract and scheme, without a master key", async () => {
  const folder = emptyFolder();
  const store = openSqliteStore(join(folder, "keys.db"));
  const request = { contract: "a/c/1.0.0", scheme: "purpose_bound", rotate: { kind: "daily" } } as const;
  const timeMs = Date.UTC(2026, 0, 2, 3);
  let made = 0;
  await store.links(
    [1, 2, 3].map((byte) => ({ ...request, digest: new Uint8Array(32).fill(byte), timeMs })),
    () => ({ keyLink: `link-${made++}`, wrappedSecret: new Uint8Array(32) }),
  );
  // While the store is open, and when it is closed.
  const open = await show(folder);
  await store.close();
  for (const text of [open, await show(folder)]) {
    expect(text).toMatch(
      /a\/c\/1\.0\.0 +purpose_bound +3 +2026-01-02 00:00:00 UTC +2026-01-03 00:00:00 UTC\n/,
    );
  }
});

test("keys that a pipeline keeps elsewhere are counted where its file is known, and else said to be elsewhere", async () => {
  const folder = emptyFolder();
  const vault = { name: "vault", store: "sqlite", options: { path: "vault/keys.db" } };
  (await openRun(join(folder, ".strm"), { graph: { ...graph, keyStores: [vault] }, run, read: 10 })).close();
  await openSqliteStore(join(folder, "vault/keys.db")).close();
  const known = JSON.parse((await strm(["state", join(folder, "lines.strm"), "--json"])).stdout);
  expect(known.keys).toEqual([{ store: "sqlite", path: join(folder, "vault/keys.db"), counts: [] }]);
  expect(await show(join(folder, ".strm"))).toContain("keys  sqlite: kept elsewhere, and not counted here");
});

test("looking leaves no trace", async () => {
  const folder = emptyFolder();
  (await openRun(folder, { graph, run, read: 10, records: [refused] })).close();
  await openSqliteStore(join(folder, "keys.db")).close();
  const before = filesBelow(folder);
  await show(folder);
  expect(filesBelow(folder)).toEqual(before);
});

test("a folder that is not there or is damaged is told so", async () => {
  const folder = emptyFolder();
  const missing = await strm(["state", "--state", join(folder, "none")]);
  expect(missing).toMatchObject({ code: 2, stdout: "" });
  expect(missing.stderr).toMatch(/error\[run\.state-folder\]: There is no state folder .*none\.\n {2}help: /);
  const job = await openRun(folder, { graph, run, read: 10 });
  job.close();
  writeFileSync(join(folder, "jobs/lines/state.db"), "x".repeat(5000));
  const damaged = await strm(["state", "--state", folder]);
  expect(damaged).toMatchObject({ code: 2, stdout: "" });
  expect(damaged.stderr).toMatch(/error\[run\.state-folder\]: .* can't be used: a file in it is no database/);
});
