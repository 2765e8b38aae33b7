// The delivery contract: how batches, positions, acknowledgements and checkpoints pass between sources, engine and sinks.
import type { Json } from "../../dsl/spec/option-value.ts";
import type { Batch, Frames } from "../kernel/kernel.ts";

/*
 * A run moves items from sources to sinks, and from time to time makes a checkpoint, so that a run that is broken off at any
 * instant goes on from its last checkpoint, with nothing lost and nothing doubled where the connectors can do their part.
 *
 *   1. cut       Between two batches, the engine notes the position of each source and calls `prepare` on each sink. What was
 *                written before that call belongs to the checkpoint, what is written after it does not.
 *   2. prepare   Each sink makes durable what belongs to the checkpoint, and answers with its state.
 *   3. record    The engine makes positions, states and ledger durable in one transaction: the checkpoint holds.
 *   4. commit    Each sink makes visible what the state says, and each source is told which positions hold.
 *
 * Where a server takes records, positions and the checkpoint's number in one transaction, that transaction decides (`Decider`): step 3
 * then records the checkpoint as one in doubt, has it decided, and settles it. A run that starts again asks how it was decided.
 *
 * Keys are durable before anything sealed with them is written. A run that starts again opens each sink with its state of the
 * last checkpoint: the sink cuts off, or will write anew, what came after, and its first `commit` does what step 4 may have
 * left undone. Each source goes on from its positions. Batches go on flowing while steps 2 to 4 take their time.
 */

/** Where a source goes on, as plain JSON that only the source itself reads. */
export type Position = Json;

/** By partition. */
export type Positions = ReadonlyMap<string, Position>;

