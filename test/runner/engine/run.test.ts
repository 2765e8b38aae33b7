// The engine's own promises, with lines for events: back-pressure, stop, failure, the ledger, side streams.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { connectors } from "../../../runner/connectors/index.ts";
import type { Finished, RunEvent } from "../../../runner/engine/events.ts";
import type { Parts } from "../../../runner/engine/parts.ts";
import { runWith } from "../../../runner/engine/run.ts";
import type { RunOptions } from "../../../runner/engine/run-options.ts";
import { InlineKernels } from "../../../runner/engine/workers/inline-kernels.ts";
import type { BatchResult } from "../../../runner/kernel/kernel.ts";
import { emptyFolder, filesBelow, linesOf, writeFiles } from "../../kit/folder.ts";
import { readKeysets } from "../../kit/foreign-tink.ts";
import { LineKernel, lineGraph, lineParts } from "../../kit/line-parts.ts";

interface Ran {
  readonly events: readonly RunEvent[];
  readonly finished: Finished;
  readonly log: readonly string[];
}

async function run(folder: string, graph: JobGraph, more: Partial<RunOptions> = {}): Promise<Ran> {
  const events: RunEvent[] = [];
  const log: string[] = [];
  const finished = await runWith(lineParts(log), connectors, {
    graph,
    baseDir: folder,
    stateDir: join(folder, ".strm"),
    environment: {},
    report: (event) => events.push(event),
    stop: new AbortController().signal,
    ...more,
  });
  expect(events.at(-1)).toEqual(finished);
  expect(events[0]?.type).toBe("started");
  return { events, finished, log };
}

const failureOf = (ran: Ran) => ran.events.find((event) => event.type === "failed");
const step = (ran: Ran, name: string) => ran.finished.ledger.steps.find((each) => each.name === name);

