// AES-SIV (RFC 5297) with exactly one associated-data string, as Tink writes it: base64(0x01 ‖ key id ‖ SIV ‖ ciphertext).
import { block, encryptBlock, expandKey, readWord, roundKeyWords } from "./aes.ts";
import { base64Length, bytesOfBase64, readBase64, writeBase64 } from "./base64.ts";

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

/** A SIV key, ready for use: round keys of S2V at `mac`, those of CTR at `ctr`, CMAC's two subkeys at `subkeys`. */
export interface SivKey {
  /** Tink's key id, unsigned 32 bits. */
  id: number;
  words: Int32Array;
  mac: number;
  ctr: number;
  subkeys: number;
}

/** Words that a key of so many bytes takes once it is expanded. */
export function sivKeyWords(keyBytes: number): number {
  return 2 * roundKeyWords(keyBytes / 2) + 8;
}

/** Words of what `associate` prepares for a field. */
export const FIELD_WORDS = 8;

/** A key whose words stand at `at`, still to be filled by `expandSivKey`. */
export function sivKeyAt(words: Int32Array, at: number, keyBytes: number): SivKey {
  const roundKeys = roundKeyWords(keyBytes / 2);
  return { id: 0, words, mac: at, ctr: at + roundKeys, subkeys: at + 2 * roundKeys };
}

/** Fills a key's words from `bytes[start, end)`: its first half is for S2V, the second for CTR; 64 bytes for AES-256-SIV. */
export function expandSivKey(key: SivKey, bytes: Uint8Array, start: number, end: number): void {
  const { words, mac, ctr, subkeys } = key;
  const middle = (start + end) / 2;
  expandKey(bytes, start, middle, words, mac);
  expandKey(bytes, middle, end, words, ctr);
  encryptBlock(words, mac, ctr, 0, 0, 0, 0);
  double(block, 0, words, subkeys);
  double(words, subkeys, words, subkeys + 4);
}

/** What S2V mixes into the one CMAC over a plaintext, so that this costs no block of its own. */
const AT_END = 0;
const WHEN_SHORT = 4;
const plain = new Int32Array(FIELD_WORDS);
const ofData = new Int32Array(4);
const zeros = new Uint8Array(BLOCK_BYTES);

/**
 * Prepares a field under a key: writes `FIELD_WORDS` words at `at`. D of S2V, for the last 16 bytes of a text that has as many
 * (`xorend`); its double and CMAC's subkey, for a shorter one. An empty associated-data string is one too.
 */
export function associate(key: SivKey, associatedData: Uint8Array, field: Int32Array, at: number): void {
  const { words, subkeys } = key;
  for (let i = 0; i < 4; i++) plain[WHEN_SHORT + i] = words[subkeys + 4 + i]!;
  cmac(key, associatedData, 0, associatedData.length);
  ofData.set(block);
  mac(key, zeros, 0, BLOCK_BYTES, plain, 0);
  double(block, 0, field, at + AT_END);
  for (let i = 0; i < 4; i++) field[at + i] = field[at + i]! ^ ofData[i]!;
  double(field, at + AT_END, field, at + WHEN_SHORT);
  for (let i = 0; i < 4; i++) {
    field[at + WHEN_SHORT + i] = field[at + WHEN_SHORT + i]! ^ words[subkeys + i]!;
  }
}

/** CMAC (RFC 4493) of `source[start, end)`; the result stands in `block`. */
export function cmac(key: SivKey, source: Uint8Array, start: number, end: number): void {
  for (let i = 0; i < 4; i++) plain[WHEN_SHORT + i] = key.words[key.subkeys + 4 + i]!;
  mac(key, source, start, end, plain, 0);
}

/** Bytes that `seal` writes for a plaintext of `plainBytes` bytes. */
export function sealedLength(plainBytes: number): number {
  return base64Length(HEADER_BYTES + plainBytes);
}