/** A part of a line or record over `max_event`: such a line is never held whole. */
export interface OversizePiece {
  readonly origin: string;
  readonly line: number;
  /** Offset in bytes of the line (not of the piece) within its origin. */
  readonly offsetBytes: number;
  /** Present for a record: where it stands in its origin; line and offset in bytes are 0 then. */
  readonly offset?: number;
  /** Of a row of CSV, and not of a line. */
  readonly row?: true;
  /** From 1. */
  readonly piece: number;
  readonly last: boolean;
  /** At most `max_event` bytes, at least one; the line's end is left out. Its buffer is given away, as a batch's is. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a message carries beside its value. */
export interface Carried {
  readonly key: Uint8Array | null;
  readonly headers: readonly Header[];
  /** Epoch milliseconds. */
  readonly timestampMs: number;
}

export interface Header {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** The batch that events came in: with the index of a line or record in it, it tells where that stands in its origin. */
export type Provenance = Pick<Batch, "origin" | "firstLine" | "readTimeMs" | "records">;

/** What goes with bytes that a sink with `records` is given. */
export interface Detail {
  /** Tells events apart; absent for refused events and keys, which are lines everywhere. */
  readonly frames?: Frames;
  /** By record, as `frames.records` counts them. */
  readonly carried?: readonly Carried[];
  /** Absent for keys. Of refused events: where the first of them stands, as the batch's first line. */
  readonly from?: Provenance;
  /** Present for keys: when the first of their windows starts, in epoch milliseconds. */
  readonly timeMs?: number;
}

export type FramedDetail = Detail & { readonly frames: Frames };

/** What a source hands out. */
export interface Item {
  /** The part of the source whose order is kept: a file's path, a topic's partition. */
  readonly partition: string;
  /** Where the partition goes on once this item is delivered; the engine ignores it for pieces but the last of their line. */
  readonly position: Position;
  /** A batch may be empty: only the position moves then. */
  readonly content:
    | {
        readonly kind: "batch";
        readonly batch: Batch;
        /** By record of the batch: what goes with it and is no part of the event. Absent where the source has nothing of the kind. */
        readonly carried?: readonly Carried[];
      }
    | { readonly kind: "piece"; readonly piece: OversizePiece };
}

export interface Source {
  /**
   * Items from where the source was opened at, in order within each partition, until its end or until `stop` is aborted; then it
   * ends without an error, and a line that is cut there has not been read. Called once.
   */
  items(stop: AbortSignal): AsyncIterable<Item>;
  /** A checkpoint with these positions holds: whoever else keeps account of them (a consumer group) may be told. */
  committed?(positions: Positions): Promise<void>;
  /** What it knows of and has not handed out yet, as of when it last read something; undefined or absent: it can't tell. */
  behind?(): Backlog | undefined;
  /** How far it has read, where records have offsets, in an order that stays; undefined or absent: they have none. */
  reached?(): readonly Reached[] | undefined;
  close(): Promise<void>;
}

/** How far a partition was read or written. */
export interface Reached {
  /** As in `Item.partition` and in the origin of events. */
  readonly partition: string;
  /** Of the last record that was read or written. */
  readonly offset: number;
  /** Of the last one that is settled: that a checkpoint holds as read, that readers of what was written see; null: none is known. */
  readonly committed: number | null;
}

export interface Backlog {
  readonly count: number;
  readonly unit: "events" | "bytes";
}

/** The moment that a checkpoint shows. */
export interface Cut {
  /** From 1, one more with each checkpoint of a job. */
  readonly checkpoint: number;
  /** True for the last one of a run: what was written is made visible, however little it is. */
  readonly ends: boolean;
  /**
   * By source step: the positions that moved since the cut before. Names and transactions that derive from positions make a
   * repeated write overwrite itself.
   */
  readonly positions: ReadonlyMap<string, Positions>;
}

/** What a sink made visible. `target` is for people: a path, `stdout`. */
export interface SinkReport {
  readonly target: string;
  readonly events: number;
  readonly sizeBytes: number;
}

/** What a commit did. */
export interface Committed {
  /** Events that have reached whoever reads them, since the commit before. */
  readonly events: number;
  /** The objects that were made complete. */
  readonly written: readonly SinkReport[];
}

export interface Sink {
  /**
   * Takes whole lines, or whole events where the sink declares `records`: `detail` then tells more of them. `bytes` may be reused when it resolves, which is where back-pressure comes from. Never called again
   * before it has settled. After a `TransientFailure` it is called again with the same bytes, and must not have taken a part of them twice.
   */
  write(bytes: Uint8Array, events: number, detail?: Detail): Promise<void>;
  /**
   * Steps 1 and 2: what was written before this call is durable when it resolves. The answer is what `resume` will be for a
   * run that goes on from this checkpoint. Writes go on meanwhile, but none is under way at the call. Called again
   * only after `commit` has settled, or where this checkpoint was given up.
   */
  prepare(cut: Cut): Promise<Json>;
  /**
   * Step 4. Also called once after a sink was opened with a state, before any write, where it finishes what a broken run left undone: it then answers with
   * the very events that the commit of that checkpoint answered, or would have, so that the state has to tell them.
   */
  commit(): Promise<Committed>;
  /** How far it has written, where records have offsets, in an order that stays; absent: they have none. */
  reached?(): readonly Reached[];
  /**
   * Lets go, after a failure or at the end: what no checkpoint holds is given up, nothing half-written is visible. What `prepare` has answered
   * stays, since a checkpoint may hold it although `commit` was never called. Never throws.
   */
  close(): Promise<void>;
}

/** Decides whether a checkpoint holds, with all that its server has of it, at once and for good. */
export interface Decider {
  /**
   * The last checkpoint that it decided since the job was begun, 0 for none; what was under way is undone when this resolves. `begun` names
   * that beginning: checkpoints are counted from it. Called before any source or sink is opened.
   */
  last(begun: string): Promise<number>;
  /** Resolves when the checkpoint holds. Throws a `Rewind` where it does not, or where that can't be told. */
  decide(cut: Cut, begun: string): Promise<void>;
}

/** What the steps of one connector share in a run: connections, a transaction. */
export interface Session {
  readonly decider?: Decider;
  /** How long what was delivered may stand without a checkpoint; absent: the engine's own measure. */
  readonly checkpointEveryMs?: number;
  /** After the last source and sink. Never throws. */
  close(): Promise<void>;
}

/** What a source or sink may ask of the engine. */
export interface Checkpointing {
  /** Asks for a checkpoint soon, and resolves when one that was cut after this call holds and is committed. */
  checkpoint(): Promise<void>;
}
