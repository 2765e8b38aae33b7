// HMAC-SHA-256 (RFC 2104) and HKDF (RFC 5869) in place, for short secrets and short texts.
import {
  BLOCK_BYTES,
  DIGEST_BYTES,
  endHash,
  hashBlock,
  STATE_WORDS,
  startHash,
  wipeHash,
  writeState,
} from "./sha256.ts";

/** A key with its two pads hashed already, so that a text costs two blocks less. */
export class HmacKey {
  readonly #inner = new Int32Array(STATE_WORDS);
  readonly #outer = new Int32Array(STATE_WORDS);

  /** The key is `bytes[start, end)`, of any length; it is read and not kept. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.rekey(bytes, start, end);
  }

  /** From now on the key is another. */
  rekey(bytes: Uint8Array, start: number, end: number): void {
    pad.fill(0);
    if (end - start <= BLOCK_BYTES) for (let i = start; i < end; i++) pad[i - start] = bytes[i]!;
    else {
      startHash(state);
      endHash(state, 0, bytes, start, end);
      writeState(state, pad, 0);
    }
    padded(this.#inner, 0x36);
    // Takes the inner pad off in the same step.
    padded(this.#outer, 0x36 ^ 0x5c);
    wipe();
  }

  /** Writes the 32 bytes of the text `source[start, end)` at `at`; the two may overlap. */
  digest(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
    state.set(this.#inner);
    endHash(state, BLOCK_BYTES, source, start, end);
    writeState(state, middle, 0);
    state.set(this.#outer);
    endHash(state, BLOCK_BYTES, middle, 0, DIGEST_BYTES);
    writeState(state, target, at);
  }

  /** Overwrites the key. */
  destroy(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
  }
}

// Worked on in place; never two at a time within a thread.
const state = new Int32Array(STATE_WORDS);
const pad = new Uint8Array(BLOCK_BYTES);
const middle = new Uint8Array(DIGEST_BYTES);

function padded(target: Int32Array, mask: number): void {
  for (let i = 0; i < BLOCK_BYTES; i++) pad[i] = pad[i]! ^ mask;
  startHash(target);
  hashBlock(target, pad, 0);
}

function wipe(): void {
  state.fill(0);
  pad.fill(0);
  middle.fill(0);
  wipeHash();
}

/** RFC 5869: no salt is one of zeros. */
const unsalted = new HmacKey(new Uint8Array(DIGEST_BYTES));
const text = new Uint8Array(256);

/** The first half of HKDF-SHA-256, without a salt: makes `key` that of the secret `source[start, end)`. */
export function hkdfExtract(source: Uint8Array, start: number, end: number, key: HmacKey): void {
  unsalted.digest(source, start, end, text, 0);
  key.rekey(text, 0, DIGEST_BYTES);
  text.fill(0);
}

/** The second half: fills `target[from, to)` for `info`, of at most 200 bytes. What it works on is overwritten. */
export function hkdfExpand(
  key: HmacKey,
  info: Uint8Array,
  target: Uint8Array,
  from: number,
  to: number,
): void {
  text.set(info, DIGEST_BYTES);
  const end = DIGEST_BYTES + info.length + 1;
  for (let counter = 1; from < to; from += DIGEST_BYTES, counter++) {
    text[end - 1] = counter;
    key.digest(text, counter === 1 ? DIGEST_BYTES : 0, end, text, 0);
    for (let i = 0; i < DIGEST_BYTES && from + i < to; i++) target[from + i] = text[i]!;
  }
  text.fill(0);
  wipe();
}
