// SHA-256 (FIPS 180-4) in place: a call of node:crypto costs several times what a short text costs here.

export const DIGEST_BYTES = 32;
export const BLOCK_BYTES = 64;
/** Words of a hash under way. */
export const STATE_WORDS = 8;

/** The first 32 bits of the fractional parts of the square and cube roots of the first primes. */
const initial = new Int32Array(STATE_WORDS);
const round = new Int32Array(64);
fillConstants();

const schedule = new Int32Array(64);
const last = new Uint8Array(2 * BLOCK_BYTES);

/** The state in front of the first block. */
export function startHash(state: Int32Array): void {
  state.set(initial);
}

/** Takes in the block of 64 bytes at `at`. */
export function hashBlock(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const early = w[i - 15]!;
    const late = w[i - 2]!;
    const small0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
    const small1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    w[i] = w[i - 16]! + small0 + w[i - 7]! + small1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + big1 + (g ^ (e & (f ^ g))) + round[i]! + w[i]!) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (big0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** Takes in `bytes[start, end)` and ends the hash; `before` bytes, whole blocks, were taken in already. */
export function endHash(
  state: Int32Array,
  before: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const total = before + end - start;
  for (; end - start >= BLOCK_BYTES; start += BLOCK_BYTES) hashBlock(state, bytes, start);
  const rest = end - start;
  for (let i = 0; i < rest; i++) last[i] = bytes[start + i]!;
  const length = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  last[rest] = 0x80;
  last.fill(0, rest + 1, length);
  // The length in bits, 64 of them; a text of 2^53 bytes is beyond any array.
  writeWord(last, length - 8, Math.floor(total / 0x2000_0000));
  writeWord(last, length - 4, total << 3);
  hashBlock(state, last, 0);
  if (length > BLOCK_BYTES) hashBlock(state, last, BLOCK_BYTES);
}

/** Writes the state big-endian at `at`. */
export function writeState(state: Int32Array, target: Uint8Array, at: number): void {
  for (let i = 0; i < STATE_WORDS; i++) writeWord(target, at + 4 * i, state[i]!);
}

/** Overwrites what the last hash left: the text may have been a secret. */
export function wipeHash(): void {
  schedule.fill(0);
  last.fill(0);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function fillConstants(): void {
  const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 0x1_0000_0000);
  for (let candidate = 2, found = 0; found < round.length; candidate++) {
    if (!isPrime(candidate)) continue;
    if (found < STATE_WORDS) initial[found] = fraction(Math.sqrt(candidate));
    round[found++] = fraction(Math.cbrt(candidate));
  }
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) return false;
  }
  return true;
}
