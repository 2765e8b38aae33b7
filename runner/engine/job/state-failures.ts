// Turns what SQLite and the file system report of a job's state into failures that say what to do.
import { StrmFailure, TransientFailure } from "../../failure.ts";

/** SQLite's primary result codes, as far as they have words of their own. */
const reasons: Readonly<Record<number, readonly [reason: string, help: string]>> = {
  5: ["another process holds it", "Run again when that process has ended."],
  8: [
    "it is read-only",
    "Give the user that runs strm the right to write to it, or name another one with `--state DIR`.",
  ],
  11: ["a file in it is damaged", "Restore the folder from a backup, or start over with `--from-start`."],
  13: ["the disk is full", "Make space and run again: it goes on where it stopped."],
  14: [
    "its files can't be opened",
    "Give the user that runs strm the right to it, or name another one with `--state DIR`.",
  ],
  26: [
    "a file in it is no database",
    "Restore the folder from a backup, or name another one with `--state DIR`.",
  ],
};

/** A failure that is one already, and a bug, pass as they are. */
export function stateFailure(folder: string, cause: unknown): unknown {
  if (cause instanceof StrmFailure || !(cause instanceof Error)) return cause;
  const [reason, help] = reasonOf(cause) ?? [];
  if (reason === undefined || help === undefined) return cause;
  const Kind = isBusy(cause) ? TransientFailure : StrmFailure;
  return new Kind("run.state-folder", `The state folder ${folder} can't be used: ${reason}.`, help, {
    cause,
  });
}

/** True for a lock that somebody else has. */
export function isBusy(cause: unknown): boolean {
  return resultOf(cause) === 5;
}

function reasonOf(cause: Error): readonly [string, string] | undefined {
  const result = resultOf(cause);
  if (result !== undefined)
    return reasons[result] ?? [cause.message, "Put right what it names, and run again."];
  const system = "code" in cause && "syscall" in cause ? String(cause.code) : undefined;
  if (system === undefined) return undefined;
  if (system === "ENOSPC" || system === "EDQUOT") return reasons[13];
  return [system, "Make it writable for the user that runs strm, or name another one with `--state DIR`."];
}

function resultOf(cause: unknown): number | undefined {
  const code = cause instanceof Error && "errcode" in cause ? cause.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}
