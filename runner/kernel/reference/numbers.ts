// JSON numbers as they are spelled: where one ends, and whether a type can hold it. Their bytes are never changed.

const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;

/** The end of the number that starts at `p`, or -1 where it is malformed. */
export function endOfNumber(bytes: Uint8Array, p: number): number {
  if (bytes[p] === minus) p++;
  const first = bytes[p]!;
  if (!(first >= zero && first <= nine)) return -1;
  p = first === zero ? p + 1 : endOfDigits(bytes, p);
  // Only white space, a comma or a bracket may follow a number; the callers see to it. A digit here is a leading zero.
  if (isDigit(bytes[p])) return -1;
  if (bytes[p] === dot) {
    if (!isDigit(bytes[p + 1])) return -1;
    p = endOfDigits(bytes, p + 1);
  }
  if ((bytes[p]! | 0x20) === 0x65) {
    p++;
    if (bytes[p] === 0x2b || bytes[p] === minus) p++;
    if (!isDigit(bytes[p])) return -1;
    p = endOfDigits(bytes, p);
  }
  return p;
}

/** True where a valid number has neither a fraction nor an exponent. */
export function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  for (let p = start; p < end; p++) {
    const c = bytes[p]!;
    if (c === dot || (c | 0x20) === 0x65) return false;
  }
  return true;
}

/** Whether 32 signed bits hold a valid integer. */
export function fitsInt(bytes: Uint8Array, start: number, end: number): boolean {
  const negative = bytes[start] === minus;
  if (end - start > 11) return false;
  const value = integerAt(bytes, start, end);
  return negative ? value >= -0x8000_0000 : value <= 0x7fff_ffff;
}

/** The digits of 2^63. */
const bound = Buffer.from("9223372036854775808");

/** Whether 64 signed bits hold a valid integer. Compared digit by digit: a double is not exact there. */
export function fitsLong(bytes: Uint8Array, start: number, end: number): boolean {
  const negative = bytes[start] === minus;
  const digits = negative ? start + 1 : start;
  if (end - digits !== bound.length) return end - digits < bound.length;
  for (let i = 0; i < bound.length; i++) {
    const difference = bytes[digits + i]! - bound[i]!;
    if (difference !== 0) return difference < 0;
  }
  return negative;
}

/** Whether a valid number is finite as a double, or as a float where `single`. */
export function fitsFloat(bytes: Uint8Array, start: number, end: number, single: boolean): boolean {
  // Short ones can't overflow but by an exponent.
  if (end - start < 38 && isInteger(bytes, start, end)) return true;
  const value = Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1"));
  return Number.isFinite(single ? Math.fround(value) : value);
}

/** A valid integer's value; exact up to 2^53. */
export function integerAt(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === minus;
  let value = 0;
  for (let p = negative ? start + 1 : start; p < end; p++) value = value * 10 + (bytes[p]! - zero);
  return negative ? -value : value;
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= zero && c <= nine;
}

function endOfDigits(bytes: Uint8Array, p: number): number {
  while (bytes[p]! >= zero && bytes[p]! <= nine) p++;
  return p;
}

/** True where a value that begins so can only be a number. */
export function isNumberStart(c: number | undefined): boolean {
  return c !== undefined && ((c >= 0x30 && c <= 0x39) || c === 0x2d);
}
