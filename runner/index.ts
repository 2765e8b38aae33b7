// The only door of the runner: run a job graph, and what a catalog and the explanations of codes are made of.
import { connectors } from "./connectors/index.ts";
import type { Finished } from "./engine/events.ts";
import type { RunOptions } from "./engine/run.ts";

export type { Connector } from "./connectors/connector.ts";
export type {
  Failed,
  Finished,
  KeysMade,
  Ledger,
  Progress,
  Recovered,
  Rejected,
  Retry,
  RunEvent,
  Started,
  StepKind,
  StepLedger,
  Stopping,
  Warning,
  Written,
} from "./engine/events.ts";
export type { RunOptions } from "./engine/run.ts";
export { type FailureCode, failureCodes } from "./failure-codes.ts";
export { type EventCode, eventCodes } from "./kernel/event-codes.ts";
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
