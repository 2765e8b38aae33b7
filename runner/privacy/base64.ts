// Base64 (RFC 4648 section 4) between byte arrays, strict when reading: what another spelling could mean is refused.

const alphabet = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const padding = 0x3d;
const values = new Int8Array(256).fill(-1);
alphabet.forEach((char, value) => {
  values[char] = value;
});

/** Characters that `bytes` bytes take, padding included. */
export const encodedLength = (bytes: number): number => 4 * Math.ceil(bytes / 3);

/** Writes the text of `source[start, end)` at `at`; returns the end. */
export function encodeInto(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let from = start;
  for (; from + 2 < end; from += 3) {
    const bits = (source[from]! << 16) | (source[from + 1]! << 8) | source[from + 2]!;
    target[at++] = alphabet[bits >>> 18]!;
    target[at++] = alphabet[(bits >>> 12) & 63]!;
    target[at++] = alphabet[(bits >>> 6) & 63]!;
    target[at++] = alphabet[bits & 63]!;
  }
  if (from < end) {
    const two = from + 1 < end;
    const bits = (source[from]! << 16) | (two ? source[from + 1]! << 8 : 0);
    target[at++] = alphabet[bits >>> 18]!;
    target[at++] = alphabet[(bits >>> 12) & 63]!;
    target[at++] = two ? alphabet[(bits >>> 6) & 63]! : padding;
    target[at++] = padding;
  }
  return at;
}

/** Writes the bytes of the text `source[start, end)` at `at`; returns the end, or -1 where it is not canonical base64. */
export function decodeInto(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  if ((end - start) % 4 !== 0 || end === start) return -1;
  const pads = source[end - 1] !== padding ? 0 : source[end - 2] !== padding ? 1 : 2;
  const full = pads === 0 ? end : end - 4;
  for (let from = start; from < full; from += 4) {
    const a = values[source[from]!]!;
    const b = values[source[from + 1]!]!;
    const c = values[source[from + 2]!]!;
    const d = values[source[from + 3]!]!;
    if ((a | b | c | d) < 0) return -1;
    target[at++] = (a << 2) | (b >> 4);
    target[at++] = (b << 4) | (c >> 2);
    target[at++] = (c << 6) | d;
  }
  if (pads > 0) {
    const a = values[source[full]!]!;
    const b = values[source[full + 1]!]!;
    const c = pads === 1 ? values[source[full + 2]!]! : 0;
    // Bits that no byte takes must be zero, or two texts would mean the same bytes.
    if ((a | b | c) < 0 || (pads === 1 ? c & 3 : b & 15) !== 0) return -1;
    target[at++] = (a << 2) | (b >> 4);
    if (pads === 1) target[at++] = (b << 4) | (c >> 2);
  }
  return at;
}