describe("a run", () => {
  test("writes each stream to each of its sinks and accounts for every event", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\nx1\nw1\na2\n" });
    const graph = lineGraph([
      { from: "safe", path: "out/safe.jsonl" },
      { from: "safe", path: "out/copy.jsonl" },
      { from: "few", path: "out/few.jsonl" },
      { from: "clicks", side: "rejected", path: "out/rejected.jsonl" },
    ]);
    const ran = await run(folder, graph);
    expect(ran.finished).toMatchObject({
      outcome: "completed",
      quarantine: null,
      ledger: { balanced: true },
    });
    expect(linesOf(folder, "out/safe.jsonl")).toEqual(["a1", "w1", "a2"]);
    expect(linesOf(folder, "out/copy.jsonl")).toEqual(["a1", "w1", "a2"]);
    expect(linesOf(folder, "out/few.jsonl")).toEqual(["a1", "a2"]);
    expect(linesOf(folder, "out/rejected.jsonl").map((line) => JSON.parse(line))).toEqual([
      {
        code: "event.x",
        reason: "It is an x.",
        step: "clicks",
        position: { origin: "in.jsonl", line: 2, offset_bytes: 3 },
        event: `sealed:${Buffer.from("x1").toString("base64url")}`,
      },
    ]);
    expect(step(ran, "clicks")).toMatchObject({ in: 4, out: 3, rejected: 1, in_flight: 0 });
    expect(step(ran, "few")).toMatchObject({ in: 3, out: 2, withheld: 1 });
    expect(step(ran, "few->2")).toMatchObject({ in: 2, out: 2, in_flight: 0, written_bytes: 6 });
    expect(ran.finished.ledger.edges).toContainEqual({ from: "clicks.rejected", to: "clicks->3", events: 1 });
    // How often progress is told is a matter of time; but the last of it comes right before the end.
    expect(ran.events.at(-2)?.type).toBe("progress");
    expect(ran.events.map((event) => event.type).filter((type) => type !== "progress")).toEqual([
      "started",
      "opened",
      "rejected",
      "written",
      "written",
      "written",
      "written",
      "checkpoint",
      "finished",
    ]);
    expect(ran.log.at(0)).toBe("purge");
    expect(ran.log.at(-1)).toBe("close");
  });

  test("puts refused events without a sink into the quarantine, for their owner's eyes alone", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "x1\na1\nx2\n" });
    const ran = await run(folder, lineGraph([{ from: "safe", path: "safe.jsonl" }]));
    const { quarantine } = ran.finished;
    if (quarantine === null) throw new Error("nothing is in quarantine");
    expect(quarantine.events).toBe(2);
    expect(linesOf(quarantine.path).map((line) => JSON.parse(line).position.line)).toEqual([1, 3]);
    expect(statSync(quarantine.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, ".strm")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, ".strm/jobs/lines/quarantine")).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, ".strm/.gitignore"), "utf8")).toBe("*\n");
    expect(ran.events.filter((event) => event.type === "rejected")).toMatchObject([
      { step: "clicks", code: "event.x", events: 2, origin: "in.jsonl", line: 1 },
    ]);
  });

  test("exposes refused events only in the sink that says so", async () => {
    const folder = emptyFolder();
    writeFiles(folder, {
      "in.jsonl": Buffer.concat([Buffer.from('x "é"\nx'), Buffer.from([0xff]), Buffer.from("\n")]),
    });
    const graph = lineGraph([
      { from: "clicks", side: "rejected", path: "sealed.jsonl" },
      { from: "clicks", side: "rejected", path: "clear.jsonl", exposing: "a test" },
    ]);
    await run(folder, graph);
    const clear = linesOf(folder, "clear.jsonl").map((line) => JSON.parse(line));
    expect(clear.map((record) => record.event ?? record.event_base64)).toEqual(['x "é"', "eP8="]);
    expect(readFileSync(join(folder, "sealed.jsonl"), "utf8")).not.toContain("é");
  });

  test("writes each link's keysets once, in CSV and JSON", async () => {
    const folder = emptyFolder();
    // Thirty links, met again and again by a ring that forgets.
    const lines = Array.from({ length: 900 }, (_, i) => String.fromCharCode(65 + (i % 30)));
    writeFiles(folder, Object.fromEntries([0, 1, 2].map((i) => [`in-${i}.jsonl`, `${lines.join("\n")}\n`])));
    const graph = lineGraph(
      [
        { from: "safe", path: "safe.jsonl" },
        { from: "safe", side: "keys", path: "keys.csv" },
        { from: "safe", side: "keys", path: "keys.jsonl", format: "json" },
      ],
      "in-*.jsonl",
    );
    const ran = await run(folder, graph);
    const csv = linesOf(folder, "keys.csv");
    expect(csv[0]).toBe('"keyLink","purpose","encryptionKey"');
    expect(csv.slice(1, 4).map((row) => row.slice(0, 8))).toEqual(['"A","1",', '"A","3",', '"B","1",']);
    expect(readKeysets(csv.join("\n")).length).toBe(60);
    expect(csv.length).toBe(1 + 60);
    expect(new Set(csv).size).toBe(csv.length);
    const json = linesOf(folder, "keys.jsonl").map((line) => JSON.parse(line));
    expect(json.slice(0, 2)).toMatchObject([
      { keyLink: "A", purpose: 1 },
      { keyLink: "A", purpose: 3 },
    ]);
    const rowOf = (one: object): string =>
      Object.values(one)
        .map((cell) => `"${String(cell).replaceAll('"', '""')}"`)
        .join(",");
    expect(json.map(rowOf)).toEqual(csv.slice(1));
    expect(step(ran, "safe->1")).toMatchObject({ in: 60, out: 60 });
    expect(statSync(join(folder, "keys.csv")).mode & 0o777).toBe(0o600);
  });
});

describe("bounds", () => {
  test("the slowest sink holds back the source", async () => {
    const folder = emptyFolder();
    const line = `${"a".repeat(999)}\n`;
    writeFiles(folder, { "in.jsonl": line.repeat(20_000) });
    let taken = 0;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const stdout = new Writable({
      write: (chunk: Buffer, _, done) => {
        taken += chunk.length;
        void gate.then(() => done());
      },
    });
    const graph = lineGraph([
      { from: "safe", connector: "stdout" },
      { from: "few", path: "few.jsonl" },
    ]);
    const running = run(folder, graph, { stdout });
    await sleep(300);
    // One batch is being written; the other sink has got no more than that one either.
    expect(taken).toBeLessThanOrEqual(1_048_576);
    const part = readdirSync(folder).find((name) => name.endsWith(".strm-part"));
    expect(statSync(join(folder, part ?? "")).size).toBeLessThanOrEqual(1_048_576);
    open();
    expect((await running).finished.outcome).toBe("completed");
    expect(taken).toBe(20_000_000);
  });

  test("memory does not grow with the input", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": `${"a".repeat(999)}\n`.repeat(20_000) });
    const pattern = Array.from({ length: 15 }, (_, i) => `in-${i}.jsonl`);
    for (const name of pattern) {
      linkSync(join(folder, "in.jsonl"), join(folder, name));
    }
    const stdout = new Writable({ write: (_chunk, _encoding, done) => setImmediate(done) });
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = 0;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 10);
    const ran = await run(folder, lineGraph([{ from: "safe", connector: "stdout" }], pattern), { stdout });
    clearInterval(sampling);
    expect(step(ran, "safe")?.out).toBe(300_000);
    expect((peak - before) / 1_048_576).toBeLessThan(150);
  });
});

