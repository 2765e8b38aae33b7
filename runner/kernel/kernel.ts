// The kernel's interface: pure work on one batch, bytes and plain data in, bytes for each stream and a tally out.
import type { EventFormat, SourcePlan } from "../plan/plan.ts";
import type { EventCode } from "./event-codes.ts";

/** Whole lines of one origin, of which every one ends in LF, but perhaps the last of the origin; or records of one origin. */
export interface Batch {
  /** Alone in its buffer: who hands a batch on gives the buffer away with it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the events came from, as errors and the nonce name it: a file's path, `stdin`, a topic's partition. */
  readonly origin: string;
  /** Line number of the first line, from 1. Not used for records. */
  readonly firstLine: number;
  /** Offset in bytes of the first line within its origin. Not used for records. */
  readonly offsetBytes: number;
  /** Wall clock at reading: the event time of events that carry none. */
  readonly readTimeMs: number;
  /** Present where the events are records and not lines. */
  readonly records?: Records;
}

/** Events that stand one behind another with nothing between them, each of which its source knows by an offset. */
export interface Records {
  /** By record: where it ends in the batch's bytes. */
  readonly ends: Int32Array;
  /** By record: where it stands in its origin, as a whole number below 2^53. */
  readonly offsets: Float64Array;
  /** By record: the line it begins on, from 1. Present where records were rows of a text: offsets are in bytes then. */
  readonly lines?: Float64Array;
  /** By record: the time that its source gives it, in epoch milliseconds; it counts where the event itself carries none. */
  readonly timesMs: Float64Array;
  /** What the source could not make an event of; `record` is an index, ascending. */
  readonly refused?: readonly RefusedRecord[];
}

export interface RefusedRecord {
  readonly record: number;
  readonly code: EventCode;
  readonly reason: string;
}

/** All that a kernel is made of, as plain data, so that it can be sent to a thread or written into linear memory. */
export interface KernelSpec {
  readonly plan: SourcePlan;
  readonly secrets: KernelSecrets;
  /** Key links it may hold; those longest out of use go first, and are asked for again when they are needed. */
  readonly maxLinks: number;
}

export interface KernelSecrets {
  /** By encrypt step: the 32 bytes behind its nonces. */
  readonly nonces: ReadonlyMap<string, Uint8Array>;
  /** By decrypt step that masks: its seed. */
  readonly maskSeeds: ReadonlyMap<string, string>;
}

/** Keys that a batch needs and its kernel does not hold. `step` names the plan's `keyed` entry. */
export type KeyWant =
  | { readonly kind: "value"; readonly step: string; readonly value: string | null; readonly timeMs: number }
  | { readonly kind: "link"; readonly step: string; readonly keyLink: string };

/** A key link as plain data; its window is `[startMs, endMs)` in event time. */
export interface LinkSecret {
  readonly keyLink: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The root secret, 32 bytes; the kernel makes a copy, derives its keys from that, and overwrites both when it lets the link go. */
  readonly secret: Uint8Array;
}

/** One kernel for one source's plan. Not for two batches at once: each is scanned, then emitted or given up. */
export interface Kernel {
  /**
   * Decodes and validates a batch, notes the spans that matter and answers with the keys it lacks. The batch's bytes must
   * not change until `emit` has returned.
   */
  scan(batch: Batch): readonly KeyWant[];
  /**
   * Seals, withholds, opens, masks and writes the batch that was scanned last. `links[i]` answers the scan's want i; undefined:
   * the store has no such link. The results own their buffers.
   */
  emit(links: readonly (LinkSecret | undefined)[]): BatchResult;
  /** Takes a buffer back, to write further results into. */
  recycle(buffer: ArrayBuffer): void;
  /** Overwrites the keys whose window closed at that moment or before. */
  forget(closedBeforeMs: number): void;
  /** Overwrites all keys. */
  destroy(): void;
}

export interface BatchResult {
  /** One for each stream that somebody sinks and each format it is written in, also where it got no event of this batch. */
  readonly outputs: readonly StreamOutput[];
  readonly rejected: readonly Rejection[];
  readonly tally: readonly StepTally[];
  /** (subject, key link) pairs of this batch, each once; the value is the @subject in clear and must not be kept. */
  readonly subjects: readonly SubjectPair[];
  /** The events that the source did not refuse, by consent. */
  readonly consents: readonly ConsentCount[];
}

export interface ConsentCount {
  /** Ascending, each once, with those that they imply; null: all for which there was no room. */
  readonly levels: readonly number[] | null;
  readonly events: number;
}

export interface StreamOutput {
  readonly stream: string;
  readonly format: EventFormat;
  /** See `OutputPlan`. */
  readonly form: string;
  /** JSON lines, datums one behind another, or rows of CSV without a header; from the start of a buffer that nothing else uses. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly events: number;
  /** Present where the plan asks for it. */
  readonly frames?: Frames;
}

/** What is known of each event of an output beside its bytes. */
export interface Frames {
  /** By event: where it ends in the bytes; a line's or row's end belongs to it. */
  readonly ends: Int32Array<ArrayBuffer>;
  /** By event: index of the line or record of the batch that it came from; lines are counted from the batch's first. */
  readonly records: Int32Array<ArrayBuffer>;
  /** By event: its time, in epoch milliseconds. */
  readonly timesMs: Float64Array<ArrayBuffer>;
  /** By event: where its key link ends in `links`. An event of a stream that is not sealed has an empty one. */
  readonly linkEnds: Int32Array<ArrayBuffer>;
  /** Key links in ASCII, one behind another. */
  readonly links: Uint8Array<ArrayBuffer>;
}

export interface SubjectPair {
  readonly step: string;
  readonly value: string;
  readonly keyLink: string;
}

/** An event that a step refused. `start` and `end` are its line, without the line's end, or its record in the batch's bytes. */
export interface Rejection {
  readonly step: string;
  readonly code: EventCode;
  /** A sentence without any value of the event. */
  readonly reason: string;
  /** The contract's field it is about; never a name that only the event has. */
  readonly path?: string;
  /** Of a line; 0 for a record. */
  readonly line: number;
  readonly offsetBytes: number;
  /** Present for a record: where it stands in its origin. */
  readonly offset?: number;
  readonly start: number;
  readonly end: number;
}

/** `in = out + withheld + rejected` in every one. Blank lines are no events. */
export interface StepTally {
  readonly step: string;
  readonly in: number;
  readonly out: number;
  readonly withheld: number;
  readonly rejected: number;
}
