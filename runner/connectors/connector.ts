// What a connector is at run time: its declaration, and how its source and sink behave.
import type { ConnectorSpec, OptionsOf, OptionTable } from "../../dsl/spec/connector-spec.ts";
import type { Json, OptionValues } from "../../dsl/spec/option-value.ts";
import { type Lookup, type Resolved, resolveOptions } from "../../dsl/spec/resolve.ts";
import type { Buffers } from "../formats/buffers.ts";
import type { EventFormat } from "../plan/plan.ts";
import type { Checkpointing, Positions, Session, Sink, Source } from "./delivery.ts";

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
  /** What the source's events come as. */
  readonly format: EventFormat;
  /** The Avro schema that they shall be of; present where they come as Avro or CSV. */
  readonly schema?: Json;
  /** The user wants everything to be read again, also what others keep account of (a consumer group). */
  readonly fresh: boolean;
  /** Where the buffers of batches come from, and go back to when they are done with. */
  readonly buffers: Buffers;
}

export interface SinkContext extends OpenContext {
  /** The state of the checkpoint to go on from; absent for a start from the beginning. */
  readonly resume?: Json;
  /** The stream that is written, with its side: `safe`, `clicks.rejected`. */
  readonly stream: string;
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  /** What the sink is given: events as JSON lines, Avro datums or rows of CSV, rejections as JSON lines, keys as CSV or JSON lines. */
  readonly format: string;
  /** The stream's Avro schema; present where events are written as Avro or CSV. */
  readonly schema?: Json;
  /** What every file or object begins with: a row of column names. Empty for other formats. */
  readonly header: Uint8Array;
  /** The source ends by itself: what is written of it shall not depend on the clock. */
  readonly bounded: boolean;
  /** Key material: files are made readable by their owner alone. */
  readonly secret: boolean;
}

/** What a session is opened with. */
export interface SessionContext {
  readonly baseDir: string;
  /** See `OpenContext`. */
  readonly job: string;
  readonly pipeline: string;
  readonly warn: (message: string, help: string) => void;
}

/** `session`: what the connector's `session` opened, where it has one. */
export type OpenSource = (context: SourceContext, session: Session | undefined) => Promise<Source>;
export type OpenSink = (context: SinkContext, session: Session | undefined) => Promise<Sink>;
export type OpenSession = (context: SessionContext) => Promise<Session>;

/** What a step is tried with, before a run and without one. */
export interface TryContext {
  readonly baseDir: string;
  readonly stateDir: string;
  readonly pipeline: string;
  readonly step: string;
  /** Aborted when nobody waits for an answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Tries what the step will need, as far as that leaves nothing behind: nothing is written, made or committed, and no group is joined.
 * Resolves to what was found, in a few words for people; throws a `StrmFailure`.
 */
export type Try = (context: TryContext) => Promise<string>;

/** A step of a connector, by its name. */
export interface StepValues {
  readonly step: string;
  readonly values: OptionValues;
}

/** A connector as the engine sees it: options go in as the graph carries them, and nothing is opened before all are resolved. */
export interface Connector {
  readonly spec: ConnectorSpec;
  readonly source?: (values: OptionValues, lookup: Lookup) => Resolved<OpenSource>;
  readonly sink?: (values: OptionValues, lookup: Lookup) => Resolved<OpenSink>;
  /** Absent where there is nothing that could be tried. */
  readonly trySource?: (values: OptionValues, lookup: Lookup) => Resolved<Try>;
  readonly trySink?: (values: OptionValues, lookup: Lookup) => Resolved<Try>;
  /** Of the run's sources and sinks of this connector. */
  readonly session?: (
    sources: readonly StepValues[],
    sinks: readonly StepValues[],
    lookup: Lookup,
  ) => Resolved<OpenSession>;
}

/** The options of a connector's steps, by their names. */
export interface SessionSteps<S extends OptionTable, K extends OptionTable> {
  readonly sources: ReadonlyMap<string, OptionsOf<S>>;
  readonly sinks: ReadonlyMap<string, OptionsOf<K>>;
}

/** How a declaration's steps are tried; see `Try`. */
export interface Tries<S extends OptionTable, K extends OptionTable> {
  readonly trySource?: () => Promise<(options: OptionsOf<S>, context: TryContext) => Promise<string>>;
  readonly trySink?: () => Promise<(options: OptionsOf<K>, context: TryContext) => Promise<string>>;
}

/** A declaration with the way to open what it declares; `import()` in `open…` loads a driver only then. */
export interface Declaration<S extends OptionTable, K extends OptionTable> extends Tries<S, K> {
  readonly spec: ConnectorSpec<S, K>;
  readonly openSource?: () => Promise<(options: OptionsOf<S>, context: SourceContext) => Promise<Source>>;
  readonly openSink?: () => Promise<(options: OptionsOf<K>, context: SinkContext) => Promise<Sink>>;
}

/** A declaration whose steps share a session. */
export interface SharingDeclaration<S extends OptionTable, K extends OptionTable, N extends Session>
  extends Tries<S, K> {
  readonly spec: ConnectorSpec<S, K>;
  readonly openSession: () => Promise<(steps: SessionSteps<S, K>, context: SessionContext) => Promise<N>>;
  readonly openSource: () => Promise<
    (options: OptionsOf<S>, context: SourceContext, session: N) => Promise<Source>
  >;
  readonly openSink: () => Promise<
    (options: OptionsOf<K>, context: SinkContext, session: N) => Promise<Sink>
  >;
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
    ...triesOf(declaration),
  };
}

