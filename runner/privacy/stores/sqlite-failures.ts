// Turns what SQLite and the file system report of a key store into failures that say what to do.
import { StrmFailure, TransientFailure } from "../../failure.ts";
import type { FailureCode } from "../../failure-codes.ts";

const locked = [
  "keys.locked",
  "is locked by another process",
  "Look which process uses the file. When it has ended, run again: nothing was lost.",
] as const;
const denied = [
  "keys.denied",
  "can't be written",
  "Give the user that runs strm the right to read and write the file and its folder, or name another path.",
] as const;

/** By SQLite's primary result codes. */
const byResult: Readonly<Record<number, readonly [FailureCode, string, string]>> = {
  3: denied,
  5: locked,
  6: locked,
  8: denied,
  11: ["keys.corrupt", "is damaged", "Restore it from a backup."],
  13: ["keys.full", "can't grow: the disk is full", "Make space and run again."],
  14: [
    "keys.denied",
    "can't be opened",
    "Check that the path names a file, and that the user that runs strm may write to it and to its folder.",
  ],
  23: denied,
  26: ["keys.corrupt", "is not a SQLite database", "Restore it from a backup, or name another path."],
};

/** Does `work`; what SQLite or the file system throws becomes a `StrmFailure`, and a bug stays what it is. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw failureOf(path, cause);
  }
}

function failureOf(path: string, cause: unknown): unknown {
  if (cause instanceof StrmFailure || !(cause instanceof Error)) return cause;
  const failure = (known: readonly [FailureCode, string, string]): StrmFailure => {
    const [code, what, help] = known;
    // Whoever holds the lock will let go of it, most likely.
    const Kind = known === locked ? TransientFailure : StrmFailure;
    return new Kind(code, `The key store ${path} ${what}.`, help, { cause });
  };
  if ("errcode" in cause && typeof cause.errcode === "number") {
    const known = byResult[cause.errcode & 0xff];
    return failure(
      known ?? ["keys.failed", `failed: ${cause.message}`, "Put right what it names, and run again."],
    );
  }
  const system = "code" in cause && "syscall" in cause ? cause.code : undefined;
  if (system === undefined) return cause;
  if (system === "EACCES" || system === "EPERM" || system === "EROFS") return failure(denied);
  if (system === "ENOSPC" || system === "EDQUOT") return failure(byResult[13]!);
  return failure([
    "keys.failed",
    `can't be made: ${String(system)}`,
    "Check the path, and the folders that lead to it.",
  ]);
}
