// The AES block cipher by table look-up (FIPS 197), forward direction only: all that SIV needs.
//
// Not constant-time: the tables are indexed by secret bytes, so time depends on keys and data through the processor's
// caches. docs/security.md says what follows from that. A call of node:crypto costs about 2 µs whatever its size, several
// times what a short value costs here, and that is why this file exists.

const sbox = new Uint8Array(256);
/** S-box and MixColumns in one, for each of a column's four rows. */
const t0 = new Int32Array(256);
const t1 = new Int32Array(256);
const t2 = new Int32Array(256);
const t3 = new Int32Array(256);

fillTables();

/** The four words of the last encrypted block: one place for all, so that a block allocates nothing. */
export const block = new Int32Array(4);

/** How many words `expandKey` writes for a key of that many bytes. */
export function roundKeyWords(keyBytes: number): number {
  if (keyBytes !== 16 && keyBytes !== 24 && keyBytes !== 32)
    throw new RangeError("no AES key has that length");
  return keyBytes + 28;
}

/** Writes the round keys of the key `bytes[start, end)`, of 16, 24 or 32 bytes, into `words` from `first` on. */
export function expandKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Int32Array,
  first: number,
): void {
  const keyWords = (end - start) / 4;
  const last = first + roundKeyWords(end - start);
  for (let i = 0; i < keyWords; i++) words[first + i] = readWord(bytes, start + 4 * i);
  let roundConstant = 1;
  for (let i = first + keyWords, place = 0; i < last; i++, place = (place + 1) % keyWords) {
    let word = words[i - 1]!;
    if (place === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (roundConstant << 24);
      roundConstant = double(roundConstant);
    } else if (keyWords === 8 && place === 4) {
      word = substitute(word);
    }
    words[i] = words[i - keyWords]! ^ word;
  }
}

/**
 * Encrypts the block of four big-endian words under the round keys `words[first, end)`; the result stands in `block` until the
 * next call.
 */
export function encryptBlock(
  words: Int32Array,
  first: number,
  end: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  const last = end - 4;
  a ^= words[first]!;
  b ^= words[first + 1]!;
  c ^= words[first + 2]!;
  d ^= words[first + 3]!;
  for (let i = first + 4; i < last; i += 4) {
    const e = t0[a >>> 24]! ^ t1[(b >>> 16) & 255]! ^ t2[(c >>> 8) & 255]! ^ t3[d & 255]! ^ words[i]!;
    const f = t0[b >>> 24]! ^ t1[(c >>> 16) & 255]! ^ t2[(d >>> 8) & 255]! ^ t3[a & 255]! ^ words[i + 1]!;
    const g = t0[c >>> 24]! ^ t1[(d >>> 16) & 255]! ^ t2[(a >>> 8) & 255]! ^ t3[b & 255]! ^ words[i + 2]!;
    d = t0[d >>> 24]! ^ t1[(a >>> 16) & 255]! ^ t2[(b >>> 8) & 255]! ^ t3[c & 255]! ^ words[i + 3]!;
    a = e;
    b = f;
    c = g;
  }
  block[0] = lastRound(a, b, c, d) ^ words[last]!;
  block[1] = lastRound(b, c, d, a) ^ words[last + 1]!;
  block[2] = lastRound(c, d, a, b) ^ words[last + 2]!;
  block[3] = lastRound(d, a, b, c) ^ words[last + 3]!;
}

/** Four bytes as a big-endian word. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function lastRound(a: number, b: number, c: number, d: number): number {
  return (
    (sbox[a >>> 24]! << 24) | (sbox[(b >>> 16) & 255]! << 16) | (sbox[(c >>> 8) & 255]! << 8) | sbox[d & 255]!
  );
}

function substitute(word: number): number {
  return lastRound(word, word, word, word);
}

/** Times x in GF(2^8). */
function double(byte: number): number {
  return (byte << 1) ^ (byte & 0x80 ? 0x11b : 0);
}

/** Walks the field by powers of the generator 3, with the inverse beside it. */
function fillTables(): void {
  const rotateByte = (byte: number, bits: number): number => ((byte << bits) | (byte >>> (8 - bits))) & 255;
  let power = 1;
  let inverse = 1;
  do {
    power = power ^ double(power);
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 255;
    if (inverse & 0x80) inverse ^= 0x09;
    const mixed = [1, 2, 3, 4].reduce((sum, bits) => sum ^ rotateByte(inverse, bits), inverse);
    sbox[power] = mixed ^ 0x63;
  } while (power !== 1);
  sbox[0] = 0x63;
  for (let i = 0; i < 256; i++) {
    const s = sbox[i]!;
    const twice = double(s);
    const word = (twice << 24) | (s << 16) | (s << 8) | (twice ^ s);
    t0[i] = word;
    t1[i] = (word >>> 8) | (word << 24);
    t2[i] = (word >>> 16) | (word << 16);
    t3[i] = (word >>> 24) | (word << 8);
  }
}
