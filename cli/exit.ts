// How the command ends: exit codes, and failures that people can do something about.
import type { FailureCode, Finished, RunEvent } from "../runner/index.ts";
import type { CommandFailureCode } from "./failure-codes.ts";
import { styleOf } from "./terminal.ts";

export const exitCodes = {
  ok: 0,
  /** A bug of ours. */
  bug: 1,
  /** It could not run: a missing file, a wrong flag, a server that is away. */
  failed: 2,
  /** A second signal cut it short. */
  cancelled: 3,
  /** The pipeline has errors. */
  findings: 4,
  /** The run is over, but rejected events wait in the quarantine. */
  undelivered: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A run event that says that the run was ended by a bug of ours. */
export function tellsOfBug(event: RunEvent): boolean {
  return event.type === "failed" && event.code === "bug";
}

/** How a command ends whose run ended so; `bug`: by one of ours. */
export function exitCodeOf({ outcome, quarantine }: Finished, bug: boolean): ExitCode {
  if (bug) return exitCodes.bug;
  if (outcome === "failed") return exitCodes.failed;
  return quarantine === null ? exitCodes.ok : exitCodes.undelivered;
}

/** A failure of the command itself; `help` is the next step. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly help: string;
  /** For `strm explain`; absent where the message says it all. */
  readonly code: FailureCode | CommandFailureCode | undefined;

  constructor(message: string, help: string, code?: FailureCode | CommandFailureCode) {
    super(message);
    this.help = help;
    this.code = code;
  }
}

interface ShownFailure {
  readonly message: string;
  readonly help: string;
  readonly code?: string | undefined;
}

export function showFailure({ message, help, code }: ShownFailure): void {
  const style = styleOf(process.stderr);
  const label = code === undefined ? "error:" : `error[${code}]:`;
  process.stderr.write(`${style.bad(label)} ${message}\n  ${style.strong("help:")} ${help}\n`);
}