/**
 * Writes base64(prefix ‖ SIV ‖ ciphertext) of `source[start, end)` into `target` at `at`, for the field that stands at `fieldAt`; returns
 * the end. The two must not overlap. Throws a RangeError where the target lacks the room.
 */
export function seal(
  key: SivKey,
  field: Int32Array,
  fieldAt: number,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  if (target.length - at < sealedLength(end - start)) throw new RangeError("the target is too small");
  mac(key, source, start, end, field, fieldAt);
  const v0 = block[0]!;
  const v1 = block[1]!;
  const v2 = block[2]!;
  const v3 = block[3]!;
  header[0] = TINK_PREFIX;
  writeWord(header, 1, key.id);
  writeWord(header, 5, v0);
  writeWord(header, 9, v1);
  writeWord(header, 13, v2);
  writeWord(header, 17, v3);
  at = writeBase64(header, 0, HEADER_BYTES, target, at);
  for (let from = start, blocks = 0; from < end; from += chunk.length, blocks += chunk.length / BLOCK_BYTES) {
    const length = Math.min(chunk.length, end - from);
    applyKeyStream(key, v0, v1, v2, v3, blocks, source, from, from + length, chunk, 0);
    at = writeBase64(chunk, 0, length, target, at);
  }
  return at;
}

/**
 * Writes the plaintext of the base64 text `source[start, end)` at `at`; returns the end, or -1: it does not open, and the target
 * holds nothing of it. Otherwise as `seal`; three quarters of the text's length are always room enough.
 */
export function open(
  key: SivKey,
  field: Int32Array,
  fieldAt: number,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const body = start + HEADER_LETTERS;
  if (end < body || readBase64(source, start, body, header, 0) !== HEADER_BYTES) return -1;
  if (header[0] !== TINK_PREFIX || readWord(header, 1) !== (key.id | 0)) return -1;
  const length = bytesOfBase64(source, body, end);
  if (length < 0) return -1;
  const plainEnd = at + length;
  if (target.length < plainEnd) throw new RangeError("the target is too small");
  const v0 = readWord(header, 5);
  const v1 = readWord(header, 9);
  const v2 = readWord(header, 13);
  const v3 = readWord(header, 17);
  let differs = readBase64(source, body, end, target, at) === plainEnd ? 0 : 1;
  if (differs === 0) {
    applyKeyStream(key, v0, v1, v2, v3, 0, target, at, plainEnd, target, at);
    mac(key, target, at, plainEnd, field, fieldAt);
    // One comparison for all bits: its time says nothing of where they differ.
    differs = (block[0]! ^ v0) | (block[1]! ^ v1) | (block[2]! ^ v2) | (block[3]! ^ v3);
  }
  if (differs === 0) return plainEnd;
  target.fill(0, at, plainEnd);
  return -1;
}

/** CMAC of `source[start, end)` with the words at `masksAt` mixed in; the result stands in `block`. */
function mac(
  key: SivKey,
  source: Uint8Array,
  start: number,
  end: number,
  masks: Int32Array,
  masksAt: number,
): void {
  const { words, subkeys } = key;
  const length = end - start;
  block.fill(0);
  if (length < BLOCK_BYTES) {
    copyPadded(source, start, end);
    absorb(key, tail, 0, masks, masksAt + WHEN_SHORT);
    return;
  }
  const rest = length % BLOCK_BYTES;
  // The mask at the end reaches into the last block but one where the last is not whole.
  const tailStart = rest === 0 ? end - BLOCK_BYTES : end - rest - BLOCK_BYTES;
  for (let at = start; at < tailStart; at += BLOCK_BYTES) absorb(key, source, at, noMask, 0);
  copyPadded(source, tailStart, end);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    tail[rest + i] = tail[rest + i]! ^ (masks[masksAt + AT_END + (i >> 2)]! >>> (24 - 8 * (i & 3)));
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
