// MurmurHash3 x64 128 with seed 0 (Austin Appleby's algorithm, public domain). Not a cryptographic hash.
//
// Its 64-bit words are pairs of 32-bit halves here: BigInt takes five times as long.

/** A 64-bit word: high half, low half. */
type Word = Int32Array;
const word = (high = 0, low = 0): Word => Int32Array.of(high, low);

const c1 = word(0x87c37b91, 0x114253d5);
const c2 = word(0x4cf5ad43, 0x2745937f);
const five = word(0, 5);
const add1 = word(0, 0x52dce729);
const add2 = word(0, 0x38495ab5);
const mix1 = word(0xff51afd7, 0xed558ccd);
const mix2 = word(0xc4ceb9fe, 0x1a85ec53);

const BLOCK_BYTES = 16;
// Worked on in place, so that a hash allocates nothing; never two at a time within a thread.
const h1 = word();
const h2 = word();
const k1 = word();
const k2 = word();
const last = new Uint8Array(BLOCK_BYTES);

/** The two halves of the last hash, unsigned: `hash[0]` and `hash[1]` are the first one's high and low half. */
export const hash = new Uint32Array(4);

/** Hashes `bytes[start, end)`; the result stands in `hash` until the next call. */
export function murmur3(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  const full = end - (length % BLOCK_BYTES);
  h1.fill(0);
  h2.fill(0);
  for (let at = start; at < full; at += BLOCK_BYTES) {
    mixFirst(bytes, at);
    rotate(h1, 27);
    add(h1, h2);
    multiply(h1, five);
    add(h1, add1);
    mixSecond(bytes, at);
    rotate(h2, 31);
    add(h2, h1);
    multiply(h2, five);
    add(h2, add2);
  }
  if (full < end) {
    // Zeros behind the end change nothing: they stay zero through the multiplications.
    last.fill(0);
    for (let i = 0; full + i < end; i++) last[i] = bytes[full + i]!;
    mixFirst(last, 0);
    mixSecond(last, 0);
  }
  h1[1] = h1[1]! ^ length;
  h2[1] = h2[1]! ^ length;
  add(h1, h2);
  add(h2, h1);
  finish(h1);
  finish(h2);
  add(h1, h2);
  add(h2, h1);
  hash.set(h1, 0);
  hash.set(h2, 2);
}

function mixFirst(bytes: Uint8Array, at: number): void {
  read(k1, bytes, at);
  multiply(k1, c1);
  rotate(k1, 31);
  multiply(k1, c2);
  xor(h1, k1);
}

function mixSecond(bytes: Uint8Array, at: number): void {
  read(k2, bytes, at + 8);
  multiply(k2, c2);
  rotate(k2, 33);
  multiply(k2, c1);
  xor(h2, k2);
}

function finish(x: Word): void {
  shiftMix(x);
  multiply(x, mix1);
  shiftMix(x);
  multiply(x, mix2);
  shiftMix(x);
}

/** x ^= x >>> 33 */
function shiftMix(x: Word): void {
  x[1] = x[1]! ^ (x[0]! >>> 1);
}

/** Eight bytes, little-endian. */
function read(x: Word, bytes: Uint8Array, at: number): void {
  x[1] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  x[0] = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
}

function xor(x: Word, y: Word): void {
  x[0] = x[0]! ^ y[0]!;
  x[1] = x[1]! ^ y[1]!;
}

function add(x: Word, y: Word): void {
  const low = (x[1]! >>> 0) + (y[1]! >>> 0);
  x[0] = x[0]! + y[0]! + (low > 0xffffffff ? 1 : 0);
  x[1] = low;
}

/** To the left; `by` is never 32. */
function rotate(x: Word, by: number): void {
  const swap = by > 32;
  const bits = by & 31;
  const high = swap ? x[1]! : x[0]!;
  const low = swap ? x[0]! : x[1]!;
  x[0] = (high << bits) | (low >>> (32 - bits));
  x[1] = (low << bits) | (high >>> (32 - bits));
}

/** Modulo 2^64. The low halves are multiplied by 16-bit parts, whose products fit 32 bits. */
function multiply(x: Word, y: Word): void {
  const [xLow, yLow] = [x[1]!, y[1]!];
  const [x0, x1, y0, y1] = [xLow & 0xffff, xLow >>> 16, yLow & 0xffff, yLow >>> 16];
  const cross1 = Math.imul(x0, y1);
  const cross2 = Math.imul(x1, y0);
  const middle = (Math.imul(x0, y0) >>> 16) + (cross1 & 0xffff) + (cross2 & 0xffff);
  const carried = Math.imul(x1, y1) + (cross1 >>> 16) + (cross2 >>> 16) + (middle >>> 16);
  x[0] = carried + Math.imul(xLow, y[0]!) + Math.imul(x[0]!, yLow);
  x[1] = Math.imul(xLow, yLow);
}
