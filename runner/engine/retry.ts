// Tries again what failed for a reason that may pass: exponential backoff with full jitter, a bound on the whole, and everybody told.
import { setTimeout as sleep } from "node:timers/promises";
import { StrmFailure, TransientFailure } from "../failure.ts";
import type { Reporter } from "./reporter.ts";

export interface RetryPolicy {
  /** The longest wait before the second try; it doubles with each further one. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** How long it is tried without any success; then the failure stands. */
  readonly boundMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { firstWaitMs: 100, maxWaitMs: 10_000, boundMs: 120_000 };

/** Makes the patience of a run: all of it ends when the run gives up. */
export class Retries {
  readonly #reporter: Reporter;
  readonly #giveUp: AbortSignal;
  readonly #policy: RetryPolicy;

  constructor(reporter: Reporter, giveUp: AbortSignal, policy: RetryPolicy) {
    this.#reporter = reporter;
    this.#giveUp = giveUp;
    this.#policy = policy;
  }

  /** `where` names what is tried to people: a step, `keys`, `checkpoint`. */
  patience(where: string): Patience {
    return new Patience(where, this.#reporter, this.#giveUp, this.#policy);
  }

  /** As `Patience.until`, with a patience of its own. */
  patiently<T>(where: string, work: () => Promise<T>): Promise<T> {
    return this.patience(where).until(work);
  }
}

export class Patience {
  readonly #where: string;
  readonly #reporter: Reporter;
  readonly #giveUp: AbortSignal;
  readonly #policy: RetryPolicy;
  #attempts = 0;
  #sinceMs = 0;

  constructor(where: string, reporter: Reporter, giveUp: AbortSignal, policy: RetryPolicy) {
    this.#where = where;
    this.#reporter = reporter;
    this.#giveUp = giveUp;
    this.#policy = policy;
  }

  /**
   * Resolves when it is time to try again. Throws the failure where it does not pass (by itself, or by what the caller does about it), where
   * the bound is reached or where the run gives up. Full jitter: the wait is drawn evenly from zero to the longest, so that many who failed together don't come back together.
   */
  async failed(failure: unknown, passes = failure instanceof TransientFailure): Promise<void> {
    const nowMs = performance.now();
    if (this.#attempts === 0) this.#sinceMs = nowMs;
    if (!(failure instanceof StrmFailure) || !passes || this.#giveUp.aborted) throw failure;
    const { firstWaitMs, maxWaitMs, boundMs } = this.#policy;
    const waitMs = Math.round(Math.random() * Math.min(maxWaitMs, firstWaitMs * 2 ** this.#attempts));
    if (nowMs + waitMs - this.#sinceMs > boundMs) throw failure;
    this.#attempts++;
    const { code, message } = failure;
    this.#reporter.send({
      type: "retry",
      where: this.#where,
      code,
      message,
      attempt: this.#attempts,
      wait_ms: waitMs,
      gives_up_in_ms: Math.round(this.#sinceMs + boundMs - nowMs),
    });
    // An abort ends the sleep by an error that says nothing; what failed says more.
    await sleep(waitMs, undefined, { signal: this.#giveUp }).catch(() => {
      throw failure;
    });
  }

  /** The result of `work`, tried until it throws no `TransientFailure`; throws as `failed` does. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work();
        this.passed();
        return result;
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  /** To be called on every success. */
  passed(): void {
    if (this.#attempts === 0) return;
    this.#reporter.send({ type: "recovered", where: this.#where, attempts: this.#attempts + 1 });
    this.#attempts = 0;
  }
}
