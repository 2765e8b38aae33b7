// What a pipeline means for the people in its events: who can read what, for which purposes, by whose keys.
import type { Catalog, SinkRecovery, SinkSpec } from "../spec/connector-spec.ts";
import { type Delivery, deliveryOf, recoveryOf } from "../spec/delivery.ts";
import type { GraphContract, GraphStep, JobGraph, SinkStep, SourceStep } from "./job-graph.ts";
import { durationText, fieldsIn, purposeNames } from "./words.ts";

export interface Explanation {
  readonly pipeline: string;
  readonly hash: string;
  /** Every purpose that is declared, or that a field has; ascending by level. */
  readonly purposes: readonly PurposeExplanation[];
  readonly dropped: readonly DroppedExplanation[];
  readonly sinks: readonly SinkExplanation[];
}

/** Fields of a contract that are read and stand in no sink of events. */
export interface DroppedExplanation {
  readonly contract: string;
  readonly fields: readonly ExplainedField[];
}

/** Where one purpose's fields end up: names of sinks. */
export interface PurposeExplanation {
  readonly level: number;
  readonly name: string | null;
  readonly reason: string | null;
  /** Its fields, as `contract: path`. */
  readonly fields: readonly string[];
  /** In clear, for people who consented. */
  readonly opened: readonly string[];
  /** In clear, whatever the consent: an `exposing` sink. */
  readonly exposed: readonly string[];
  readonly masked: readonly string[];
  readonly sealed: readonly string[];
}

export interface SinkExplanation {
  readonly sink: string;
  readonly stream: string;
  readonly connector: string;
  /** Where it writes, as the program says; what is known only at run time stands as `env("X")`. */
  readonly target: string;
  readonly holds: "events" | "rejected events" | "data keys";
  /** Sentences: which events come here. */
  readonly events: string;
  /** Levels that an event's consent must hold, all of them; empty where consent isn't asked for. */
  readonly consent: readonly number[];
  /** Personal fields by how they stand there. */
  readonly opened: readonly ExplainedField[];
  readonly exposed: readonly ExplainedField[];
  readonly masked: readonly ExplainedField[];
  readonly sealed: readonly ExplainedField[];
  /** Fields that are not personal. */
  readonly open: readonly string[];
  /** Sentences: who can open what is sealed here; null where nothing is. */
  readonly keys: string | null;
  /** Why personal values stand there in clear without consent; null where they don't. */
  readonly exposing: string | null;
  /** True where fields that the contract doesn't declare are passed on as they are. */
  readonly passesUndeclared: boolean;
  readonly delivery: Delivery;
}

export interface ExplainedField {
  readonly path: string;
  /** Its purpose's level; null: it is not personal. */
  readonly purpose: number | null;
}

type Stream = Exclude<GraphStep, SinkStep>;

/** Explains every sink of a graph, and every purpose across the sinks. */
export function explainGraph(graph: JobGraph, catalog: Catalog): Explanation {
  const streams = new Map<string, Stream>();
  for (const step of graph.steps) if (step.kind !== "sink") streams.set(step.name, step);
  const sinks = graph.steps.flatMap((step) => {
    const stream = step.kind === "sink" ? streams.get(step.from) : undefined;
    if (step.kind !== "sink" || stream === undefined) return [];
    return [explainSink(step, chainOf(stream, streams), graph, catalog)];
  });
  return {
    pipeline: graph.name,
    hash: graph.hash,
    purposes: explainPurposes(graph, sinks),
    dropped: explainDropped(graph),
    sinks,
  };
}

function explainDropped({ contracts }: JobGraph): readonly DroppedExplanation[] {
  return contracts.flatMap(({ name, dropped }) =>
    dropped === undefined
      ? []
      : [
          {
            contract: name,
            fields: dropped.map(({ path, purpose }) => ({ path, purpose: purpose ?? null })),
          },
        ],
  );
}

/** The stream and those it came from, up to its source. */
function chainOf(stream: Stream, streams: ReadonlyMap<string, Stream>): readonly [Stream, ...Stream[]] {
  const above = stream.kind === "source" ? undefined : streams.get(stream.from);
  return above === undefined ? [stream] : [stream, ...chainOf(above, streams)];
}

function explainSink(
  sink: SinkStep,
  chain: readonly [Stream, ...Stream[]],
  graph: JobGraph,
  catalog: Catalog,
): SinkExplanation {
  const [stream] = chain;
  const fields = sink.side === "events" ? stream.fields : [];
  const inState = (state: "clear" | "raw" | "sealed" | "masked"): readonly ExplainedField[] =>
    fieldsIn(fields, state).map(({ path, purpose }) => ({ path, purpose: purpose ?? null }));
  const asked = chain.flatMap((step) => (step.kind === "decrypt" ? step.purposes : []));
  const consent = sink.side === "events" ? [...new Set(asked)].sort((a, b) => a - b) : [];
  const sealed = inState("sealed");
  const contract = graph.contracts.find(({ name }) => name === stream.contract);
  const spec = catalog.connectors.find(({ name }) => name === sink.connector)?.sink;
  return {
    sink: sink.name,
    stream: stream.name,
    connector: sink.connector,
    target: (spec?.place ?? [])
      .map((option) => optionText(sink.options[option]))
      .filter((text) => text !== "")
      .join(" "),
    holds: ({ events: "events", rejected: "rejected events", keys: "data keys" } as const)[sink.side],
    events: eventsText(sink, stream, consent, graph),
    consent,
    opened: inState("clear"),
    exposed: inState("raw"),
    masked: inState("masked"),
    sealed,
    open: fieldsIn(fields, "open").map(({ path }) => path),
    keys: sealed.length > 0 ? keysText(chain, graph) : null,
    exposing: sink.exposing ?? null,
    passesUndeclared: sink.side === "events" && contract?.unknown === "pass",
    delivery: delivery(sink, chain, catalog),
  };
}

