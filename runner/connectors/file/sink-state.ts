// What a checkpoint keeps of a file sink: the file that is written on, those that it completes, and the last complete one.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { Fields } from "../../formats/fields.ts";
import { type FinishedPart, finishedIn, type PartState, partIn } from "../writing/part.ts";

export interface FileState {
  readonly open: PartState | undefined;
  /** To be made visible by the commit of this checkpoint. */
  readonly done: readonly FinishedPart[];
  readonly last: FinishedPart | undefined;
}

export function stateJson({ open, done, last }: FileState): Json {
  return {
    open: open === undefined ? null : { ...open },
    done: done.map((part) => ({ ...part })),
    last: last === undefined ? null : { ...last },
  };
}

/** What `stateJson` wrote; absent: nothing. */
export function stateIn(json: Json | undefined): FileState {
  const state = new Fields(json);
  return {
    open: state.has("open") ? partIn(state.inner("open")) : undefined,
    done: state.list("done").map(finishedIn),
    last: state.has("last") ? finishedIn(state.inner("last")) : undefined,
  };
}
