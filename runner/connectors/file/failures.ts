// Turns what the operating system reports of a file into a failure that says what to do.

import { StrmFailure, TransientFailure } from "../../failure.ts";

/** `doing` completes "could not …": `read`, `write`. A failure that is one already passes as it is. */
export function fileFailure(error: unknown, path: string, doing: string): StrmFailure {
  if (error instanceof StrmFailure) return error;
  const cause = { cause: error };
  switch (codeOf(error)) {
    case "ENOENT":
      return new StrmFailure(
        "file.not-found",
        `Could not ${doing} ${path}: there is no such file.`,
        "Correct `path`. Relative paths start at the folder of the pipeline's file.",
        cause,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StrmFailure(
        "file.denied",
        `Could not ${doing} ${path}: the operating system refuses it.`,
        "Give the user that runs strm the right to it, or choose another path.",
        cause,
      );
    case "ENOSPC":
    case "EDQUOT":
      return new StrmFailure(
        "file.disk-full",
        `Could not ${doing} ${path}: the disk is full.`,
        "Make space and run again: it goes on from its last checkpoint.",
        cause,
      );
    case "EISDIR":
    case "ENOTDIR":
    case "EEXIST":
      return notAFile(path, codeOf(error) === "EISDIR" ? "it is a folder" : "a part of it is not a folder");
    default: {
      const Kind = PASSING.has(codeOf(error) ?? "") ? TransientFailure : StrmFailure;
      return new Kind(
        "file.io",
        `Could not ${doing} ${path}: ${codeOf(error) ?? "the reason is unknown"}.`,
        "Look at the disk or the mount that the path is on, and run again.",
        cause,
      );
    }
  }
}

/** What a busy system or a mounted file server answers for a while. */
const PASSING = new Set(["EAGAIN", "EBUSY", "EINTR", "EMFILE", "ENFILE", "ESTALE", "ETIMEDOUT"]);

/** `message`: a sentence. */
export function corruptFailure(message: string, cause: unknown): StrmFailure {
  const help = "Wait until the file is complete, or get it anew, and run again.";
  return new StrmFailure("file.corrupt", message, help, { cause });
}

/** `what` completes the sentence: `was replaced`. */
export function changedFailure(path: string, what: string): StrmFailure {
  return new StrmFailure(
    "file.changed",
    `${path} ${what}, so that the run can't go on where the last one stopped.`,
    "Put the file back as it was, or start over with `--from-start`.",
  );
}

/** `why` completes the sentence: `it is a folder`. */
export function notAFile(path: string, why: string): StrmFailure {
  return new StrmFailure(
    "file.not-a-file",
    `${path} can't be used as a file: ${why}.`,
    "Name a regular file.",
  );
}

/** The system's name of an error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