function eventsText(sink: SinkStep, stream: Stream, consent: readonly number[], graph: JobGraph): string {
  if (sink.side === "keys") {
    const purposeBound = stream.kind !== "source" && stream.scheme === "purpose_bound";
    const opens = purposeBound
      ? "a keyset for each purpose of each key link, which opens the fields of that purpose"
      : "a keyset for each key link, which opens the fields of all purposes";
    return `The data keys of ${stream.name}: ${opens}. Whoever has them needs nobody's consent, so guard them.`;
  }
  if (sink.side === "rejected") {
    const form =
      sink.exposing === undefined
        ? "The event itself is sealed for the holder of the master key."
        : "The event itself stands there in clear.";
    return `What ${stream.name} refused, each with the reason and its position. ${form}`;
  }
  if (consent.length === 0) return "All events, whatever their consent.";
  const names = purposeNames(graph, consent);
  return `Only events whose data subject consented to ${names}. Others are withheld.`;
}

/** Who can open what is sealed in a stream. */
function keysText(chain: readonly Stream[], graph: JobGraph): string {
  const sealer =
    chain.find((step) => step.kind === "encrypt") ?? chain.find((step) => step.kind === "decrypt");
  if (sealer === undefined) {
    return "It was sealed before it came here; its keys are where that was done.";
  }
  const store = graph.keyStores.find(({ name }) => name === sealer.keys);
  const title = store === undefined ? sealer.keys : `${store.name} (${store.store})`;
  const scope =
    sealer.scheme === "purpose_bound"
      ? "The keys of one purpose open no other."
      : "One key opens the fields of all purposes.";
  const until =
    store?.retainMs === undefined
      ? "Keys are kept until somebody removes them."
      : `Keys are removed ${durationText(store.retainMs)} after their window closed; then nobody can open it.`;
  return `Whoever holds the keys in ${title} can open what is sealed. ${scope} ${until}`;
}

function delivery(sink: SinkStep, chain: readonly Stream[], catalog: Catalog): Delivery {
  const source = chain.at(-1);
  const find = (connector: string) => catalog.connectors.find(({ name }) => name === connector);
  const from = source?.kind === "source" ? find(source.connector)?.source : undefined;
  const to = find(sink.connector)?.sink;
  if (source?.kind === "source" && from !== undefined && to !== undefined) {
    return deliveryOf(recoveryOf(from.recovery, source.options), sinkRecovery(to, sink, source));
  }
  return {
    promise: "at-most-once",
    reason: "This strm doesn't know one of the connectors, so nothing better can be promised.",
  };
}

function sinkRecovery(spec: SinkSpec, sink: SinkStep, source: SourceStep): SinkRecovery {
  const recovery = recoveryOf(spec.recovery, sink.options);
  const apart =
    sink.connector === source.connector &&
    (spec.joins ?? []).some((name) => !alike(sink.options[name], source.options[name]));
  if (recovery.kind === "repeats" || !apart) return recovery;
  return { kind: "repeats", why: `it is not where ${source.name} is read, and no transaction spans both` };
}

function alike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function explainPurposes(graph: JobGraph, sinks: readonly SinkExplanation[]): readonly PurposeExplanation[] {
  const levels = new Set([
    ...graph.purposes.map(({ level }) => level),
    ...graph.contracts.flatMap(({ personal }) => personal.map(({ purpose }) => purpose)),
  ]);
  return [...levels]
    .sort((a, b) => a - b)
    .map((level) => {
      const declared = graph.purposes.find((purpose) => purpose.level === level);
      const where = (state: "opened" | "exposed" | "masked" | "sealed"): readonly string[] =>
        sinks.filter((sink) => sink[state].some(({ purpose }) => purpose === level)).map(({ sink }) => sink);
      return {
        level,
        name: declared?.name ?? null,
        reason: declared?.reason ?? null,
        fields: graph.contracts.flatMap((contract) => fieldsOf(contract, level)),
        opened: where("opened"),
        exposed: where("exposed"),
        masked: where("masked"),
        sealed: where("sealed"),
      };
    });
}

function fieldsOf({ name, personal }: GraphContract, level: number): readonly string[] {
  return personal.filter(({ purpose }) => purpose === level).map(({ path }) => `${name}: ${path}`);
}

/** An option's value as people wrote it. */
function optionText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(optionText).join(", ");
  if (typeof value === "object" && value !== null) {
    if ("$env" in value) {
      return "$default" in value ? `env("${value.$env}", "${value.$default}")` : `env("${value.$env}")`;
    }
    if ("$secret" in value) return `secret("${value.$secret}")`;
    if ("$file" in value) return `file("${value.$file}")`;
  }
  return value === undefined ? "" : JSON.stringify(value);
}
