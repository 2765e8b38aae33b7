// Tries all that a run of a graph will need from outside, step by step and side by side, without a run and without leaving anything behind.
import type { GraphKeyStore, GraphStep, JobGraph, OptionValues } from "../../dsl/graph/job-graph.ts";
import { type Lookup, type Resolved, resolveReference } from "../../dsl/spec/resolve.ts";
import type { Connector, Try } from "../connectors/connector.ts";
import { StrmFailure } from "../failure.ts";
import type { FailureCode } from "../failure-codes.ts";
import { readMasterKeys } from "../privacy/master-key.ts";
import { keyStores } from "../privacy/stores/index.ts";
import { failedBy } from "./bug.ts";
import { type Environment, lookupIn, unknownStore, valueFailure } from "./values.ts";

export interface ConnectOptions {
  readonly graph: JobGraph;
  /** Folder of the pipeline's file, absolute. */
  readonly baseDir: string;
  readonly stateDir: string;
  readonly environment: Environment;
  /** How long one step may take. Default: 30 seconds. */
  readonly timeoutMs?: number;
}

/** What became of one step. Members are the very names of the JSON output. */
export interface Connection {
  /** The step's or key store's name. */
  readonly step: string;
  readonly kind: "source" | "sink" | "keys" | "mask";
  /** The connector's or key store's kind; empty for a mask. */
  readonly connector: string;
  /** `untried`: there is nothing that could be tried without a run. */
  readonly outcome: "ok" | "untried" | "failed";
  /** What was found, in a few words; of a failure, what it is. */
  readonly message: string;
  readonly code?: FailureCode | "bug";
  readonly help?: string;
}

const TIMEOUT_MS = 30_000;

interface Attempt extends Pick<Connection, "step" | "kind" | "connector"> {
  /** Absent where there is nothing to try. */
  readonly attempt?: (signal: AbortSignal) => Promise<string>;
}

/** In the graph's order, key stores last. `streams`: those that are computed; other sources are not read. Never throws. */
export async function tryConnectionsWith(
  connectors: readonly Connector[],
  streams: ReadonlySet<string>,
  options: ConnectOptions,
): Promise<readonly Connection[]> {
  const { graph, environment, baseDir, timeoutMs = TIMEOUT_MS } = options;
  const lookup = lookupIn(environment, baseDir);
  const attempts = [
    ...graph.steps.flatMap((step) => attemptsOf(step, connectors, streams, lookup, options)),
    ...graph.keyStores.map((store) => attemptOfStore(store, lookup, options)),
  ];
  return Promise.all(attempts.map((attempt) => outcomeOf(attempt, timeoutMs)));
}

function attemptsOf(
  step: GraphStep,
  connectors: readonly Connector[],
  streams: ReadonlySet<string>,
  lookup: Lookup,
  { graph, baseDir, stateDir }: ConnectOptions,
): readonly Attempt[] {
  const { name } = step;
  if (step.kind === "encrypt" || (step.kind === "source" && !streams.has(name))) return [];
  if (step.kind === "decrypt") {
    const { maskSeed } = step;
    if (maskSeed === undefined) return [];
    const seed = async () => {
      resolvedOf(name, resolveReference(maskSeed, "mask_seed", lookup));
      return "its seed is there";
    };
    return [{ step: name, kind: "mask", connector: "", attempt: seed }];
  }
  const connector = connectors.find(({ spec }) => spec.name === step.connector);
  const ready: ((values: OptionValues, lookup: Lookup) => Resolved<unknown>) | undefined =
    step.kind === "source" ? connector?.source : connector?.sink;
  const tries = step.kind === "source" ? connector?.trySource : connector?.trySink;
  const known = { step: name, kind: step.kind, connector: step.connector };
  if (tries === undefined) {
    // What its options refer to has to be there nevertheless.
    const resolved = ready?.(step.options, lookup);
    return [
      resolved?.ok === false ? { ...known, attempt: async () => `${resolvedOf(name, resolved)}` } : known,
    ];
  }
  const attempt = async (signal: AbortSignal): Promise<string> => {
    const act: Try = resolvedOf(name, tries(step.options, lookup));
    return act({ baseDir, stateDir, pipeline: graph.name, step: name, signal });
  };
  return [{ ...known, attempt }];
}

function attemptOfStore(declared: GraphKeyStore, lookup: Lookup, options: ConnectOptions): Attempt {
  const { name, store } = declared;
  const attempt = async (): Promise<string> => {
    const kind = keyStores.find(({ spec }) => spec.name === store);
    if (kind === undefined) throw unknownStore(name, store);
    const act = resolvedOf(name, kind.attempt(declared.options, lookup));
    checkMasterKey(declared, lookup, options);
    return act(options);
  };
  return { step: name, kind: "keys", connector: store, attempt };
}

/** One that nobody gives is made by the first run. Throws `keys.bad-master-key`. */
function checkMasterKey(
  { name, masterKey }: GraphKeyStore,
  lookup: Lookup,
  { environment }: ConnectOptions,
): void {
  const given = environment.STRM_MASTER_KEY;
  if (masterKey !== undefined) {
    readMasterKeys(resolvedOf(name, resolveReference(masterKey, "master_key", lookup)));
  } else if (given !== undefined && given !== "") readMasterKeys(given);
}

/** Throws what is missing. */
function resolvedOf<T>(step: string, resolved: Resolved<T>): T {
  if (resolved.ok) return resolved.value;
  throw valueFailure(resolved.problems.map((problem) => ({ step, problem })));
}

async function outcomeOf({ attempt, ...known }: Attempt, timeoutMs: number): Promise<Connection> {
  if (attempt === undefined) return { ...known, outcome: "untried", message: "nothing to try" };
  const ends = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(timedOut(known.step, timeoutMs)), timeoutMs);
    });
    const message = await Promise.race([attempt(ends.signal), late]);
    return { ...known, outcome: "ok", message };
  } catch (error) {
    const { code, message, help } = failedBy(error);
    return { ...known, outcome: "failed", message, code, help };
  } finally {
    clearTimeout(timer);
    ends.abort();
  }
}

function timedOut(step: string, timeoutMs: number): StrmFailure {
  return new StrmFailure(
    "run.no-answer",
    `\`${step}\` had no answer within ${Math.round(timeoutMs / 1000)} seconds.`,
    "Check the address, and whether something between here and there takes messages without passing them on.",
  );
}
