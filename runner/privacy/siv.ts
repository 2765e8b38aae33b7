// AES-SIV (RFC 5297) with exactly one associated-data string, as Tink writes it: base64(0x01 ‖ key id ‖ SIV ‖ ciphertext).
import { block, encryptBlock, expandKey, readWord, roundKeyWords } from "./aes.ts";
import { base64Length, bytesOfBase64, readBase64, writeBase64 } from "./base64.ts";
import type { FieldCipher } from "./link-keys.ts";

const BLOCK_BYTES = 16;
/** `0x01`, the key id, the SIV: a multiple of 3, so base64 of what follows starts with a letter of its own. */
const HEADER_BYTES = 21;
const HEADER_LETTERS = 28;
const TINK_PREFIX = 1;

/** Ciphertext on its way to base64; a multiple of both 3 and 16. */
const chunk = new Uint8Array(3072);
const header = new Uint8Array(HEADER_BYTES);
/** Room for two blocks: the end of a plaintext, padded. */
const tail = new Uint8Array(2 * BLOCK_BYTES);

/** A SIV key, ready for use. */
export interface SivKey {
  readonly id: number;
  /** From `mac` on: round keys of S2V; from `ctr` on: those of CTR; from `subkeys` on: CMAC's two subkeys. */
  readonly words: Int32Array;
  readonly mac: number;
  readonly ctr: number;
  readonly subkeys: number;
  /** Set by `destroySivKey`: the words are zero, and nothing may be sealed with them. */
  destroyed: boolean;
}

/**
 * Keys share arrays, 16 in one: a run may have many keys, and an array of its own takes more than a key's words. Not more than
 * 16, since the array lives as long as the last of them.
 */
const KEYS_AT_ONCE = 16;
let shared = new Int32Array(0);
let sharedUsed = 0;

/** The first half of `key` is for S2V, the second for CTR: 64 bytes for AES-256-SIV. `id` is Tink's, unsigned 32 bits. */
export function createSivKey(key: Uint8Array, id: number): SivKey {
  const half = key.length / 2;
  const roundKeys = roundKeyWords(half);
  const length = 2 * roundKeys + 8;
  if (sharedUsed + length > shared.length) {
    shared = new Int32Array(KEYS_AT_ONCE * length);
    sharedUsed = 0;
  }
  const [words, mac] = [shared, sharedUsed];
  sharedUsed += length;
  const ctr = mac + roundKeys;
  const subkeys = ctr + roundKeys;
  expandKey(key.subarray(0, half), words, mac);
  expandKey(key.subarray(half), words, ctr);
  encryptBlock(words, mac, ctr, 0, 0, 0, 0);
  double(block, 0, words, subkeys);
  double(words, subkeys, words, subkeys + 4);
  return { id, words, mac, ctr, subkeys, destroyed: false };
}

/** Overwrites the key; its ciphers throw from then on. */
export function destroySivKey(key: SivKey): void {
  key.destroyed = true;
  key.words.fill(0, key.mac, key.subkeys + 8);
}

/**
 * Seals and opens values under one key and one associated-data string; an empty one is a string too.
 * `source` and `target` must not overlap. Throws a RangeError where the target lacks the room.
 *
 * @example
 * const cipher = createSivCipher(createSivKey(key, 7), Buffer.from("customer.id"));
 * const end = cipher.seal(plain, 0, plain.length, out, 0);
 */
export function createSivCipher(key: SivKey, associatedData: Uint8Array): FieldCipher {
  return new SivCipher(key, associatedData);
}

/** What S2V mixes into the one CMAC over a plaintext, so that this costs no block of its own. */
const AT_END = 0;
const WHEN_SHORT = 4;

class SivCipher implements FieldCipher {
  readonly #key: SivKey;
  /** D of S2V, for the last 16 bytes of a text that has as many (`xorend`); its double and CMAC's subkey, for a shorter one. */
  readonly #masks: Int32Array;

  constructor(key: SivKey, associatedData: Uint8Array) {
    this.#key = key;
    const { words, subkeys } = key;
    const plain = new Int32Array(8);
    plain.set(words.subarray(subkeys + 4, subkeys + 8), WHEN_SHORT);
    mac(key, associatedData, 0, associatedData.length, plain);
    const ofData = block.slice();
    mac(key, new Uint8Array(BLOCK_BYTES), 0, BLOCK_BYTES, plain);
    const d = new Int32Array(8);
    double(block, 0, d, AT_END);
    for (let i = 0; i < 4; i++) d[i] = d[i]! ^ ofData[i]!;
    double(d, AT_END, d, WHEN_SHORT);
    for (let i = 0; i < 4; i++) d[WHEN_SHORT + i] = d[WHEN_SHORT + i]! ^ words[subkeys + i]!;
    this.#masks = d;
  }

