// Lets batches that are scanned side by side ask for keys in their own order.
import type { Answer } from "./workers/kernel-pool.ts";

/** A window starts with its first event, so that the first batch that asks must be the one that holds it. */
export class Turns {
  /** Settles when every batch so far has asked, or needs nothing. */
  #last: Promise<void> = Promise.resolve();

  /** `answer` waits for the batches before; `done`: the batch won't ask any more. */
  next(answer: Answer): { readonly answer: Answer; readonly done: () => void } {
    const before = this.#last;
    let done = (): void => {};
    const own = new Promise<void>((resolve) => {
      done = resolve;
    });
    // A batch that needs nothing may be done while those before it still ask.
    this.#last = before.then(() => own);
    return {
      answer: async (wants) => {
        await before;
        try {
          return await answer(wants);
        } finally {
          done();
        }
      },
      done,
    };
  }
}
