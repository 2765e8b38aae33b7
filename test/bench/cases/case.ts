// What one case is: a pipeline, what it reads, and how it is run.
import type { DataSet } from "../data/data-set.ts";
import type { Program } from "./programs.ts";

export interface Case {
  readonly name: string;
  /** A few words for the table. */
  readonly what: string;
  /**
   * `run`: the whole command. `kernel`: the kernel alone. `pipe`: the command, given one event and then nothing until that is out. `watched`: the
   * whole command on a terminal. `served`: the whole command, with onlookers over the network.
   */
  readonly kind: "run" | "kernel" | "pipe" | "watched" | "served";
  readonly program: Program;
  readonly data: DataSet;
  readonly workers: number;
  /** The cost of interest is what this case takes beyond another one of the same round, divided by this many events. */
  readonly beyond?: { readonly case: string; readonly events: number };
}

/** Costs of two cases, set against each other round by round. */
export interface Comparison {
  readonly what: string;
  readonly of: string;
  readonly to: string;
}
