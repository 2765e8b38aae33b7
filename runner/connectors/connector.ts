// What a connector is at run time: its declaration, and how its source and sink behave.
import type { ConnectorSpec, OptionsOf, OptionTable } from "../../dsl/spec/connector-spec.ts";
import type { Json, OptionValues } from "../../dsl/spec/option-value.ts";
import { type Lookup, type Resolved, resolveOptions } from "../../dsl/spec/resolve.ts";
import type { Buffers } from "../formats/buffers.ts";
import type { Checkpointing, Positions, Sink, Source } from "./delivery.ts";

/** The process's own streams, as far as the run may use them. */
export interface Streams {
  readonly stdin?: AsyncIterable<Uint8Array> & { destroy?(): unknown };
  readonly stdout?: NodeJS.WritableStream;
}

/** What every connector is opened with beside its own options. */
export interface OpenContext extends Checkpointing {
  /** Folder of the pipeline's file, absolute: relative paths start here. */
  readonly baseDir: string;
  /** The state folder, absolute. */
  readonly stateDir: string;
  /** The step's name, for messages. */
  readonly step: string;
  /** Names the job on this state folder, 8 letters: what is half-written bears it, so that only its own job touches it. */
  readonly job: string;
  readonly streams: Streams;
  readonly warn: (message: string, help: string) => void;
  /** Takes a place for this step alone; throws `run.same-place` where another step of the run has it. */
  readonly claim: (place: string) => void;
}

export interface SourceContext extends OpenContext {
  readonly maxEventBytes: number;
  /** Where to go on; empty for a start from the beginning. */
  readonly resume: Positions;
  /** Where the buffers of batches come from, and go back to when they are done with. */
  readonly buffers: Buffers;
}

export interface SinkContext extends OpenContext {
  /** The state of the checkpoint to go on from; absent for a start from the beginning. */
  readonly resume?: Json;
  /** What the sink is given: events and rejections as JSON lines; keys as CSV or JSON lines. */
  readonly format: string;
  /** What every file or object begins with: a row of column names. Empty for other formats. */
  readonly header: Uint8Array;
  /** Key material: files are made readable by their owner alone. */
  readonly secret: boolean;
}

export type OpenSource = (context: SourceContext) => Promise<Source>;
export type OpenSink = (context: SinkContext) => Promise<Sink>;

/** A connector as the engine sees it: options go in as the graph carries them, and nothing is opened before all are resolved. */
export interface Connector {
  readonly spec: ConnectorSpec;
  readonly source?: (values: OptionValues, lookup: Lookup) => Resolved<OpenSource>;
  readonly sink?: (values: OptionValues, lookup: Lookup) => Resolved<OpenSink>;
}

/** A declaration with the way to open what it declares; `import()` in `open…` loads a driver only then. */
export interface Declaration<S extends OptionTable, K extends OptionTable> {
  readonly spec: ConnectorSpec<S, K>;
  readonly openSource?: () => Promise<(options: OptionsOf<S>, context: SourceContext) => Promise<Source>>;
  readonly openSink?: () => Promise<(options: OptionsOf<K>, context: SinkContext) => Promise<Sink>>;
}

/** Ties a declaration's options to the functions that take them, so that the list of connectors needs no types of theirs. */
export function connector<S extends OptionTable = OptionTable, K extends OptionTable = OptionTable>(
  declaration: Declaration<S, K>,
): Connector {
  const { spec, openSource, openSink } = declaration;
  return {
    spec,
    ...(spec.source && openSource && { source: opener(spec.source.options, openSource) }),
    ...(spec.sink && openSink && { sink: opener(spec.sink.options, openSink) }),
  };
}

function opener<T extends OptionTable, C, R>(
  table: T,
  load: () => Promise<(options: OptionsOf<T>, context: C) => Promise<R>>,
): (values: OptionValues, lookup: Lookup) => Resolved<(context: C) => Promise<R>> {
  return (values, lookup) => {
    const resolved = resolveOptions(table, values, lookup);
    if (!resolved.ok) return resolved;
    return { ok: true, value: async (context) => (await load())(resolved.value, context) };
  };
}
