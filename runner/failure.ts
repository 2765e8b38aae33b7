// A failure of the surroundings that stops a run: what happened, where, why and what to do next.
import type { FailureCode } from "./failure-codes.ts";

/** Thrown for everything a run can't go on from. No text of it ever carries a value of an event or a secret. */
export class StrmFailure extends Error {
  override readonly name = "StrmFailure";
  readonly code: FailureCode;
  readonly help: string;

  constructor(code: FailureCode, message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}

/** A failure that may pass by itself: what was tried is tried again for a while. Its code and words are those shown where it does not pass. */
export class TransientFailure extends StrmFailure {}

/** A failure that undoes all that came after the last checkpoint: the run goes back to it and reads on from there. */
export class Rewind extends StrmFailure {}
