// Remembers fingerprints, bounded: when it is full, all are forgotten.
import { FINGERPRINT_WORDS } from "./fingerprint.ts";

const WIDTH = FINGERPRINT_WORDS + 1;

export class FingerprintSet {
  readonly #words: Int32Array;
  readonly #taken: Uint8Array;
  #count = 0;

  /** `slots` is a power of two, of 21 bytes each; three quarters of them are used. */
  constructor(slots: number) {
    this.#words = new Int32Array(slots * WIDTH);
    this.#taken = new Uint8Array(slots);
  }

  /** `beside` is a number that belongs to the fingerprint. */
  has(print: Int32Array, beside: number): boolean {
    return this.#taken[this.#find(print, beside)] === 1;
  }

  /** True where it was not there yet. */
  add(print: Int32Array, beside: number): boolean {
    if (this.has(print, beside)) return false;
    if (++this.#count > (this.#taken.length * 3) / 4) {
      this.clear();
      this.#count = 1;
    }
    const slot = this.#find(print, beside);
    this.#taken[slot] = 1;
    this.#words.set(print, slot * WIDTH);
    this.#words[slot * WIDTH + FINGERPRINT_WORDS] = beside;
    return true;
  }

  clear(): void {
    this.#taken.fill(0);
    this.#words.fill(0);
    this.#count = 0;
  }

  /** The slot where it is, or would go. */
  #find(print: Int32Array, beside: number): number {
    const mask = this.#taken.length - 1;
    const words = this.#words;
    for (let slot = (print[0]! ^ Math.imul(beside, 0x9e3779b1)) & mask; ; slot = (slot + 1) & mask) {
      if (this.#taken[slot] === 0) return slot;
      const at = slot * WIDTH;
      if (
        words[at] === print[0] &&
        words[at + 1] === print[1] &&
        words[at + 2] === print[2] &&
        words[at + 3] === print[3] &&
        words[at + 4] === beside
      ) {
        return slot;
      }
    }
  }
}
