// What a pipeline means for those who read its results: who can read what, for which purposes, by whose keys.
import type { Catalog } from "../spec/connector-spec.ts";
import { type Delivery, deliveryOf } from "../spec/delivery.ts";
import type { GraphStep, JobGraph, SinkStep } from "./job-graph.ts";
import { fieldsIn, listText, purposeText } from "./words.ts";

export interface Explanation {
  readonly pipeline: string;
  readonly hash: string;
  readonly sinks: readonly SinkExplanation[];
}

export interface SinkExplanation {
  readonly sink: string;
  readonly connector: string;
  /** Where it writes, as the program says; references stand as such. */
  readonly target: string;
  readonly holds: "events" | "rejected events" | "data keys";
  /** A sentence: which events come here. */
  readonly events: string;
  /** Personal fields by how they stand there. */
  readonly clear: readonly ExplainedField[];
  readonly sealed: readonly ExplainedField[];
  readonly masked: readonly ExplainedField[];
  /** Fields that are not personal. */
  readonly open: readonly string[];
  /** Whose keys open what is sealed; null where nothing is. */
  readonly keys: string | null;
  /** Why personal values stand there in clear without consent; null where they don't. */
  readonly exposing: string | null;
  readonly delivery: Delivery;
}

export interface ExplainedField {
  readonly path: string;
  readonly purpose: string | null;
}

type Stream = Exclude<GraphStep, SinkStep>;

/** Explains every sink of a graph. */
export function explainGraph(graph: JobGraph, catalog: Catalog): Explanation {
  const streams = new Map<string, Stream>();
  for (const step of graph.steps) if (step.kind !== "sink") streams.set(step.name, step);
  const sinks = graph.steps.flatMap((step) => {
    const stream = step.kind === "sink" ? streams.get(step.from) : undefined;
    return step.kind === "sink" && stream !== undefined
      ? [explainSink(step, stream, streams, graph, catalog)]
      : [];
  });
  return { pipeline: graph.name, hash: graph.hash, sinks };
}

function explainSink(
  sink: SinkStep,
  stream: Stream,
  streams: ReadonlyMap<string, Stream>,
  graph: JobGraph,
  catalog: Catalog,
): SinkExplanation {
  const chain = chainOf(stream, streams);
  const fields = sink.side === "events" ? stream.fields : [];
  const explained = (state: "clear" | "raw" | "sealed" | "masked"): ExplainedField[] =>
    fieldsIn(fields, state).map(({ path, purpose }) => ({
      path,
      purpose: purpose === undefined ? null : purposeText(graph, purpose),
    }));
  const sealer =
    chain.find((step) => step.kind === "encrypt") ?? chain.find((step) => step.kind === "decrypt");
  const sealed = explained("sealed");
  const source = chain.at(-1);
  const from = catalog.connectors.find(
    ({ name }) => source?.kind === "source" && name === source.connector,
  )?.source;
  const to = catalog.connectors.find(({ name }) => name === sink.connector)?.sink;
  return {
    sink: sink.name,
    connector: sink.connector,
    target: (to?.place ?? []).map((option) => optionText(sink.options[option])).join(" "),
    holds: ({ events: "events", rejected: "rejected events", keys: "data keys" } as const)[sink.side],
    events: eventsText(sink, stream, chain, graph),
    clear: [...explained("clear"), ...explained("raw")],
    sealed,
    masked: explained("masked"),
    open: fieldsIn(fields, "open").map(({ path }) => path),
    keys: sealed.length > 0 && sealer !== undefined && "keys" in sealer ? sealer.keys : null,
    exposing: sink.exposing ?? null,
    delivery:
      from === undefined || to === undefined
        ? { promise: "at-least-once", reason: "This strm does not know the connector." }
        : deliveryOf(from.replay, to.repeat),
  };
}

/** The stream and those it came from, up to its source. */
function chainOf(stream: Stream, streams: ReadonlyMap<string, Stream>): readonly Stream[] {
  const above = stream.kind === "source" ? undefined : streams.get(stream.from);
  return above === undefined ? [stream] : [stream, ...chainOf(above, streams)];
}

function eventsText(sink: SinkStep, stream: Stream, chain: readonly Stream[], graph: JobGraph): string {
  if (sink.side === "keys")
    return `The data keys that ${stream.name} is sealed with. Whoever holds them opens everything in it.`;
  if (sink.side === "rejected") {
    const form = sink.exposing === undefined ? "sealed for the holder of the master key" : "in clear";
    return `What ${stream.name} refused, with the reason and the position; each event ${form}.`;
  }
  const asked = [...new Set(chain.flatMap((step) => (step.kind === "decrypt" ? step.purposes : [])))].sort(
    (a, b) => a - b,
  );
  return asked.length === 0
    ? "All events, whatever their consent."
    : `Only events whose data subject consented to ${listText(asked.map((level) => purposeText(graph, level)))}.`;
}

function optionText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(optionText).join(", ");
  if (typeof value === "object" && value !== null) {
    if ("$env" in value) return `env("${value.$env}")`;
    if ("$secret" in value) return `secret("${value.$secret}")`;
    if ("$file" in value) return `file("${value.$file}")`;
  }
  return value === undefined ? "" : JSON.stringify(value);
}

/** The explanation in plain words. */
export function explainGraphText(explanation: Explanation): string {
  const parts = explanation.sinks.map((sink) => {
    const fields = (items: readonly ExplainedField[]) =>
      items.map(({ path, purpose }) => (purpose === null ? path : `${path} for ${purpose}`)).join(", ");
    const row = (name: string, text: string) => (text === "" ? [] : [`  ${name.padEnd(10)}${text}`]);
    const personal = sink.holds === "events";
    return [
      `${sink.sink}  ${sink.target}`.trimEnd(),
      ...row("holds", sink.events),
      ...(personal ? row("readable", fields(sink.clear) || "no personal field") : []),
      ...row("masked", fields(sink.masked)),
      ...row("sealed", fields(sink.sealed)),
      ...row("open", sink.open.join(", ")),
      ...row("keys", sink.keys === null ? "" : `of ${sink.keys}`),
      ...row("EXPOSING", sink.exposing ?? ""),
      ...row("delivery", `${sink.delivery.promise}. ${sink.delivery.reason}`),
    ].join("\n");
  });
  return `${explanation.pipeline}  ${explanation.hash.slice(0, 12)}\n\n${parts.join("\n\n")}\n`;
}
