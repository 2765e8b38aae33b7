// When something that fails may be tried again: later with each failure, so that many who failed together don't come back together.

const FIRST_WAIT_MS = 40;
const MAX_WAIT_MS = 1000;

/** All moments are on the clock of `performance`. */
export class Backoff {
  /** Not before this moment. */
  dueMs = 0;
  #failures = 0;
  #sinceMs = 0;

  /** How long it has failed now. */
  failed(nowMs: number): number {
    if (this.#failures === 0) this.#sinceMs = nowMs;
    this.dueMs =
      nowMs + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures++;
    return nowMs - this.#sinceMs;
  }

  /** Counts from anew: it had success, or somebody was told. */
  passed(): void {
    this.#failures = 0;
  }
}