describe("stopping", () => {
  test("delivers what was read and ends well", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\na2\n" });
    const graph: JobGraph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
    const following = {
      ...graph,
      steps: graph.steps.map((each) =>
        each.kind === "source" ? { ...each, options: { path: "in.jsonl", follow: true } } : each,
      ),
    };
    const stop = new AbortController();
    const running = run(folder, following, { stop: stop.signal });
    await sleep(300);
    writeFileSync(join(folder, "in.jsonl"), "a3\na4\na5", { flag: "a" });
    await sleep(300);
    expect(existsSync(join(folder, "safe.jsonl"))).toBe(false);
    stop.abort("SIGTERM");
    const ran = await running;
    expect(ran.finished).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    expect(ran.events).toContainEqual(expect.objectContaining({ type: "stopping", signal: "SIGTERM" }));
    expect(linesOf(folder, "safe.jsonl")).toEqual(["a1", "a2", "a3", "a4"]);
  });

  test("is told at once, also while keys or sinks are still being opened", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\n" });
    const stop = new AbortController();
    const told: string[] = [];
    const parts = lineParts();
    const slow: Parts = {
      ...parts,
      open: async (...args) => {
        stop.abort("SIGINT");
        told.push("opens on");
        return await parts.open(...args);
      },
    };
    const { outcome } = await runWith(slow, connectors, {
      graph: lineGraph([{ from: "safe", path: "safe.jsonl" }]),
      baseDir: folder,
      stateDir: join(folder, ".strm"),
      environment: {},
      report: ({ type }) => told.push(type),
      stop: stop.signal,
    });
    expect(outcome).toBe("stopped");
    expect(told.slice(0, 4)).toEqual(["started", "stopping", "opens on", "opened"]);
    expect(told.filter((type) => type === "stopping").length).toBe(1);
  });

  test("stopped before it begins, it reads nothing", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\n" });
    const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
    const ran = await run(folder, graph, { stop: AbortSignal.abort("SIGINT") });
    expect(ran.finished.outcome).toBe("stopped");
    expect(linesOf(folder, "safe.jsonl")).toEqual([]);
  });
});

