// Objects on their way: each is a file in the state folder until the bucket has it, with what its name will be made of.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { Fields } from "../../formats/fields.ts";
import { type FinishedPart, finishedIn, type PartState, partIn } from "../writing/part.ts";
import { Places } from "./places.ts";

/** What is known of an object beside its bytes. */
export interface ObjectHead {
  /** Ends in `/`, or is empty. */
  readonly folder: string;
  readonly timeMs: number;
  readonly places: Places;
  readonly mark: string;
}

/** An object that is still written on, as a checkpoint has it. */
export interface OpenState {
  readonly head: ObjectHead;
  readonly part: PartState;
}

/** An object that is complete, and not known to be in the bucket yet. */
export interface Complete {
  readonly key: string;
  readonly part: FinishedPart;
}

/** An object that the bucket has, and that no checkpoint has told of before. */
export interface Shown {
  readonly key: string;
  readonly events: number;
  readonly sizeBytes: number;
}

/** What a checkpoint keeps of a sink of objects. */
export interface SpoolState {
  /** Number of the last file in the spool. */
  readonly last: number;
  readonly open: readonly OpenState[];
  readonly complete: readonly Complete[];
  /** What the commit of this checkpoint tells. */
  readonly shown: readonly Shown[];
  /** The checkpoint is its run's last: its commit waits until the bucket has everything. */
  readonly ends: boolean;
}

export function spoolJson({ last, open, complete, shown, ends }: SpoolState): Json {
  return {
    last,
    open: open.map(({ head, part }) => ({
      folder: head.folder,
      time_ms: head.timeMs,
      places: head.places.json,
      mark: head.mark,
      part: { ...part },
    })),
    complete: complete.map(({ key, part }) => ({ key, part: { ...part } })),
    shown: shown.map(({ key, events, sizeBytes }) => ({ key, events, size_bytes: sizeBytes })),
    ends,
  };
}

/** What `spoolJson` wrote; absent: nothing. */
export function spoolIn(json: Json | undefined): SpoolState {
  const state = new Fields(json);
  return {
    last: state.number("last"),
    open: state.list("open").map((one) => ({
      head: {
        folder: one.text("folder"),
        timeMs: one.number("time_ms"),
        places: Places.of(one.list("places")),
        mark: one.text("mark"),
      },
      part: partIn(one.inner("part")),
    })),
    complete: state
      .list("complete")
      .map((one) => ({ key: one.text("key"), part: finishedIn(one.inner("part")) })),
    shown: state.list("shown").map((one) => ({
      key: one.text("key"),
      events: one.number("events"),
      sizeBytes: one.number("size_bytes"),
    })),
    ends: state.flag("ends"),
  };
}
