// What a program says of its steps, for those who watch it run: fields, readers, targets, promises. Nothing of this changes in a run.
import type { Delivery, Explanation, JobGraph } from "../../../dsl/index.ts";
import type { TapTarget } from "../../../runner/index.ts";

export interface Facts {
  /** The weakest promise of all routes; undefined without sinks. */
  readonly promise: Delivery["promise"] | undefined;
  /** Names of purposes by level. */
  readonly purposes: Readonly<Record<number, string>>;
  readonly streams: Readonly<Record<string, StreamFacts>>;
  readonly sinks: Readonly<Record<string, SinkFacts>>;
  /** By step: what a tap of it shows; steps that are not listed can't be tapped. */
  readonly taps: Readonly<Record<string, TapFacts>>;
}

export type TapFacts = Pick<TapTarget, "stream" | "sink" | "format" | "exposed">;

export interface StreamFacts {
  readonly contract: string;
  /** Names of the purposes that it asks consent for; empty where it asks for none. */
  readonly asks: readonly string[];
  /** Where its events come from. */
  readonly source: string;
  /** Levels that it and the streams above it ask for: other events are withheld before or here. */
  readonly gate: readonly number[];
  readonly fields: readonly FieldFacts[];
  readonly readers: readonly { readonly sink: string; readonly target: string; readonly events: string }[];
}

export interface FieldFacts {
  readonly path: string;
  readonly type: string;
  readonly state: "open" | "raw" | "sealed" | "clear" | "masked";
  /** The purpose's name, or its level where it has none; empty for fields that are not personal. */
  readonly purpose: string;
}

export interface SinkFacts {
  readonly connector: string;
  readonly target: string;
  readonly holds: string;
  /** A sentence: which events come here. */
  readonly events: string;
  readonly promise: Delivery["promise"];
  readonly reason: string;
  /** Names, never values: of the secrets, variables and files that its options refer to. */
  readonly credentials: readonly string[];
}

/** Before a program is known. */
export const noFacts: Facts = { promise: undefined, purposes: {}, streams: {}, sinks: {}, taps: {} };

const weakestFirst: readonly Delivery["promise"][] = ["at-most-once", "at-least-once", "exactly-once"];

/** Of a program that was checked; `explanation` is that of the same graph. Without `tapped` nothing can be tapped. */
export function factsOf(
  graph: JobGraph,
  { sinks, purposes }: Explanation,
  tapped: (step: string) => TapFacts | undefined = () => undefined,
): Facts {
  const nameOf = (level: number): string =>
    purposes.find((purpose) => purpose.level === level)?.name ?? String(level);
  const streams = graph.steps.flatMap((step) => {
    if (step.kind === "sink") return [];
    const readers = sinks
      .filter(({ stream }) => stream === step.name)
      .map(({ sink, connector, target, events }) => ({ sink, target: `${connector} ${target}`, events }));
    const fields = step.fields.map(({ path, type, state, purpose }) => ({
      path,
      type,
      state,
      purpose: purpose === undefined ? "" : nameOf(purpose),
    }));
    const contract = graph.contracts.find(({ name }) => name === step.contract);
    const asks = step.kind === "decrypt" ? step.purposes.map(nameOf) : [];
    const { source, gate } = originOf(step, graph);
    return [
      [step.name, { contract: contract?.ref ?? step.contract, asks, source, gate, fields, readers }] as const,
    ];
  });
  const taken = sinks.map(({ sink, connector, target, holds, events, delivery }) => {
    const step = graph.steps.find(({ name }) => name === sink);
    const credentials = step?.kind === "sink" ? [...new Set(referencesIn(step.options))] : [];
    const { promise, reason } = delivery;
    return [sink, { connector, target, holds, events, promise, reason, credentials }] as const;
  });
  return {
    promise: weakestFirst.find((one) => sinks.some(({ delivery }) => delivery.promise === one)),
    purposes: Object.fromEntries(purposes.map(({ level }) => [level, nameOf(level)])),
    streams: Object.fromEntries(streams),
    sinks: Object.fromEntries(taken),
    taps: Object.fromEntries(
      graph.steps.flatMap(({ name }) => {
        const tap = tapped(name);
        return tap === undefined ? [] : [[name, tap]];
      }),
    ),
  };
}

function originOf(step: JobGraph["steps"][number], graph: JobGraph): Pick<StreamFacts, "source" | "gate"> {
  if (step.kind === "source") return { source: step.name, gate: [] };
  const above = graph.steps.find(({ name }) => name === step.from);
  const { source, gate } = above === undefined ? { source: step.from, gate: [] } : originOf(above, graph);
  return { source, gate: step.kind === "decrypt" ? [...new Set([...gate, ...step.purposes])] : gate };
}

/** `secret NAME`, `env NAME`, `file PATH`, wherever they stand in options. */
function referencesIn(options: unknown): readonly string[] {
  if (Array.isArray(options)) return options.flatMap(referencesIn);
  if (typeof options !== "object" || options === null) return [];
  const kinds = ["secret", "env", "file"] as const;
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const kind = kinds.find((one) => name === `$${one}`);
    return kind === undefined ? referencesIn(value) : [`${kind} ${String(value)}`];
  });
}
