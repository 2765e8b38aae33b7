// The one typed stream by which a run reports; text, NDJSON, UI and tests all read it and nothing else.

import type { FailureCode } from "../failure-codes.ts";
import type { EventCode } from "../kernel/event-codes.ts";

/** Members are the very names of the NDJSON output. Times are ISO 8601 in UTC. */
export type RunEvent =
  | Started
  | Opened
  | Progress
  | KeysMade
  | Written
  | Checkpoint
  | Retry
  | Recovered
  | Rejected
  | Uncovered
  | Warning
  | Stopping
  | Failed
  | Finished;

interface EventBase {
  readonly time: string;
}

export interface Started extends EventBase {
  readonly type: "started";
  readonly run_id: string;
  readonly pipeline: string;
  readonly graph_hash: string;
  readonly state: string;
  /** Kernels that work side by side. */
  readonly workers: number;
  /** True: the events come out of the quarantine, and not of the sources. */
  readonly replays: boolean;
  /** The checkpoint that the run goes on from, when it was made, and what had been counted by then; null: it starts from the beginning. */
  readonly continues: { readonly checkpoint: number; readonly made: string; readonly ledger: Ledger } | null;
  readonly steps: readonly { readonly name: string; readonly kind: StepKind; readonly from: string | null }[];
}

/** Sources, sinks and keys are open: events flow from here on. Told again by a run that went back to its last checkpoint. */
export interface Opened extends EventBase {
  readonly type: "opened";
}

export interface Progress extends EventBase {
  readonly type: "progress";
  readonly ledger: Ledger;
  /** For what the work has waited since the run began; what grows fastest holds back the rest. */
  readonly waits: readonly Wait[];
  readonly kernels: KernelWork;
  /** What was asked of the key stores since the run began. */
  readonly key_calls: readonly KeyCalls[];
  /** Sources that know how much they have still to read. */
  readonly behind: readonly Behind[];
  /** Steps whose records have offsets: how far this run has read or written each partition. */
  readonly offsets: readonly StepOffsets[];
  /** What the data subjects of this run's events had consented to; events that the source refused, and those that are replayed, are left out. */
  readonly consents: readonly Consented[];
}

/**
 * `on` is a source's step (no events came), `kernels` (sealing, opening, and the keys for that), `keys` (the key store alone, also counted in
 * `kernels`), a sink's step or `quarantine` (it had not taken what it was given). Waits go on side by side, so that they add up to
 * more than the time that has passed.
 */
export interface Wait {
  readonly on: string;
  readonly waited_ms: number;
}

/** What kernels (validating, sealing, opening, writing) have done since the run began, over all of them; waiting for keys is no work. */
export interface KernelWork {
  readonly batches: number;
  readonly worked_ms: number;
}

/** `find_or_make`: links for key values, made where there are none; `find`: links by name, to open what is sealed. */
export interface KeyCalls {
  readonly call: "find_or_make" | "find" | "note_subjects" | "purge";
  readonly calls: number;
  /** Calls that failed; those that may succeed later are made again, and counted again. */
  readonly failed: number;
  readonly took_ms: number;
}

/** Events of one source with one combination of purposes. */
export interface Consented {
  readonly source: string;
  /** Levels, ascending, with those that they imply; null: all combinations for which there was no room. */
  readonly levels: readonly number[] | null;
  readonly events: number;
}

/** What stood in a source and had not been read, as far as the source knew when it last read something. */
export interface Behind {
  readonly source: string;
  readonly count: number;
  readonly unit: "events" | "bytes";
}

/** Of a source or sink; at most 64 partitions are listed, in an order that stays. */
export interface StepOffsets {
  readonly step: string;
  readonly partitions: readonly PartitionOffset[];
  /** How many more partitions there are. */
  readonly others: number;
}

export interface PartitionOffset {
  /** As in the origin of rejected events: `clicks/3`. */
  readonly partition: string;
  /** Of the last record that was read or written. */
  readonly offset: number;
  /** Of the last record that a checkpoint holds as read, or that readers of what was written see; null: there is none yet. */
  readonly committed: number | null;
}

/** Key links that an encrypt step made since the last event of this type. */
export interface KeysMade extends EventBase {
  readonly type: "keys";
  readonly step: string;
  readonly created: number;
  /** Of these, those of key values of which the key store held an earlier window: their keys have changed. */
  readonly rotated: number;
}

/** A sink made an object complete. */
export interface Written extends EventBase {
  readonly type: "written";
  readonly sink: string;
  readonly target: string;
  /** Of all objects that this event stands for. */
  readonly events: number;
  readonly size_bytes: number;
  /** Present where one event sums up several, the last of which is `target`: in the history that a late reader is given. */
  readonly objects?: number;
}

