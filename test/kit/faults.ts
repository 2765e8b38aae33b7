// The seams at which a run can be made to fail, and what may happen there.

export type Seam =
  | "key store"
  | "sink write"
  | "sink sync"
  | "note"
  | "rename"
  | "checkpoint"
  | "quarantine write"
  | "worker";

export interface Fault {
  readonly seam: Seam;
  /** From 1: the call that it happens at. */
  readonly nth: number;
  /** Calls that fail, one after another; one where absent. */
  readonly times?: number;
  readonly how: "kill before" | "kill after" | "fail";
  /** Of an error of the operating system. */
  readonly code?: string;
  /** Of an error of SQLite. */
  readonly errcode?: number;
}
