// The only door of the runner: run a job graph, and what a catalog and the explanations of codes are made of.
import type { JobGraph } from "../dsl/graph/job-graph.ts";
import { connectors } from "./connectors/index.ts";
import type { Finished } from "./engine/events.ts";
import type { ReadStateOptions, StateReport } from "./engine/job/read-state.ts";
import type { QuarantineEntry } from "./engine/replay/read-quarantine.ts";
import type { UnsealOptions } from "./engine/replay/unseal.ts";
import type { RunOptions } from "./engine/run-options.ts";
import type { Connection, ConnectOptions } from "./engine/try-connections.ts";
import type { PlanExplanation } from "./plan/explain-plan.ts";

export type { Connector } from "./connectors/connector.ts";
export type {
  Behind,
  Checkpoint,
  Consented,
  Failed,
  Finished,
  KernelWork,
  KeyCalls,
  KeysMade,
  Ledger,
  Opened,
  PartitionOffset,
  Progress,
  Recovered,
  Rejected,
  Retry,
  RunEvent,
  Started,
  StepKind,
  StepLedger,
  StepOffsets,
  Stopping,
  Uncovered,
  Wait,
  Warning,
  Written,
} from "./engine/events.ts";
export type { KeysReport } from "./engine/job/read-keys.ts";
export type { JobReport, ReadStateOptions, StateReport } from "./engine/job/read-state.ts";
export { countsOf, countsSince, type LedgerCounts } from "./engine/ledger-counts.ts";
export type { QuarantineEntry } from "./engine/replay/read-quarantine.ts";
export type { UnsealOptions } from "./engine/replay/unseal.ts";
export type { RunOptions } from "./engine/run-options.ts";
export { Tap, type TapEvent, type TapSample, type TapWish } from "./engine/tap/tap.ts";
export { type TapTarget, tapTarget } from "./engine/tap/target.ts";
export type { Connection, ConnectOptions } from "./engine/try-connections.ts";
export { StrmFailure } from "./failure.ts";
export { type FailureCode, failureCodes } from "./failure-codes.ts";
export { type EventCode, eventCodes } from "./kernel/event-codes.ts";
export type {
  ExplainedDecision,
  ExplainedField,
  ExplainedSource,
  ExplainedStream,
  PlanExplanation,
} from "./plan/explain-plan.ts";
export { defaultKeyStore, keyStores } from "./privacy/stores/index.ts";
export { connectors };

/**
 * Runs a job graph to its end, or until `options.stop` is aborted; what happens is told by `options.report`.
 * Never throws: a failure is a `failed` event, and the outcome stands in what comes back, which is the last event.
 *
 * @example
 * const finished = await run({ graph, baseDir, stateDir, environment: process.env, report: console.log, stop: signal });
 */
export async function run(options: RunOptions): Promise<Finished> {
  // Loaded here and not above: whoever only checks a program needs none of it.
  const [{ runWith }, { parts }] = await Promise.all([
    import("./engine/run.ts"),
    import("./engine/real-parts.ts"),
  ]);
  return runWith(parts, connectors, options);
}

/**
 * Tries all that a run of a job graph will need from outside (files, topics, buckets, key stores, secrets), and leaves nothing behind.
 * Never throws: what is wrong stands in what comes back, each step for itself.
 *
 * @example
 * const failed = (await tryConnections(options)).filter(({ outcome }) => outcome === "failed");
 */
export async function tryConnections(options: ConnectOptions): Promise<readonly Connection[]> {
  const [{ tryConnectionsWith }, { parts }] = await Promise.all([
    import("./engine/try-connections.ts"),
    import("./engine/real-parts.ts"),
  ]);
  return tryConnectionsWith(connectors, parts.streams(options.graph), options);
}

/**
 * What a run of a job graph would do with each field, and what the optimizer decided. Touches nothing; the graph must have passed the
 * checker.
 *
 * @example
 * const { sources } = await explainPlan(graph);
 */
export async function explainPlan(graph: JobGraph): Promise<PlanExplanation> {
  return (await import("./plan/explain-plan.ts")).explainPlan(graph);
}

/**
 * What a state folder holds, also while its pipelines run: takes no lock and changes nothing. Throws a `StrmFailure` with the code
 * `run.state-folder` or `keys.*`.
 *
 * @example
 * const { jobs } = await readState({ stateDir: "/var/lib/strm", environment: process.env });
 */
export async function readState(options: ReadStateOptions): Promise<StateReport> {
  return (await import("./engine/job/read-state.ts")).readState(options);
}

/**
 * Calls `take` for each record in the quarantine of a pipeline, in order, until it answers false; the events stay sealed. Resolves to
 * false where the pipeline has not run on this state folder. Throws a `StrmFailure` with the code `run.state-folder`.
 */
export async function readRejected(
  stateDir: string,
  pipeline: string,
  take: (entry: QuarantineEntry) => Promise<boolean> | boolean,
): Promise<boolean> {
  const [{ withJob }, { readQuarantine }] = await Promise.all([
    import("./engine/job/read-state.ts"),
    import("./engine/replay/read-quarantine.ts"),
  ]);
  const found = await withJob(stateDir, pipeline, async (state, { firstRun }) => {
    for await (const entry of readQuarantine(state, firstRun)) if (!(await take(entry))) break;
    return true;
  });
  return found ?? false;
}

/**
 * Opens sealed events of the quarantine, for whoever has the master key. Throws a `StrmFailure` with the code `keys.*`, `secret.missing` or
 * `value.unresolved`; so does what comes back, for an event that another key sealed.
 */
export async function openUnsealer(options: UnsealOptions): Promise<(sealed: string) => Promise<Uint8Array>> {
  return (await import("./engine/replay/unseal.ts")).openUnsealer(options);
}