/** A checkpoint holds: a run that is broken off from here on goes on from it. */
export interface Checkpoint extends EventBase {
  readonly type: "checkpoint";
  readonly checkpoint: number;
  /** Events that had come in when it was cut, read or replayed, over all runs of the job: it holds what became of them. */
  readonly events: number;
  /** From where it was begun until everything that it holds was visible. */
  readonly took_ms: number;
}

/** Something failed for a reason that may pass, and is tried again. */
export interface Retry extends EventBase {
  readonly type: "retry";
  /** A step's name, `keys`, `quarantine` or `checkpoint`. */
  readonly where: string;
  readonly code: FailureCode;
  readonly message: string;
  /** From 1: the attempt that failed. */
  readonly attempt: number;
  readonly wait_ms: number;
  /** How long it is tried from now on without success; then the run fails. */
  readonly gives_up_in_ms: number;
}

/** What was tried again has succeeded. */
export interface Recovered extends EventBase {
  readonly type: "recovered";
  readonly where: string;
  readonly attempts: number;
}

/** Events that one step refused for one reason within one batch; the position is the first one's. */
export interface Rejected extends EventBase {
  readonly type: "rejected";
  readonly step: string;
  readonly code: EventCode;
  readonly reason: string;
  readonly events: number;
  readonly origin: string;
  /** Of a line: its number and where it starts. */
  readonly line?: number;
  readonly offset_bytes?: number;
  /** Of a record: where it stands in its origin, such as a topic's partition. */
  readonly offset?: number;
}

/** Somebody who watches the run looks at personal values in clear from here on. The values themselves are in no run event. */
export interface Uncovered extends EventBase {
  readonly type: "uncovered";
  readonly stream: string;
  /** The contract's paths of what is shown; `*`: also fields that the contract does not know. */
  readonly fields: readonly string[];
  /** The user of the operating system as whom the run was started. */
  readonly by: string;
  /** Present where one event stands for several, the first of which this is: in the history that a late reader is given. */
  readonly times?: number;
}

export interface Warning extends EventBase {
  readonly type: "warning";
  readonly message: string;
  readonly help: string;
}

/** A signal came: reading has stopped, what was read is being written. */
export interface Stopping extends EventBase {
  readonly type: "stopping";
  readonly signal: string;
}

export interface Failed extends EventBase {
  readonly type: "failed";
  readonly code: FailureCode | "bug";
  readonly message: string;
  readonly help: string;
}

export interface Finished extends EventBase {
  readonly type: "finished";
  readonly outcome: "completed" | "stopped" | "failed";
  readonly ledger: Ledger;
  readonly summary: RunSummary;
  /** Where rejected events without a sink of their own were put; null where there were none. */
  readonly quarantine: { readonly path: string; readonly events: number } | null;
}

/** What one run did; the ledger counts all runs of its job. */
export interface RunSummary {
  /** Events that sources read. */
  readonly read: number;
  readonly read_bytes: number;
  /** Events that came out of the quarantine. */
  readonly replayed: number;
  /** An event counts once for each stream that withheld or refused it. */
  readonly withheld: number;
  readonly rejected: number;
  /** Of what was read or replayed, over the whole run. */
  readonly events_per_second: number;
  readonly bytes_per_second: number;
  /** Every sink: the events that it made visible, and the files or objects that it completed, with their bytes as they are stored. */
  readonly sinks: readonly {
    readonly sink: string;
    readonly events: number;
    readonly objects: number;
    readonly size_bytes: number;
  }[];
  /** Every encrypt step: the key links that it made. */
  readonly keys: readonly Pick<KeysMade, "step" | "created" | "rotated">[];
}

export type StepKind = "source" | "encrypt" | "decrypt" | "sink";

/**
 * `in = out + withheld + rejected + in_flight` in every step, and what a step gives out arrives on each of its edges. Only steps that
 * somebody needs are listed. An edge from a side stream is named so: from `clicks.rejected` to a sink, or to `quarantine`. All counts are
 * those of the job: they go on where the run before stopped.
 */
export interface Ledger {
  readonly elapsed_ms: number;
  readonly balanced: boolean;
  readonly read_bytes: number;
  readonly steps: readonly StepLedger[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly events: number }[];
  readonly resident_bytes: number;
}

export interface StepLedger {
  readonly name: string;
  readonly kind: StepKind;
  readonly in: number;
  readonly out: number;
  readonly withheld: number;
  readonly rejected: number;
  /** In a sink: what it has been given and not made visible yet (a file's events until it is complete). 0 elsewhere. */
  readonly in_flight: number;
  /** Bytes written so far, for sinks; 0 elsewhere. */
  readonly written_bytes: number;
}
