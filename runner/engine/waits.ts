// Adds up for what the work of a run waits: sources, kernels, keys and sinks. Waits that go on are counted up to the present moment.
import type { Wait } from "./events.ts";

interface Account {
  totalMs: number;
  /** Waits that go on, and the moment up to which they are counted. */
  open: number;
  countedMs: number;
}

export class Waits {
  readonly #accounts = new Map<string, Account>();
  readonly #nowMs: () => number;

  /** `nowMs`: a clock that only goes forward. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Counts the time until `work` has settled, whichever way. */
  async during<T>(on: string, work: () => Promise<T>): Promise<T> {
    const account = this.#counted(on);
    account.open++;
    try {
      return await work();
    } finally {
      this.#counted(on).open--;
    }
  }

  /** Hands on what comes, and counts the time until it comes. */
  async *each<T>(on: string, values: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const iterator = values[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.during(on, () => iterator.next());
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** What is waited for right now. */
  present(): readonly string[] {
    return [...this.#accounts].filter(([, { open }]) => open > 0).map(([on]) => on);
  }

  /** In whole milliseconds since the run began, in the order in which they came up. */
  sums(): readonly Wait[] {
    return [...this.#accounts.keys()].map((on) => ({
      on,
      waited_ms: Math.round(this.#counted(on).totalMs),
    }));
  }

  /** The account, brought up to now. */
  #counted(on: string): Account {
    const nowMs = this.#nowMs();
    const account = this.#accounts.get(on) ?? { totalMs: 0, open: 0, countedMs: nowMs };
    this.#accounts.set(on, account);
    account.totalMs += account.open * (nowMs - account.countedMs);
    account.countedMs = nowMs;
    return account;
  }
}
