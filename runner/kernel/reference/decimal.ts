// Writes integers as decimal digits, with no text in between.
import type { Output } from "./output.ts";

const minus = 0x2d;
const zero = 0x30;
/** The most digits of an exact integer, and a sign. */
const lettersMax = 17;
const digits = new Uint8Array(lettersMax);

/** Appends an integer of at most 2^53 either way, as `String` writes it. */
export function decimalInto(target: Output, value: number): void {
  target.ensure(lettersMax);
  const { bytes } = target;
  let { at } = target;
  if (value < 0) bytes[at++] = minus;
  let rest = Math.abs(value);
  let count = 0;
  // Divided as doubles only as long as it has to be.
  while (rest >= 0x8000_0000) {
    const tenth = Math.floor(rest / 10);
    digits[count++] = rest - tenth * 10;
    rest = tenth;
  }
  let small = rest | 0;
  do {
    const tenth = (small / 10) | 0;
    digits[count++] = small - tenth * 10;
    small = tenth;
  } while (small > 0);
  while (count > 0) bytes[at++] = digits[--count]! + zero;
  target.at = at;
}
