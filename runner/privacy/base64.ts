// Base64 in place (RFC 4648 section 4): ASCII written into and read from byte arrays, with no text in between.

const PAD = 0x3d;
const alphabet = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const letters = Uint8Array.from(alphabet);
/** The six bits of each letter; -1 for everything else. */
const bits = new Int8Array(256).fill(-1);
for (const [value, letter] of alphabet.entries()) bits[letter] = value;

/** How many letters and pads stand for `bytes` bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes `source[start, end)` as base64 at `at`, padded; returns the end. The target must have the room. */
export function writeBase64(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const whole = end - ((end - start) % 3);
  let from = start;
  for (; from < whole; from += 3, at += 4) {
    const group = (source[from]! << 16) | (source[from + 1]! << 8) | source[from + 2]!;
    target[at] = letters[group >>> 18]!;
    target[at + 1] = letters[(group >>> 12) & 63]!;
    target[at + 2] = letters[(group >>> 6) & 63]!;
    target[at + 3] = letters[group & 63]!;
  }
  if (from === end) return at;
  const two = end - from === 2;
  const group = (source[from]! << 16) | (two ? source[from + 1]! << 8 : 0);
  target[at] = letters[group >>> 18]!;
  target[at + 1] = letters[(group >>> 12) & 63]!;
  target[at + 2] = two ? letters[(group >>> 6) & 63]! : PAD;
  target[at + 3] = PAD;
  return at + 4;
}

/** How many bytes the text `source[start, end)` stands for, by its length and padding; -1: it is no base64. */
export function bytesOfBase64(source: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length % 4 !== 0) return -1;
  if (length === 0) return 0;
  const pads = source[end - 1] === PAD ? (source[end - 2] === PAD ? 2 : 1) : 0;
  return (length / 4) * 3 - pads;
}

/**
 * Writes the bytes that the text `source[start, end)` stands for at `at`; returns the end, or -1 where the text is not what
 * `writeBase64` would write: another alphabet, white space, missing pads, bits behind the end. Part of the
 * target may have been written then.
 */
export function readBase64(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const length = bytesOfBase64(source, start, end);
  if (length < 0) return -1;
  const rest = length % 3;
  const whole = rest === 0 ? end : end - 4;
  let from = start;
  for (; from < whole; from += 4, at += 3) {
    const group =
      (bits[source[from]!]! << 18) |
      (bits[source[from + 1]!]! << 12) |
      (bits[source[from + 2]!]! << 6) |
      bits[source[from + 3]!]!;
    // A letter that is none sets every bit from its place up, the sign too.
    if (group < 0) return -1;
    target[at] = group >>> 16;
    target[at + 1] = group >>> 8;
    target[at + 2] = group;
  }
  if (rest === 0) return at;
  const third = rest === 2 ? bits[source[from + 2]!]! : 0;
  const group = (bits[source[from]!]! << 18) | (bits[source[from + 1]!]! << 12) | (third << 6);
  if (group < 0 || (group & (rest === 2 ? 0xff : 0xffff)) !== 0) return -1;
  target[at] = group >>> 16;
  if (rest === 2) target[at + 1] = group >>> 8;
  return at + rest;
}
