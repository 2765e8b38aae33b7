// Lets batches be delivered side by side, and a checkpoint be cut only while none is half delivered.

/** Many may pass together, or one alone; whoever wants to be alone goes before those who come later. */
export class Gate {
  #inside = 0;
  #alone = false;
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** Runs `work` beside others of its kind. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** For work that has its end elsewhere: from here until `leave`, nobody is alone. */
  async enter(): Promise<void> {
    if (this.#alone || this.#waiting.length > 0) await this.#wait(false);
    else this.#inside++;
  }

  leave(): void {
    this.#inside--;
    this.#next();
  }

  /** Runs `work` while nobody else is inside. It must not wait for anything. */
  async alone<T>(work: () => T): Promise<T> {
    if (this.#alone || this.#inside > 0) await this.#wait(true);
    else this.#alone = true;
    try {
      return work();
    } finally {
      this.#alone = false;
      this.#next();
    }
  }

  #wait(alone: boolean): Promise<void> {
    return new Promise((enter) => this.#waiting.push({ alone, enter }));
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#alone || (first.alone && this.#inside > 0)) return;
      this.#waiting.shift();
      if (first.alone) this.#alone = true;
      else this.#inside++;
      first.enter();
    }
  }
}
