// Finds the connectors of a graph's steps and resolves their options: all that is missing is said at once.
import type { GraphStep, JobGraph, SinkStep, SourceStep } from "../../dsl/graph/job-graph.ts";
import { type Lookup, type Resolved, resolveOptions, resolveReference } from "../../dsl/spec/resolve.ts";
import { sourceOptions } from "../../dsl/spec/statement-options.ts";
import type { Connector, OpenSink, OpenSource } from "../connectors/connector.ts";
import { StrmFailure } from "../failure.ts";
import { type StepProblem, valueFailure } from "./values.ts";

export interface ReadySource {
  readonly step: SourceStep;
  readonly open: OpenSource;
  readonly connector: Connector;
  readonly maxEventBytes: number;
}

export interface ReadySink {
  readonly step: SinkStep;
  readonly open: OpenSink;
  readonly connector: Connector;
}

export interface ReadySteps {
  readonly sources: readonly ReadySource[];
  readonly sinks: readonly ReadySink[];
}

/** Opens nothing yet. `streams`: those that are computed; other sources are not read. */
export function readySteps(
  graph: JobGraph,
  streams: ReadonlySet<string>,
  connectors: readonly Connector[],
  lookup: Lookup,
): ReadySteps {
  const problems: StepProblem[] = [];
  const taken = <T>(step: string, resolved: Resolved<T>): readonly T[] => {
    if (resolved.ok) return [resolved.value];
    problems.push(...resolved.problems.map((problem) => ({ step, problem })));
    return [];
  };
  const sources = graph.steps
    .filter((step) => step.kind === "source")
    .filter((step) => streams.has(step.name))
    .flatMap((step) => {
      const connector = connectorOf(step, connectors);
      const { source } = connector;
      if (source === undefined) throw unknownConnector(step);
      return taken(step.name, resolveOptions(sourceOptions, step.options, lookup)).flatMap((own) =>
        taken(step.name, source(step.options, lookup)).map((open) => ({
          step,
          open,
          connector,
          maxEventBytes: own.max_event,
        })),
      );
    });
  const sinks = graph.steps
    .filter((step) => step.kind === "sink")
    .flatMap((step) => {
      const connector = connectorOf(step, connectors);
      if (connector.sink === undefined) throw unknownConnector(step);
      return taken(step.name, connector.sink(step.options, lookup)).map((open) => ({
        step,
        open,
        connector,
      }));
    });
  for (const step of graph.steps) {
    if (step.kind === "decrypt" && step.maskSeed !== undefined) {
      taken(step.name, resolveReference(step.maskSeed, "mask_seed", lookup));
    }
  }
  for (const store of graph.keyStores) {
    if (store.masterKey !== undefined) {
      taken(store.name, resolveReference(store.masterKey, "master_key", lookup));
    }
  }
  if (problems.length > 0) throw valueFailure(problems);
  return { sources, sinks };
}

function connectorOf(step: SourceStep | SinkStep, connectors: readonly Connector[]): Connector {
  const found = connectors.find(({ spec }) => spec.name === step.connector);
  if (found === undefined) throw unknownConnector(step);
  return found;
}

function unknownConnector(step: GraphStep & { readonly connector: string }): StrmFailure {
  return new StrmFailure(
    "run.unknown-connector",
    `Step \`${step.name}\` needs the connector \`${step.connector}\`, which can't serve as its ${step.kind} here.`,
    "Run `strm check` on the pipeline with this version of strm.",
  );
}
