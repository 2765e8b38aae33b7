// Buffers that batches are read into, used again once a batch is done with, so that reading makes no garbage.

/** Enough that system calls and messages cost nothing beside the kernel, few enough for the processor's cache. */
export const BATCH_BYTES = 256 * 1024;
/** What a batch asks for and answers grows with its events, however short they are. */
export const BATCH_LINES = 2048;

export class Buffers {
  readonly #spare: ArrayBuffer[] = [];
  readonly #maxSpare: number;

  /** `maxSpare`: buffers kept at most; those beyond are left to the collector. */
  constructor(maxSpare: number) {
    this.#maxSpare = maxSpare;
  }

  /** A buffer of at least `sizeBytes`, with anything in it. */
  take(sizeBytes = BATCH_BYTES): ArrayBuffer {
    const spare = sizeBytes <= BATCH_BYTES ? this.#spare.pop() : undefined;
    return spare ?? new ArrayBuffer(Math.max(sizeBytes, BATCH_BYTES));
  }

  /** For a buffer that nobody uses any more. One that grew for a long line is let go. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === BATCH_BYTES && this.#spare.length < this.#maxSpare) this.#spare.push(buffer);
  }
}
