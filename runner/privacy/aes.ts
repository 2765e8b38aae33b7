// The AES block cipher (FIPS 197), forward direction only: all that SIV needs, for opening too.
// It looks up tables by secret bytes, so its timing is not constant: docs/security.md says what that means.

const sbox = new Uint8Array(256);
const table0 = new Int32Array(256);
const table1 = new Int32Array(256);
const table2 = new Int32Array(256);
const table3 = new Int32Array(256);

const double = (byte: number): number => ((byte << 1) ^ ((byte & 0x80) === 0 ? 0 : 0x11b)) & 0xff;
const rotate = (byte: number, by: number): number => ((byte << by) | (byte >>> (8 - by))) & 0xff;

// Walks all non-zero field elements by the generator 3 beside their inverses (by its inverse, 0xf6).
for (let element = 1, inverse = 1, i = 0; i < 255; i++) {
  sbox[element] =
    inverse ^ rotate(inverse, 1) ^ rotate(inverse, 2) ^ rotate(inverse, 3) ^ rotate(inverse, 4) ^ 0x63;
  element ^= double(element);
  inverse ^= inverse << 1;
  inverse ^= inverse << 2;
  inverse ^= inverse << 4;
  inverse &= 0xff;
  if ((inverse & 0x80) !== 0) inverse ^= 0x09;
}
sbox[0] = 0x63;
for (let i = 0; i < 256; i++) {
  const s = sbox[i]!;
  const s2 = double(s);
  const word = (s2 << 24) | (s << 16) | (s << 8) | (s2 ^ s);
  table0[i] = word;
  table1[i] = (word >>> 8) | (word << 24);
  table2[i] = (word >>> 16) | (word << 16);
  table3[i] = (word >>> 24) | (word << 8);
}

const substitute = (word: number): number =>
  (sbox[word >>> 24]! << 24) |
  (sbox[(word >>> 16) & 0xff]! << 16) |
  (sbox[(word >>> 8) & 0xff]! << 8) |
  sbox[word & 0xff]!;

/** The round-key words of a key of 32 bytes (60 words), or of 16 bytes (44 words), which published vectors use. */
export function expandKey(key: Uint8Array): Int32Array {
  if (key.length !== 32 && key.length !== 16) throw new RangeError("an AES key has 32 or 16 bytes here");
  const size = key.length / 4;
  const words = new Int32Array(4 * (size + 7));
  for (let i = 0; i < size; i++) {
    words[i] = (key[4 * i]! << 24) | (key[4 * i + 1]! << 16) | (key[4 * i + 2]! << 8) | key[4 * i + 3]!;
  }
  for (let i = size, round = 1; i < words.length; i++) {
    let word = words[i - 1]!;
    if (i % size === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (round << 24);
      round = double(round);
    } else if (size === 8 && i % 8 === 4) {
      word = substitute(word);
    }
    words[i] = words[i - size]! ^ word;
  }
  return words;
}

/** Encrypts the four big-endian words `block[0..3]` in place. */
export function encryptBlock(words: Int32Array, block: Int32Array): void {
  let a = block[0]! ^ words[0]!;
  let b = block[1]! ^ words[1]!;
  let c = block[2]! ^ words[2]!;
  let d = block[3]! ^ words[3]!;
  const last = words.length - 4;
  for (let i = 4; i < last; i += 4) {
    const e =
      table0[a >>> 24]! ^
      table1[(b >>> 16) & 0xff]! ^
      table2[(c >>> 8) & 0xff]! ^
      table3[d & 0xff]! ^
      words[i]!;
    const f =
      table0[b >>> 24]! ^
      table1[(c >>> 16) & 0xff]! ^
      table2[(d >>> 8) & 0xff]! ^
      table3[a & 0xff]! ^
      words[i + 1]!;
    const g =
      table0[c >>> 24]! ^
      table1[(d >>> 16) & 0xff]! ^
      table2[(a >>> 8) & 0xff]! ^
      table3[b & 0xff]! ^
      words[i + 2]!;
    d =
      table0[d >>> 24]! ^
      table1[(a >>> 16) & 0xff]! ^
      table2[(b >>> 8) & 0xff]! ^
      table3[c & 0xff]! ^
      words[i + 3]!;
    a = e;
    b = f;
    c = g;
  }
  block[0] =
    ((sbox[a >>> 24]! << 24) |
      (sbox[(b >>> 16) & 0xff]! << 16) |
      (sbox[(c >>> 8) & 0xff]! << 8) |
      sbox[d & 0xff]!) ^
    words[last]!;
  block[1] =
    ((sbox[b >>> 24]! << 24) |
      (sbox[(c >>> 16) & 0xff]! << 16) |
      (sbox[(d >>> 8) & 0xff]! << 8) |
      sbox[a & 0xff]!) ^
    words[last + 1]!;
  block[2] =
    ((sbox[c >>> 24]! << 24) |
      (sbox[(d >>> 16) & 0xff]! << 16) |
      (sbox[(a >>> 8) & 0xff]! << 8) |
      sbox[b & 0xff]!) ^
    words[last + 2]!;
  block[3] =
    ((sbox[d >>> 24]! << 24) |
      (sbox[(a >>> 16) & 0xff]! << 16) |
      (sbox[(b >>> 8) & 0xff]! << 8) |
      sbox[c & 0xff]!) ^
    words[last + 3]!;
}