/** As `connector`, for steps that share a session. */
export function sharingConnector<S extends OptionTable, K extends OptionTable, N extends Session>(
  declaration: SharingDeclaration<S, K, N>,
): Connector {
  const { spec, openSession, openSource, openSink } = declaration;
  // The engine hands back the session that it was given; here it gets its own type again.
  const sessions = new WeakMap<Session, N>();
  const own = (session: Session | undefined): N => {
    const found = session && sessions.get(session);
    if (found === undefined) throw new Error(`a step of ${spec.name} was opened without its session`);
    return found;
  };
  return {
    spec,
    ...(spec.source && { source: opener(spec.source.options, sharing(openSource, own)) }),
    ...(spec.sink && { sink: opener(spec.sink.options, sharing(openSink, own)) }),
    ...triesOf(declaration),
    session: (sources, sinks, lookup) => {
      const read = resolveAll(spec.source?.options, sources, lookup);
      if (!read.ok) return read;
      const written = resolveAll(spec.sink?.options, sinks, lookup);
      if (!written.ok) return written;
      const open: OpenSession = async (context) => {
        const session = await (await openSession())({ sources: read.value, sinks: written.value }, context);
        sessions.set(session, session);
        return session;
      };
      return { ok: true, value: open };
    },
  };
}

function triesOf<S extends OptionTable, K extends OptionTable>({
  spec,
  trySource,
  trySink,
}: Tries<S, K> & { readonly spec: ConnectorSpec<S, K> }): Pick<Connector, "trySource" | "trySink"> {
  return {
    ...(spec.source && trySource && { trySource: opener(spec.source.options, trySource) }),
    ...(spec.sink && trySink && { trySink: opener(spec.sink.options, trySink) }),
  };
}

type Load<O, C, R> = () => Promise<(options: O, context: C, session: Session | undefined) => Promise<R>>;

function sharing<O, C, R, N>(
  load: () => Promise<(options: O, context: C, session: N) => Promise<R>>,
  own: (session: Session | undefined) => N,
): Load<O, C, R> {
  return async () => {
    const open = await load();
    return (options, context, session) => open(options, context, own(session));
  };
}

function opener<T extends OptionTable, C, R>(
  table: T,
  load: Load<OptionsOf<T>, C, R>,
): (values: OptionValues, lookup: Lookup) => Resolved<(context: C, session?: Session) => Promise<R>> {
  return (values, lookup) => {
    const resolved = resolveOptions(table, values, lookup);
    if (!resolved.ok) return resolved;
    return {
      ok: true,
      value: async (context, session) => (await load())(resolved.value, context, session),
    };
  };
}

function resolveAll<T extends OptionTable>(
  table: T | undefined,
  steps: readonly StepValues[],
  lookup: Lookup,
): Resolved<ReadonlyMap<string, OptionsOf<T>>> {
  const all = new Map<string, OptionsOf<T>>();
  if (table === undefined) return { ok: true, value: all };
  for (const { step, values } of steps) {
    const resolved = resolveOptions(table, values, lookup);
    if (!resolved.ok) return resolved;
    all.set(step, resolved.value);
  }
  return { ok: true, value: all };
}
