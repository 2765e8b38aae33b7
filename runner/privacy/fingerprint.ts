// Keyed 128-bit fingerprints: they stand for values in memory, so that the values themselves need not be held.
import { randomBytes } from "node:crypto";
import { block } from "./aes.ts";
import { cmac, expandSivKey, sivKeyAt, sivKeyWords } from "./siv.ts";

/** Words of a fingerprint. */
export const FINGERPRINT_WORDS = 4;

const KEY_BYTES = 32;

/** AES-CMAC under a random key of its own: nobody can prepare two values that are taken for one. */
export class Fingerprints {
  readonly #key = sivKeyAt(new Int32Array(sivKeyWords(KEY_BYTES)), 0, KEY_BYTES);

  constructor() {
    const secret = randomBytes(KEY_BYTES);
    expandSivKey(this.#key, secret, 0, KEY_BYTES);
    secret.fill(0);
  }

  /** Writes the fingerprint of `source[start, end)` into `print`. */
  take(source: Uint8Array, start: number, end: number, print: Int32Array): void {
    cmac(this.#key, source, start, end);
    for (let i = 0; i < FINGERPRINT_WORDS; i++) print[i] = block[i]!;
  }
}

/** Stands for "no value"; that a value has it too is as likely as guessing a 128-bit key. */
export const noValue = new Int32Array(FINGERPRINT_WORDS);