  sealedLength(plainBytes: number): number {
    return base64Length(HEADER_BYTES + plainBytes);
  }

  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const key = this.#key;
    if (key.destroyed) throw new Error("a key was used after it was destroyed");
    if (target.length - at < this.sealedLength(end - start)) throw new RangeError("the target is too small");
    mac(key, source, start, end, this.#masks);
    const [v0, v1, v2, v3] = [block[0]!, block[1]!, block[2]!, block[3]!];
    header[0] = TINK_PREFIX;
    writeWord(header, 1, key.id);
    writeWord(header, 5, v0);
    writeWord(header, 9, v1);
    writeWord(header, 13, v2);
    writeWord(header, 17, v3);
    at = writeBase64(header, 0, HEADER_BYTES, target, at);
    for (
      let from = start, blocks = 0;
      from < end;
      from += chunk.length, blocks += chunk.length / BLOCK_BYTES
    ) {
      const length = Math.min(chunk.length, end - from);
      applyKeyStream(key, v0, v1, v2, v3, blocks, source, from, from + length, chunk, 0);
      at = writeBase64(chunk, 0, length, target, at);
    }
    return at;
  }

  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const key = this.#key;
    if (key.destroyed) throw new Error("a key was used after it was destroyed");
    const body = start + HEADER_LETTERS;
    if (end < body || readBase64(source, start, body, header, 0) !== HEADER_BYTES) return -1;
    if (header[0] !== TINK_PREFIX || readWord(header, 1) !== (key.id | 0)) return -1;
    const length = bytesOfBase64(source, body, end);
    if (length < 0) return -1;
    const plainEnd = at + length;
    if (target.length < plainEnd) throw new RangeError("the target is too small");
    const [v0, v1, v2, v3] = [
      readWord(header, 5),
      readWord(header, 9),
      readWord(header, 13),
      readWord(header, 17),
    ];
    let differs = readBase64(source, body, end, target, at) === plainEnd ? 0 : 1;
    if (differs === 0) {
      applyKeyStream(key, v0, v1, v2, v3, 0, target, at, plainEnd, target, at);
      mac(key, target, at, plainEnd, this.#masks);
      // One comparison for all bits: its time says nothing of where they differ.
      differs = (block[0]! ^ v0) | (block[1]! ^ v1) | (block[2]! ^ v2) | (block[3]! ^ v3);
    }
    if (differs === 0) return plainEnd;
    target.fill(0, at, plainEnd);
    return -1;
  }
}

/** CMAC (RFC 4493) of `source[start, end)` with `masks` mixed in; the result stands in `block`. */
function mac(key: SivKey, source: Uint8Array, start: number, end: number, masks: Int32Array): void {
  const { words, subkeys } = key;
  const length = end - start;
  block.fill(0);
  if (length < BLOCK_BYTES) {
    copyPadded(source, start, end);
    absorb(key, tail, 0, masks, WHEN_SHORT);
    return;
  }
  const rest = length % BLOCK_BYTES;
  // The mask at the end reaches into the last block but one where the last is not whole.
  const tailStart = rest === 0 ? end - BLOCK_BYTES : end - rest - BLOCK_BYTES;
  for (let at = start; at < tailStart; at += BLOCK_BYTES) absorb(key, source, at, noMask, 0);
  copyPadded(source, tailStart, end);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    tail[rest + i] = tail[rest + i]! ^ (masks[AT_END + (i >> 2)]! >>> (24 - 8 * (i & 3)));
  }
  if (rest === 0) {
    absorb(key, tail, 0, words, subkeys);
    return;
  }
  absorb(key, tail, 0, noMask, 0);
  absorb(key, tail, BLOCK_BYTES, words, subkeys + 4);
}

const noMask = new Int32Array(4);

/** One step of CMAC: `block` becomes the encrypted sum of itself, 16 bytes and a mask. */
function absorb(key: SivKey, bytes: Uint8Array, at: number, masks: Int32Array, mask: number): void {
  encryptBlock(
    key.words,
    key.mac,
    key.ctr,
    block[0]! ^ readWord(bytes, at) ^ masks[mask]!,
    block[1]! ^ readWord(bytes, at + 4) ^ masks[mask + 1]!,
    block[2]! ^ readWord(bytes, at + 8) ^ masks[mask + 2]!,
    block[3]! ^ readWord(bytes, at + 12) ^ masks[mask + 3]!,
  );
}

/** Copies up to 31 bytes into `tail`, with CMAC's padding behind them. */
function copyPadded(source: Uint8Array, start: number, end: number): void {
  const length = end - start;
  for (let i = 0; i < length; i++) tail[i] = source[start + i]!;
  tail[length] = 0x80;
  for (let i = length + 1; i < tail.length; i++) tail[i] = 0;
}

/**
 * CTR from the block that `v0…v3` give, `skip` blocks further on. RFC 5297 clears the top bits of the last two words, so
 * adding to the last word never carries into the next before 2^31 blocks (32 GiB).
 */
function applyKeyStream(
  key: SivKey,
  v0: number,
  v1: number,
  v2: number,
  v3: number,
  skip: number,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  const { words, ctr, subkeys } = key;
  const c2 = v2 & 0x7fffffff;
  let c3 = ((v3 & 0x7fffffff) + skip) | 0;
  let from = start;
  for (; end - from >= BLOCK_BYTES; from += BLOCK_BYTES, at += BLOCK_BYTES) {
    encryptBlock(words, ctr, subkeys, v0, v1, c2, c3);
    c3 = (c3 + 1) | 0;
    writeWord(target, at, block[0]! ^ readWord(source, from));
    writeWord(target, at + 4, block[1]! ^ readWord(source, from + 4));
    writeWord(target, at + 8, block[2]! ^ readWord(source, from + 8));
    writeWord(target, at + 12, block[3]! ^ readWord(source, from + 12));
  }
  if (from === end) return;
  encryptBlock(words, ctr, subkeys, v0, v1, c2, c3);
  for (let i = 0; from < end; i++, from++, at++) {
    target[at] = source[from]! ^ (block[i >> 2]! >>> (24 - 8 * (i & 3)));
  }
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** Writes `source[from, from + 4)` times x in GF(2^128), as CMAC and S2V define it, into `target` at `at`. */
function double(source: Int32Array, from: number, target: Int32Array, at: number): void {
  const [a, b, c, d] = [source[from]!, source[from + 1]!, source[from + 2]!, source[from + 3]!];
  target[at] = (a << 1) | (b >>> 31);
  target[at + 1] = (b << 1) | (c >>> 31);
  target[at + 2] = (c << 1) | (d >>> 31);
  target[at + 3] = (d << 1) ^ (a < 0 ? 0x87 : 0);
}