describe("failing", () => {
  const graph = lineGraph([
    { from: "safe", path: "out/safe.jsonl" },
    { from: "few", connector: "stdout" },
  ]);

  test("a sink that fails leaves nothing half-written and is reported with what to do", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\n".repeat(10_000) });
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    const ran = await run(folder, graph, { stdout });
    expect(ran.finished.outcome).toBe("failed");
    expect(failureOf(ran)).toMatchObject({ code: "stdout.closed", help: expect.stringMatching(/./) });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
    expect(ran.log.at(-1)).toBe("close");
  });

  test("a missing file, a taken place and a missing value are found before anything is written", async () => {
    const folder = emptyFolder();
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
    expect(failureOf(await run(folder, graph, { stdout }))).toMatchObject({ code: "file.not-found" });
    writeFiles(folder, { "in.jsonl": "a1\n" });
    expect(failureOf(await run(folder, graph))).toMatchObject({ code: "stdout.taken" });
    const twice = lineGraph([
      { from: "safe", path: "out/../same.jsonl" },
      { from: "few", path: "same.jsonl" },
    ]);
    expect(failureOf(await run(folder, twice))).toMatchObject({ code: "run.same-place" });
    mkdirSync(join(folder, "out"), { recursive: true });
    expect([...filesBelow(folder).keys()].filter((name) => !name.startsWith(".strm"))).toEqual(["in.jsonl"]);
  });

  test("values that are missing are all said at once", async () => {
    const folder = emptyFolder();
    const lacking = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
    const steps = lacking.steps.map((each) => {
      if (each.kind === "source") return { ...each, options: { path: { $env: "CLICKS" } } };
      return each.kind === "decrypt" ? { ...each, maskSeed: { $secret: "SEED" } } : each;
    });
    const failed = failureOf(await run(folder, { ...lacking, steps }, { environment: {} }));
    expect(failed).toMatchObject({ code: "value.unresolved" });
    expect(failed).toMatchObject({ message: expect.stringMatching(/CLICKS(.|\n)*SEED/) });
  });

  test("an unexpected error is a bug, told without what it was working on", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\n" });
    const parts = lineParts();
    const broken = {
      ...parts,
      open: () => Promise.reject(new TypeError("jane@example.com is no object")),
    };
    const events: RunEvent[] = [];
    await runWith(broken, connectors, {
      graph: lineGraph([{ from: "safe", path: "safe.jsonl" }]),
      baseDir: folder,
      stateDir: join(folder, ".strm"),
      environment: {},
      report: (event) => events.push(event),
      stop: new AbortController().signal,
    });
    expect(events.find((event) => event.type === "failed")).toMatchObject({
      code: "bug",
      message: expect.stringMatching(/TypeError.* at run\.test\.ts:[0-9]+/),
    });
    expect(JSON.stringify(events)).not.toContain("jane");
  });

  test("a report that throws ends the run and never throws out of it", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "x1\n" });
    const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
    const finished = await runWith(lineParts(), connectors, {
      graph,
      baseDir: folder,
      stateDir: join(folder, ".strm"),
      environment: {},
      report: (event) => {
        if (event.type !== "started") throw new Error("closed");
      },
      stop: new AbortController().signal,
    });
    expect(finished.outcome).toBe("failed");
    expect(existsSync(join(folder, "safe.jsonl"))).toBe(false);
  });

  test("a kernel that loses an event is found out before anything is visible", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": "a1\na2\n" });
    const parts = lineParts();
    const losing: Parts = {
      ...parts,
      open: async (...args) => {
        const { vault } = await parts.open(...args);
        return { vault, kernels: new InlineKernels(new Map([["clicks", new ForgetfulKernel()]])) };
      },
    };
    const events: RunEvent[] = [];
    const finished = await runWith(losing, connectors, {
      graph: lineGraph([{ from: "safe", path: "safe.jsonl" }]),
      baseDir: folder,
      stateDir: join(folder, ".strm"),
      environment: {},
      report: (event) => events.push(event),
      stop: new AbortController().signal,
    });
    expect(finished.outcome).toBe("failed");
    expect(events.find((event) => event.type === "failed")).toMatchObject({ code: "run.unbalanced" });
    expect(existsSync(join(folder, "safe.jsonl"))).toBe(false);
  });
});

/** Says that it gave out one event, whatever it gave out. */
class ForgetfulKernel extends LineKernel {
  override emit(): BatchResult {
    const result = super.emit();
    return { ...result, outputs: result.outputs.map((output) => ({ ...output, events: 1 })) };
  }
}

test("the ledger balances for any input, and so do the files", async () => {
  const line = fc.stringMatching(/^[awx][a-z]{0,8}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { maxLength: 50 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (files, sunk) => {
        const folder = emptyFolder();
        writeFiles(folder, Object.fromEntries(files.map((lines, i) => [`in-${i}.jsonl`, lines.join("\n")])));
        const graph = lineGraph(
          [
            { from: "safe", path: "safe.jsonl" },
            { from: "few", path: "few.jsonl" },
            ...(sunk ? [{ from: "clicks", side: "rejected" as const, path: "rejected.jsonl" }] : []),
          ],
          "in-*.jsonl",
        );
        const { finished } = await run(folder, graph);
        const all = files.flat();
        const refused = all.filter((each) => each.startsWith("x"));
        expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
        expect(linesOf(folder, "safe.jsonl")).toEqual(all.filter((each) => !each.startsWith("x")));
        const kept = sunk
          ? linesOf(folder, "rejected.jsonl")
          : finished.quarantine === null
            ? []
            : linesOf(finished.quarantine.path);
        expect(
          kept.map((record) => Buffer.from(JSON.parse(record).event.slice(7), "base64url").toString()),
        ).toEqual(refused);
      },
    ),
    { numRuns: 25 },
  );
});
