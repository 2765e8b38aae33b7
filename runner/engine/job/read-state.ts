// Reads what a state folder holds, to be shown: jobs, checkpoints, ledgers, quarantines. Takes no lock and changes nothing.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { StrmFailure } from "../../failure.ts";
import type { Ledger, Started } from "../events.ts";
import { RunLedger, type SavedLedger, streamOf } from "../ledger.ts";
import { isEvent, readQuarantine } from "../replay/read-quarantine.ts";
import type { Environment } from "../values.ts";
import { jobFolder } from "./job.ts";
import { JobLock } from "./job-lock.ts";
import { JobState, type JobSummary } from "./job-state.ts";
import { type KeysReport, readKeys } from "./read-keys.ts";
import { stateFailure } from "./state-failures.ts";

/** Members are the very names of the JSON output. Times are ISO 8601 in UTC. */
export interface StateReport {
  readonly folder: string;
  readonly jobs: readonly JobReport[];
  readonly keys: readonly KeysReport[];
}

export interface JobReport {
  readonly pipeline: string;
  readonly graph_hash: string;
  /** `killed`: a run was broken off without a word. */
  readonly status: "running" | "stopped" | "failed" | "completed" | "killed";
  /** Who runs it at present, as far as is known. */
  readonly running: { readonly pid?: number; readonly host?: string; readonly since?: string } | null;
  /** The run that started from the beginning, and the last one. */
  readonly first_run: string;
  readonly run: string;
  /** The last one; null: none was made yet. */
  readonly checkpoint: { readonly number: number; readonly made: string } | null;
  /** Where each part of a source goes on; of each position the numbers. */
  readonly positions: readonly {
    readonly source: string;
    readonly partition: string;
    readonly position: Readonly<Record<string, number>>;
  }[];
  readonly steps: Started["steps"];
  /** As of the checkpoint, over all runs of the job. */
  readonly ledger: Pick<Ledger, "balanced" | "read_bytes" | "steps" | "edges"> | null;
  readonly quarantine: readonly {
    readonly run: string;
    readonly events: number;
    /** Those that were not replayed. */
    readonly waiting: number;
  }[];
}

export interface ReadStateOptions {
  readonly stateDir: string;
  /** Only this job; absent: all in the folder. */
  readonly pipeline?: string;
  /** Folder of the pipeline's file, where known: a key store's path may start there. */
  readonly baseDir?: string;
  /** Where a key store's URL may come from. */
  readonly environment: Environment;
}

/** Throws `run.state-folder` where there is no such folder or it can't be read, and `keys.*`. */
export async function readState({ pipeline, ...surroundings }: ReadStateOptions): Promise<StateReport> {
  const { stateDir } = surroundings;
  const names = pipeline === undefined ? await jobNames(stateDir) : [pipeline];
  const jobs: JobReport[] = [];
  const graphs: JobGraph[] = [];
  for (const name of names) {
    await withJob(stateDir, name, async (state, summary) => {
      jobs.push(await reportOf(name, state, summary));
      graphs.push(summary.graph);
    });
  }
  return { folder: stateDir, jobs, keys: await readKeys(graphs, surroundings) };
}

/** Does `look` with a job that has begun; undefined where there is none of that name. Throws `run.state-folder`. */
export async function withJob<T>(
  stateDir: string,
  pipeline: string,
  look: (state: JobState, summary: JobSummary) => Promise<T>,
): Promise<T | undefined> {
  if (!existsSync(stateDir)) throw noFolder(stateDir);
  const state = JobState.look(jobFolder(stateDir, pipeline));
  try {
    const summary = state?.summary();
    return state === undefined || summary === undefined ? undefined : await look(state, summary);
  } finally {
    state?.close();
  }
}

async function jobNames(stateDir: string): Promise<readonly string[]> {
  if (!existsSync(stateDir)) throw noFolder(stateDir);
  const folder = join(stateDir, "jobs");
  if (!existsSync(folder)) return [];
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw stateFailure(folder, cause);
  }
}

async function reportOf(pipeline: string, state: JobState, summary: JobSummary): Promise<JobReport> {
  const { graph, firstRun, run, status, checkpoint, savedMs } = summary;
  const running = JobLock.holder(state.folder) ?? null;
  return {
    pipeline,
    graph_hash: graph.hash,
    status: running !== null ? "running" : status === "running" ? "killed" : status,
    running,
    first_run: firstRun,
    run,
    checkpoint: checkpoint > 0 ? { number: checkpoint, made: new Date(savedMs).toISOString() } : null,
    positions: state
      .positions()
      .filter(({ source }) => graph.steps.some((step) => step.kind === "source" && step.name === source))
      .map(({ source, partition, position }) => ({ source, partition, position: numbersOf(position) })),
    steps: graph.steps.map((step) => ({ name: step.name, kind: step.kind, from: streamOf(step) })),
    ledger: summary.ledger === undefined ? null : ledgerOf(graph, summary.ledger),
    quarantine: await quarantineOf(state, firstRun),
  };
}

/** Other members may be digests of what was read: nobody needs to see those. */
function numbersOf(position: unknown): Readonly<Record<string, number>> {
  if (typeof position === "number") return { position };
  if (typeof position !== "object" || position === null) return {};
  return Object.fromEntries(
    Object.entries(position).flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])),
  );
}

/** The steps that somebody needs: only these are counted. */
function ledgerOf(graph: JobGraph, saved: SavedLedger): JobReport["ledger"] {
  const counted = graph.steps.filter(({ name }) => Object.hasOwn(saved.accounts, name));
  const { balanced, read_bytes, steps, edges } = new RunLedger(counted, saved).snapshot(0, 0);
  return { balanced, read_bytes, steps, edges };
}

async function quarantineOf(state: JobState, firstRun: string): Promise<JobReport["quarantine"]> {
  const byRun = new Map<string, { events: number; waiting: number }>();
  for await (const entry of readQuarantine(state, firstRun)) {
    if (!isEvent(entry)) continue;
    const counts = byRun.get(entry.run) ?? { events: 0, waiting: 0 };
    counts.events++;
    if (!entry.replayed) counts.waiting++;
    byRun.set(entry.run, counts);
  }
  return [...byRun].map(([run, counts]) => ({ run, ...counts }));
}

function noFolder(stateDir: string): StrmFailure {
  return new StrmFailure(
    "run.state-folder",
    `There is no state folder ${stateDir}.`,
    "It is made by the first run. Name another one with `--state DIR`.",
  );
}
