// Avro's integers: zigzag in groups of seven bits, least first, at most ten.
import { decimalInto } from "../decimal.ts";
import type { Output } from "../output.ts";

const continued = 0x80;
const group = 0x7f;
/** What the lowest group holds beside the sign. */
const halfGroup = 0x40;
/** Groups whose value a double holds exactly. */
const exactGroups = 7;
/** Groups, and values on either side of zero, that integers of 32 bits hold: most lengths and counts. */
const smallGroups = 4;
const small = 0x3fff_ffff;

/** Appends an integer of at most 2^53 either way. */
export function longInto(target: Output, value: number): void {
  target.ensure(10);
  const { bytes } = target;
  if (value >= -small && value <= small) {
    let left = (value << 1) ^ (value >> 31);
    for (; left >= continued; left >>>= 7) bytes[target.at++] = (left & group) | continued;
    bytes[target.at++] = left;
    return;
  }
  // The sign's bit is joined to the lowest group alone: the whole would be more than a double holds exactly.
  const size = value < 0 ? -1 - value : value;
  bytes[target.at++] = ((size % halfGroup) << 1) | (value < 0 ? 1 : 0) | continued;
  let rest = Math.floor(size / halfGroup);
  while (rest >= continued) {
    bytes[target.at++] = (rest % continued) | continued;
    rest = Math.floor(rest / continued);
  }
  bytes[target.at++] = rest;
}

/** Appends an integer of 64 bits, given by its decimal digits. */
export function decimalLongInto(target: Output, digits: string): void {
  const near = Number(digits);
  if (Number.isSafeInteger(near)) {
    longInto(target, near);
    return;
  }
  const value = BigInt(digits);
  target.ensure(10);
  const { bytes } = target;
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes[target.at++] = Number(rest & 0x7fn) | continued;
  bytes[target.at++] = Number(rest);
}

/** Where the integer at `at` ends, or -1 where it is none: too long, or cut at `limit`. */
export function endOfLong(bytes: Uint8Array, at: number, limit: number): number {
  for (let i = 0; i < 10; i++) {
    if (at + i >= limit) return -1;
    const c = bytes[at + i]!;
    if (c < continued) return i === 9 && c > 1 ? -1 : at + i + 1;
  }
  return -1;
}

/** The integer in `bytes[at, end)`; exact up to 2^48, beyond that about what it is. */
export function longAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at <= smallGroups) {
    let bits = 0;
    for (let p = end - 1; p >= at; p--) bits = (bits << 7) | (bytes[p]! & group);
    return (bits >>> 1) ^ -(bits & 1);
  }
  let value = 0;
  let scale = 1;
  for (let p = at; p < end; p++) {
    value += (bytes[p]! & group) * scale;
    scale *= continued;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Appends the integer in `bytes[at, end)` as decimal digits, exactly. */
export function decimalOfLong(target: Output, bytes: Uint8Array, at: number, end: number): void {
  if (end - at <= exactGroups) {
    decimalInto(target, longAt(bytes, at, end));
    return;
  }
  let value = 0n;
  for (let p = end - 1; p >= at; p--) value = (value << 7n) | BigInt(bytes[p]! & group);
  target.ascii(String(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))));
}
