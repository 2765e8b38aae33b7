// Lets those wait who can only go on once something has changed.

export class Changes {
  #next = Promise.withResolvers<void>();

  /** Resolves with the next change; to be taken before looking at what may change. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  tell(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }
}
