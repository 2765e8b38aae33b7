// What a connector is at run time: its declaration, and how its source and sink behave.
import type { ConnectorSpec, OptionsOf, OptionTable } from "../../dsl/spec/connector-spec.ts";

/** Raw bytes of one origin, in order. The bytes may be reused after the next chunk was asked for. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly origin: string;
  /** Offset in bytes of the first byte within its origin. */
  readonly offsetBytes: number;
  /** True on the last chunk of an origin; `bytes` may be empty then. */
  readonly last: boolean;
}

export interface Source {
  /** Reads until the end, or until `stop` is aborted; then it ends without an error. */
  chunks(stop: AbortSignal): AsyncIterable<Chunk>;
  close(): Promise<void>;
}

/** What a sink made of what it got. `target` is for people: a path, `stdout`. */
export interface SinkReport {
  readonly target: string;
  readonly events: number;
  readonly sizeBytes: number;
}

export interface Sink {
  /** Resolves when the bytes are taken and may be reused: this is where back-pressure comes from. */
  write(bytes: Uint8Array, events: number): Promise<void>;
  /** Makes what was written durable and visible. Called once, at the end. */
  complete(): Promise<readonly SinkReport[]>;
  /** Lets go after a failure: nothing half-written stays visible. Never throws. */
  abort(): Promise<void>;
}

/** What every connector is opened with beside its own options. */
export interface OpenContext {
  /** Folder of the pipeline's file, absolute: relative paths start here. */
  readonly baseDir: string;
  /** The state folder, absolute. */
  readonly stateDir: string;
  /** The step's name, for messages. */
  readonly step: string;
  readonly warn: (message: string, help: string) => void;
}

export interface SourceContext extends OpenContext {
  readonly maxEventBytes: number;
}

export interface SinkContext extends OpenContext {
  /** What the sink is given: events and rejections as JSON lines; keys as CSV or JSON lines. */
  readonly format: string;
  /** Key material: files are made readable by their owner alone. */
  readonly secret: boolean;
}

/** A declaration with the way to open what it declares; a connector's driver is loaded only then. */
export interface Connector<S extends OptionTable = OptionTable, K extends OptionTable = OptionTable> {
  readonly spec: ConnectorSpec<S, K>;
  readonly openSource?: () => Promise<(options: OptionsOf<S>, context: SourceContext) => Promise<Source>>;
  readonly openSink?: () => Promise<(options: OptionsOf<K>, context: SinkContext) => Promise<Sink>>;
}
