// Where events come from, as readers need it: a name, a way to open it, and the words for what goes wrong with its kind.
import type { StrmFailure } from "../../failure.ts";
import { ContainerFault } from "../../formats/avro/container/fault.ts";
import type { Contents } from "./contents.ts";

/** A file, an object. */
export interface Origin {
  /** What events, positions and rejections name it by: the same in every run. */
  readonly name: string;
  /** From its first byte; may be called again. */
  open(): Promise<Contents>;
  /** It is not what the position is of. `what` completes the sentence: `was replaced`. */
  changed(what: string): StrmFailure;
  /** It ends too early or was altered. `why` is a clause. */
  damaged(why: string, cause?: unknown): StrmFailure;
  /** It is fine, and not for us. `as`: what it was read as; `why` is a clause. */
  unsupported(as: FileFormat, why: string, cause?: unknown): StrmFailure;
}

/** The formats of files that are more than lines. */
export type FileFormat = "avro" | "csv";

export const fileFormatNames = { avro: "an Avro file", csv: "CSV" } as const satisfies Record<
  FileFormat,
  string
>;

/** Of what is read as an Avro object container file; other errors pass as they are. */
export function containerFailure(error: unknown, origin: Origin): unknown {
  if (!(error instanceof ContainerFault)) return error;
  return error.kind === "damaged"
    ? origin.damaged(error.message, error)
    : origin.unsupported("avro", error.message, error);
}
