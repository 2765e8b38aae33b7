// The kernel's interface: pure work on one batch, from input bytes to output bytes for each stream and a tally.
import type { LinkKeys } from "../privacy/link-keys.ts";
import type { EventCode } from "./event-codes.ts";

/** Whole lines of one origin; every line ends in LF, but perhaps the last of the origin. */
export interface Batch {
  readonly bytes: Uint8Array;
  /** What the lines came from, as errors and the nonce name it: a file's path, `stdin`, `simulator`. */
  readonly origin: string;
  /** Line number of the first line, from 1. */
  readonly firstLine: number;
  /** Offset in bytes of the first line within its origin. */
  readonly offsetBytes: number;
  /** Wall clock at reading: the event time of events that carry none. */
  readonly readTimeMs: number;
}

/** Keys a batch needs and its kernel does not hold. */
export type KeyWant =
  | { readonly kind: "value"; readonly step: string; readonly value: string | null; readonly timeMs: number }
  | { readonly kind: "link"; readonly step: string; readonly keyLink: string };

export interface Kernel {
  /** Decodes and validates a batch and notes the spans that matter. The batch's bytes must not change until `emit`. */
  scan(batch: Batch): Scan;
}

export interface Scan {
  readonly wants: readonly KeyWant[];
  /**
   * Seals, withholds, opens, masks and writes. `keys[i]` answers `wants[i]`; undefined: the store has no such link.
   * Called once. The result's bytes are valid until the kernel's next `scan`.
   */
  emit(keys: readonly (LinkKeys | undefined)[]): BatchResult;
}

export interface BatchResult {
  /** One for each stream that somebody sinks, also where it got no event of this batch. */
  readonly outputs: readonly StreamOutput[];
  readonly rejected: readonly Rejection[];
  readonly tally: readonly StepTally[];
  /** The keys each encrypt step used in this batch, each once. */
  readonly used: readonly { readonly step: string; readonly keys: LinkKeys }[];
  /** (subject, key link) pairs of this batch, each once; the value is the @subject in clear and must not be kept. */
  readonly subjects: readonly { readonly step: string; readonly value: string; readonly keys: LinkKeys }[];
}

export interface StreamOutput {
  readonly stream: string;
  /** JSON lines. */
  readonly bytes: Uint8Array;
  readonly events: number;
}

/** An event that a step refused. `start` and `end` are its line in the batch's bytes, without the line's end. */
export interface Rejection {
  readonly step: string;
  readonly code: EventCode;
  /** A sentence without any value of the event. */
  readonly reason: string;
  /** The contract's field it is about; never a name that only the event has. */
  readonly path?: string;
  readonly line: number;
  readonly offsetBytes: number;
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
