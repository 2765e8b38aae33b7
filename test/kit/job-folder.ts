// A state folder as runs leave it, made with the engine's own classes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import { connectors } from "../../runner/connectors/index.ts";
import { Job } from "../../runner/engine/job/job.ts";
import { QUARANTINE, RunLedger } from "../../runner/engine/ledger.ts";
import { quarantineFolder } from "../../runner/engine/quarantine.ts";
import { replayLane } from "../../runner/engine/replay/replay-lanes.ts";

export interface MadeRecord {
  readonly step: string;
  readonly code: string;
  /** As it would be sealed. */
  readonly event: string;
  readonly line: number;
}

export interface MadeRun {
  readonly graph: JobGraph;
  readonly run: string;
  /** Events that the first source has read, all of which went through but for the records'. */
  readonly read: number;
  readonly checkpoint?: number;
  readonly records?: readonly MadeRecord[];
  /** How many of the records were replayed. */
  readonly replayed?: number;
}

/** A run that made a checkpoint; its job is still open, and so locked. */
export async function openRun(stateDir: string, made: MadeRun): Promise<Job> {
  const { graph, run, read, checkpoint = 1, records = [], replayed = 0 } = made;
  const held = (): Promise<boolean> => Promise.resolve(false);
  const job = await Job.open({ graph, stateDir, run, fromStart: false, replays: false, held }, connectors);
  const lines = records.map(({ step, code, event, line }) => {
    const position = { origin: "in.jsonl", line, offset_bytes: line * 10 };
    return `${JSON.stringify({ code, reason: `It is ${code}.`, step, position, path: "email", event })}\n`;
  });
  if (lines.length > 0) {
    mkdirSync(quarantineFolder(job.state.folder), { recursive: true });
    writeFileSync(join(quarantineFolder(job.state.folder), `${run}.jsonl`), lines.join(""));
  }
  const source = graph.steps[0]?.name ?? "";
  const positions = new Map([[source, new Map([["in.jsonl", { offset_bytes: read * 10, head: "digest" }]])]]);
  const done = lines.slice(0, replayed).join("").length;
  if (done > 0) positions.set(replayLane(records[0]?.step ?? ""), new Map([[`${run}.jsonl`, at(done)]]));
  job.state.record({
    checkpoint,
    positions,
    sinks: new Map([[QUARANTINE, { size_bytes: lines.join("").length }]]),
    ledger: ledgerOf(graph, read, records.length),
    exported: new Map(),
  });
  return job;
}

const at = (offset_bytes: number) => ({ offset_bytes, head: "" });

function ledgerOf({ steps }: JobGraph, read: number, rejected: number) {
  const ledger = new RunLedger(steps);
  const out = read - rejected;
  const tally = steps.flatMap((step) => {
    if (step.kind === "sink") return [];
    const refused = step.kind === "source" ? rejected : 0;
    return [{ step: step.name, in: out + refused, out, withheld: 0, rejected: refused }];
  });
  const sinks = steps.flatMap((step) =>
    step.kind === "sink" ? [{ to: step.name, from: step.from, events: out }] : [],
  );
  const source = steps[0]?.name ?? "";
  const refused = rejected > 0 ? [{ to: QUARANTINE, from: `${source}.rejected`, events: rejected }] : [];
  ledger.count({ tally, handed: [...sinks, ...refused], readBytes: read * 10 });
  for (const { to, events } of sinks) ledger.delivered(to, events);
  return ledger.save();
}
