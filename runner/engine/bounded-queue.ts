// Hands values from one loop to another, in order, and holds the first back when the second falls behind.

export class BoundedQueue<T> {
  readonly #bound: number;
  readonly #values: T[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** `bound`: values that may wait; at least one. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** Waits for room first. False: nobody reads any more. */
  async push(value: T): Promise<boolean> {
    while (this.#values.length >= this.#bound && !this.#ended) {
      await new Promise<void>((wake) => {
        this.#wakeWriter = wake;
      });
    }
    if (this.#ended) return false;
    this.#values.push(value);
    this.#wakeReader?.();
    return true;
  }

  /** No more values come; with an error, the reader gets it behind the last value. */
  end(failure?: { readonly error: unknown }): void {
    this.#failure ??= failure;
    this.#ended = true;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        const value = this.#values.shift();
        if (value !== undefined) {
          this.#wakeWriter?.();
          yield value;
        } else if (this.#ended) {
          if (this.#failure !== undefined) throw this.#failure.error;
          return;
        } else {
          await new Promise<void>((wake) => {
            this.#wakeReader = wake;
          });
        }
      }
    } finally {
      this.end();
    }
  }
}
