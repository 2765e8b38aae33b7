// Runs pieces of work one after another, in the order in which they were asked for.

export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  /** A piece that fails does not keep the next one from running. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
