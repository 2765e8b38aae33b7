// AES-256-SIV (RFC 5297) with exactly one associated-data string, as Tink's AesSivKey uses it.
import { encryptBlock, expandKey } from "./aes.ts";

/** Bytes of the synthetic IV in front of every ciphertext. */
export const sivBytes = 16;

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Doubling in GF(2^128), RFC 5297 section 2.3. */
function doubled(block: Int32Array): Int32Array {
  const [a = 0, b = 0, c = 0, d = 0] = block;
  const carry = a < 0 ? 0x87 : 0;
  return Int32Array.of((a << 1) | (b >>> 31), (b << 1) | (c >>> 31), (c << 1) | (d >>> 31), (d << 1) ^ carry);
}

/** A key of 64 bytes (32 in published vectors) with all that depends on it alone: the first half is for S2V, the second for CTR. */
export class SivKey {
  readonly mac: Int32Array;
  readonly ctr: Int32Array;
  /** The CMAC subkeys, RFC 4493 section 2.3. */
  readonly subkey1: Int32Array;
  readonly subkey2: Int32Array;

  constructor(key: Uint8Array) {
    this.mac = expandKey(key.subarray(0, key.length / 2));
    this.ctr = expandKey(key.subarray(key.length / 2));
    const zero = new Int32Array(4);
    encryptBlock(this.mac, zero);
    this.subkey1 = doubled(zero);
    this.subkey2 = doubled(this.subkey1);
  }

  /** Overwrites the key schedules. */
  wipe(): void {
    for (const words of [this.mac, this.ctr, this.subkey1, this.subkey2]) words.fill(0);
  }
}

// One block that every computation works in: nothing here is called twice at a time within a thread.
const state = new Int32Array(4);
const tail = new Uint8Array(32);

/**
 * CMAC (RFC 4493) of `source[start, end)`, whose last 16 bytes are first combined with `xorEnd` where that is given
 * (the text is at least 16 bytes long then). The result is left in `state`.
 */
function cmac(
  key: SivKey,
  source: Uint8Array,
  start: number,
  end: number,
  xorEnd: Int32Array | undefined,
): void {
  state.fill(0);
  const length = end - start;
  // All but the last 16 to 32 bytes are taken from where they are; the rest is copied, since it is changed.
  const direct =
    xorEnd === undefined ? Math.max(0, Math.ceil(length / 16) - 1) : Math.max(0, Math.ceil(length / 16) - 2);
  let at = start;
  for (let i = 0; i < direct; i++, at += 16) {
    state[0]! ^= word(source, at);
    state[1]! ^= word(source, at + 4);
    state[2]! ^= word(source, at + 8);
    state[3]! ^= word(source, at + 12);
    encryptBlock(key.mac, state);
  }
  const rest = end - at;
  for (let i = 0; i < rest; i++) tail[i] = source[at + i]!;
  if (xorEnd !== undefined) {
    for (let i = 0; i < 16; i++) tail[rest - 16 + i]! ^= xorEnd[i >> 2]! >>> (24 - 8 * (i & 3));
  }
  let from = 0;
  if (rest > 16) {
    state[0]! ^= word(tail, 0);
    state[1]! ^= word(tail, 4);
    state[2]! ^= word(tail, 8);
    state[3]! ^= word(tail, 12);
    encryptBlock(key.mac, state);
    from = 16;
  }
  lastBlock(key, from, rest);
}

/** The last block of a CMAC: `tail[from, to)`, padded where it is not full. */
function lastBlock(key: SivKey, from: number, to: number): void {
  let subkey = key.subkey1;
  if (to - from < 16) {
    tail[to] = 0x80;
    tail.fill(0, to + 1, from + 16);
    subkey = key.subkey2;
  }
  state[0]! ^= word(tail, from) ^ subkey[0]!;
  state[1]! ^= word(tail, from + 4) ^ subkey[1]!;
  state[2]! ^= word(tail, from + 8) ^ subkey[2]!;
  state[3]! ^= word(tail, from + 12) ^ subkey[3]!;
  encryptBlock(key.mac, state);
}

/** A key together with one associated-data string; all that needs no plaintext is computed once. */
export class SivCipher {
  readonly #key: SivKey;
  /** D of S2V after the associated data, and its double. */
  readonly #d: Int32Array;
  readonly #d2: Int32Array;

  /** An empty `associatedData` is one empty string, not none. */
  constructor(key: SivKey, associatedData: Uint8Array) {
    this.#key = key;
    cmac(key, new Uint8Array(16), 0, 16, undefined);
    const zero = doubled(state);
    cmac(key, associatedData, 0, associatedData.length, undefined);
    this.#d = zero.map((value, i) => value ^ state[i]!);
    this.#d2 = doubled(this.#d);
  }

  /** Writes SIV and ciphertext of `source[start, end)` at `at`; returns the end. The ranges must not overlap. */
  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    this.#s2v(source, start, end);
    putWord(target, at, state[0]!);
    putWord(target, at + 4, state[1]!);
    putWord(target, at + 8, state[2]!);
    putWord(target, at + 12, state[3]!);
    this.#crypt(source, start, end, target, at + sivBytes);
    return at + sivBytes + end - start;
  }

  /** Writes the plaintext of SIV and ciphertext at `at`; returns the end, or -1 with the target wiped where it does not open. */
  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const length = end - start - sivBytes;
    if (length < 0) return -1;
    for (let i = 0; i < 4; i++) state[i] = word(source, start + 4 * i);
    this.#crypt(source, start + sivBytes, end, target, at);
    this.#s2v(target, at, at + length);
    let difference = 0;
    for (let i = 0; i < 4; i++) difference |= state[i]! ^ word(source, start + 4 * i);
    if (difference === 0) return at + length;
    target.fill(0, at, at + length);
    return -1;
  }

  #s2v(source: Uint8Array, start: number, end: number): void {
    if (end - start >= 16) {
      cmac(this.#key, source, start, end, this.#d);
      return;
    }
    // A short text is padded, combined with the doubled D, and is a full block then.
    const length = end - start;
    for (let i = 0; i < length; i++) tail[i] = source[start + i]!;
    tail[length] = 0x80;
    tail.fill(0, length + 1, 16);
    for (let i = 0; i < 4; i++) state[i] = this.#d2[i]!;
    lastBlock(this.#key, 0, 16);
  }

  /** CTR from the SIV in `state`, whose 31st and 63rd bits (from the right) are cleared as RFC 5297 section 2.5 says. */
  #crypt(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
    const a = state[0]!;
    const b = state[1]!;
    const c = state[2]! & 0x7fffffff;
    let d = state[3]! & 0x7fffffff;
    for (let from = start, to = at; from < end; from += 16, to += 16) {
      state[0] = a;
      state[1] = b;
      state[2] = c;
      // The cleared bit leaves room for 2^31 blocks, 32 GiB: no carry leaves this word.
      state[3] = d++;
      encryptBlock(this.#key.ctr, state);
      if (end - from >= 16) {
        putWord(target, to, word(source, from) ^ state[0]!);
        putWord(target, to + 4, word(source, from + 4) ^ state[1]!);
        putWord(target, to + 8, word(source, from + 8) ^ state[2]!);
        putWord(target, to + 12, word(source, from + 12) ^ state[3]!);
      } else {
        for (let i = 0; from + i < end; i++)
          target[to + i] = source[from + i]! ^ (state[i >> 2]! >>> (24 - 8 * (i & 3)));
      }
    }
  }
}
