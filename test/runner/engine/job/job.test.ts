// A job on a state folder: one run at a time, goes on or starts over, and refuses changes that would mix two pipelines.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { GraphStep, JobGraph } from "../../../../dsl/graph/job-graph.ts";
import { connectors } from "../../../../runner/connectors/index.ts";
import { Job, type JobWish } from "../../../../runner/engine/job/job.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { lineGraph } from "../../../kit/line-parts.ts";

const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
const ledger = { readBytes: 5, accounts: {}, quarantined: {}, quarantineOut: 0, replayed: {} };

function open(stateDir: string, more: Partial<JobWish> = {}): Promise<Job> {
  const held = (): Promise<boolean> => Promise.reject(new Error("nothing is in doubt"));
  const wish = { graph, stateDir, run: "run-1", fromStart: false, replays: false, held };
  return Job.open({ ...wish, ...more }, connectors);
}

function record(job: Job, checkpoint = 1): void {
  job.state.record({
    checkpoint,
    positions: new Map([["clicks", new Map([["in.jsonl", { offset_bytes: checkpoint }]])]]),
    sinks: new Map([["safe->0", { size_bytes: 5 }]]),
    ledger,
    exported: new Map([["safe", new Set(["link-1"])]]),
  });
}

function complete(job: Job): void {
  record(job);
  job.end("completed", ledger);
}

const changed = (change: (step: GraphStep) => GraphStep | undefined): JobGraph => ({
  ...graph,
  hash: "1",
  steps: graph.steps.flatMap((step) => change(step) ?? []),
});

describe("going on", () => {
  test("a run that was broken off goes on from its last checkpoint", async () => {
    const folder = emptyFolder();
    const first = await open(folder);
    expect(first.continues).toBe(false);
    record(first, 1);
    record(first, 2);
    first.close();
    const second = await open(folder, { run: "run-2" });
    expect(second.continues).toBe(true);
    expect(second.found).toMatchObject({ checkpoint: 2, firstRun: "run-1", settled: false, ledger });
    expect(second.state.positionsOf("clicks")).toEqual(new Map([["in.jsonl", { offset_bytes: 2 }]]));
    expect(second.state.sinkState("safe->0")).toEqual({ size_bytes: 5 });
    expect(second.state.isExported("safe", "link-1")).toBe(true);
    expect(second.state.isExported("safe", "link-2")).toBe(false);
    second.close();
  });

  test.each([
    ["one without a checkpoint", (job: Job) => void job, {}],
    ["one that came to its end", complete, {}],
    ["one that is told to", (job: Job) => record(job), { fromStart: true }],
  ])("starts over: %s", async (_, before, wish) => {
    const folder = emptyFolder();
    const first = await open(folder);
    before(first);
    first.close();
    const second = await open(folder, { run: "run-2", ...wish });
    expect(second.continues).toBe(false);
    expect(second.found).toMatchObject({ job: first.found.job, firstRun: "run-2", checkpoint: 0 });
    expect(second.state.positionsOf("clicks").size).toBe(0);
    expect(second.state.sinkState("safe->0")).toBeUndefined();
    expect(second.state.isExported("safe", "link-1")).toBe(false);
    second.close();
  });

  test.each(["stopped", "failed"] as const)("goes on after a run that %s", async (status) => {
    const folder = emptyFolder();
    const first = await open(folder);
    record(first);
    first.end(status, status === "stopped" ? ledger : undefined);
    first.close();
    const second = await open(folder);
    expect(second.continues).toBe(true);
    expect(second.found.settled).toBe(status === "stopped");
    second.close();
  });
});

