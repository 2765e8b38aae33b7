// Runs the checker's rules over a program and gives the job graph, but for its hash.
import { basename, extname } from "node:path/posix";
import type { GraphStep, JobGraph, SinkStep } from "../graph/job-graph.ts";
import type { Context } from "./context.ts";
import { type Contract, checkContracts } from "./contract.ts";
import { checkKeyStores, defaultKeyStore, type KeyStore } from "./key-stores.ts";
import { checkPlaces } from "./places.ts";
import { checkSink, type Sink } from "./sink.ts";
import { checkStreams } from "./streams.ts";
import { checkUnused } from "./unused.ts";

export type UnhashedGraph = Omit<JobGraph, "hash">;

/** Everything is reported to the context. The graph is what could be understood: whole only where nothing is an error. */
export function check(context: Context): UnhashedGraph {
  const contracts = checkContracts(context);
  const stores = checkKeyStores(context);
  const fallback = defaultKeyStore(context);
  const streams = checkStreams({ contracts, stores, fallback }, context);
  const sinks: Sink[] = [];
  for (const statement of context.entry.tree.statements) {
    if (statement.kind !== "sink") continue;
    const sink = checkSink(statement, streams, context);
    if (sink !== undefined) sinks.push(sink);
  }
  checkPlaces(sinks, streams, context);
  checkUnused(context);

  const steps = [...streams.values()].flatMap(({ step }) => step ?? []);
  return {
    version: 1,
    name: basename(context.entry.file, extname(context.entry.file)),
    purposes: context.purposes.all(),
    contracts: usedContracts(steps, contracts.values()),
    keyStores: usedStores(steps, [fallback, ...stores.values()]),
    steps: [...steps, ...sinkSteps(sinks)],
  };
}

function usedContracts(steps: readonly GraphStep[], contracts: Iterable<Contract>): JobGraph["contracts"] {
  const used = new Set(steps.flatMap((step) => (step.kind === "source" ? [step.contract] : [])));
  return [...contracts].flatMap(({ graph }) => (graph !== undefined && used.has(graph.name) ? [graph] : []));
}

function usedStores(
  steps: readonly GraphStep[],
  stores: readonly (KeyStore | undefined)[],
): JobGraph["keyStores"] {
  const used = new Set(steps.flatMap((step) => ("keys" in step ? [step.keys] : [])));
  const graphs = new Map(
    stores.flatMap((store) => (store === undefined ? [] : [[store.graph.name, store.graph]])),
  );
  return [...graphs.values()].filter(({ name }) => used.has(name));
}

/** Sinks in the order of the file; those with the same title are numbered from the second on. */
function sinkSteps(sinks: readonly Sink[]): readonly SinkStep[] {
  const counts = new Map<string, number>();
  return sinks.map(({ statement, side, title, spec, exposing, options }) => {
    const count = (counts.get(title) ?? 0) + 1;
    counts.set(title, count);
    return {
      kind: "sink",
      name: count === 1 ? title : `${title}#${count}`,
      from: statement.stream.name.text,
      side,
      connector: statement.connector.text,
      ...(exposing === undefined ? {} : { exposing }),
      ...(spec.records === true && { records: true as const }),
      options,
    };
  });
}
