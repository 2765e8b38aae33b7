// Tries a request again for some seconds where it may succeed by and by, later with each failure and never at the same moment as others.
import { setTimeout as sleep } from "node:timers/promises";
import { TransientFailure } from "../../failure.ts";

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 3000;
/** Counted from the first failure; the run itself is more patient, and tells people. */
const PATIENCE_MS = 8000;

export class Tries {
  readonly #signal: AbortSignal;
  #failures = 0;
  #sinceMs = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Resolves when it is time to try again. Throws the failure where that is of no use or has been done for long enough, and the signal's reason where it is aborted. */
  async failed(failure: unknown): Promise<void> {
    this.#signal.throwIfAborted();
    if (!(failure instanceof TransientFailure)) throw failure;
    const nowMs = performance.now();
    if (this.#failures === 0) this.#sinceMs = nowMs;
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    if (nowMs + waitMs - this.#sinceMs > PATIENCE_MS) throw failure;
    this.#failures++;
    await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted());
  }

  /** To be called on every success: patience begins anew. */
  passed(): void {
    this.#failures = 0;
  }
}

/** The result of `work`, tried until it throws no `TransientFailure`; throws as `Tries.failed` does. */
export async function tryAgain<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const tries = new Tries(signal);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      await tries.failed(error);
    }
  }
}