describe("one run at a time", () => {
  test("a second one is told who is first, and waits for nothing", async () => {
    const folder = emptyFolder();
    const first = await open(folder);
    await expect(open(folder)).rejects.toThrow(expect.objectContaining({ code: "run.locked" }));
    await expect(open(folder)).rejects.toThrow(new RegExp(`process ${process.pid} on `));
    first.close();
    (await open(folder)).close();
  });

  test("another pipeline may share the folder", async () => {
    const folder = emptyFolder();
    const first = await open(folder);
    (await open(folder, { graph: { ...graph, name: "other" } })).close();
    first.close();
  });

  test("the lock of a process that was killed is no lock", async () => {
    const folder = emptyFolder();
    const lock = fileURLToPath(new URL("../../../../runner/engine/job/job-lock.ts", import.meta.url));
    const program = `
      import { mkdirSync } from "node:fs";
      import { JobLock } from ${JSON.stringify(lock)};
      mkdirSync(${JSON.stringify(join(folder, "jobs/lines"))}, { recursive: true });
      JobLock.take(${JSON.stringify(join(folder, "jobs/lines"))}, "lines");
      process.stdout.write("held");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await expect(open(folder)).rejects.toThrow(new RegExp(`process ${child.pid} on `));
    child.kill("SIGKILL");
    await once(child, "exit");
    (await open(folder)).close();
  });
});

describe("a checkpoint in doubt", () => {
  const proposal = (checkpoint: number) => ({
    checkpoint,
    positions: new Map([["clicks", new Map([["in.jsonl", { offset_bytes: checkpoint }]])]]),
    sinks: new Map([["safe->0", { size_bytes: 10 * checkpoint }]]),
    ledger: { ...ledger, readBytes: checkpoint },
    exported: new Map([["safe", new Set([`link-${checkpoint}`])]]),
  });

  /** A job with two checkpoints, of which the second was proposed and never settled. */
  async function doubtful(): Promise<string> {
    const folder = emptyFolder();
    const job = await open(folder);
    job.state.propose(proposal(1));
    job.state.decided();
    job.state.propose(proposal(2));
    expect(job.state.isExported("safe", "link-2")).toBe(true);
    job.close();
    return folder;
  }

  test.each([
    ["holds", true, 2],
    ["is forgotten", false, 1],
  ])("%s as its decider says", async (_, answer, checkpoint) => {
    const folder = await doubtful();
    const asked: unknown[] = [];
    const held = async ({ firstRun }: { readonly firstRun: string }, number: number) => {
      asked.push([firstRun, number]);
      return answer;
    };
    const job = await open(folder, { run: "run-2", held });
    expect(asked).toEqual([["run-1", 2]]);
    expect(job.found).toMatchObject({ checkpoint, doubtful: undefined, settled: false });
    expect(job.found.ledger?.readBytes).toBe(checkpoint);
    expect(job.state.positionsOf("clicks").get("in.jsonl")).toEqual({ offset_bytes: checkpoint });
    expect(job.state.sinkState("safe->0")).toEqual({ size_bytes: 10 * checkpoint });
    expect(job.state.isExported("safe", "link-2")).toBe(answer);
    job.close();
    // Nothing is in doubt any more.
    (await open(folder, { run: "run-3" })).close();
  });

  test("of a job that has no other starts over where it does not hold", async () => {
    const folder = emptyFolder();
    const first = await open(folder);
    first.state.propose(proposal(1));
    first.close();
    const job = await open(folder, { run: "run-2", held: () => Promise.resolve(false) });
    expect(job).toMatchObject({ continues: false, found: { firstRun: "run-2", checkpoint: 0 } });
    job.close();
  });

  test("that was decided is applied when the run ends", async () => {
    const folder = emptyFolder();
    const first = await open(folder);
    first.state.propose(proposal(1));
    first.state.decided();
    first.end("stopped", ledger);
    first.close();
    const job = await open(folder, { run: "run-2" });
    expect(job.found).toMatchObject({ checkpoint: 1, status: "stopped", settled: true });
    job.close();
  });

  test("that was not decided stays in doubt when the run fails", async () => {
    const folder = await doubtful();
    const second = await open(folder, { run: "run-2", held: () => Promise.resolve(true) });
    second.state.propose(proposal(3));
    second.end("failed");
    second.close();
    const held: number[] = [];
    const third = await open(folder, {
      run: "run-3",
      held: async (_, number) => held.push(number) > 0,
    });
    expect([held, third.found.checkpoint]).toEqual([[3], 3]);
    third.close();
  });
});

describe("changes", () => {
  const changedTo = async (now: JobGraph) => {
    const folder = emptyFolder();
    const first = await open(folder);
    record(first);
    first.close();
    return open(folder, { graph: now, run: "run-2" });
  };

  test.each<[string, JobGraph, RegExp]>([
    [
      "a sink that is gone",
      changed((step) => (step.kind === "sink" ? undefined : step)),
      /sink `safe->0` is gone/,
    ],
    [
      "a sink elsewhere",
      changed((step) => (step.kind === "sink" ? { ...step, options: { path: "other.jsonl" } } : step)),
      /sink `safe->0` means something else/,
    ],
    [
      "other purposes",
      changed((step) => (step.kind === "decrypt" ? { ...step, purposes: [1, 2] } : step)),
      /decrypt `few` means something else/,
    ],
    [
      "a new sink of a stream that was read",
      {
        ...graph,
        hash: "1",
        steps: [...graph.steps, ...lineGraph([{ from: "few", path: "few.jsonl" }]).steps.slice(-1)],
      },
      /sink `few->0` is new/,
    ],
    [
      "another contract",
      { ...graph, hash: "1", contracts: graph.contracts.map((contract) => ({ ...contract, key: "other" })) },
      /contract `c` is another one/,
    ],
  ])("stop the run: %s", async (_, now, words) => {
    await expect(changedTo(now)).rejects.toThrow(
      expect.objectContaining({
        code: "run.changed",
        message: expect.stringMatching(words),
        help: expect.stringContaining("--from-start"),
      }),
    );
  });

  test.each<[string, JobGraph]>([
    [
      "how long a line may be",
      changed((step) =>
        step.kind === "source" ? { ...step, options: { ...step.options, max_event: 9 } } : step,
      ),
    ],
    [
      "where the mask's seed comes from",
      changed((step) => (step.kind === "decrypt" ? { ...step, maskSeed: { $env: "S" } } : step)),
    ],
    [
      "why a purpose is asked for",
      { ...graph, hash: "1", purposes: [{ name: "a", level: 1, reason: "new words" }] },
    ],
    [
      "a new source with a sink of its own",
      {
        ...graph,
        hash: "1",
        steps: [
          ...graph.steps,
          { ...graph.steps[0], name: "more", options: { path: "more.jsonl" } } as GraphStep,
          { ...graph.steps.at(-1), name: "more.rejected->0", from: "more", side: "rejected" } as GraphStep,
        ],
      },
    ],
  ])("that are safe go on: %s", async (_, now) => {
    const job = await changedTo(now);
    expect(job.continues).toBe(true);
    job.close();
  });
});
