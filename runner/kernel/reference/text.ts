// JSON strings as bytes: reading escapes, and writing as few of them as JSON allows.
import { Output } from "./output.ts";

const quote = 0x22;
const backslash = 0x5c;

/** The byte that a one-letter escape stands for, by letter; 0: no such escape. */
const escapes = new Uint8Array(256);
/** The letter of a byte's short escape; 0: it has none. */
const letters = new Uint8Array(256);
for (const [letter, byte] of [
  ['"', quote],
  ["\\", backslash],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
] as const) {
  escapes[letter.charCodeAt(0)] = byte;
  letters[byte] = letter.charCodeAt(0);
}
// A slash may be escaped, but never has to be.
escapes[0x2f] = 0x2f;

/** A byte order mark belongs to the text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const hexDigits = "0123456789abcdef";

/** True for the letters that may follow a backslash, `u` aside. */
export function isShortEscape(letter: number): boolean {
  return escapes[letter] !== 0;
}

/** The value of four hex digits at `at`, or -1. */
export function hex4(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const c = bytes[at + i]!;
    const lower = c | 0x20;
    if (c >= 0x30 && c <= 0x39) value = value * 16 + c - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else return -1;
  }
  return value;
}

/** Appends the UTF-8 text of a valid string's inside `source[start, end)`: its escapes are read. */
export function unescapeInto(target: Output, source: Uint8Array, start: number, end: number): void {
  // No escape is shorter than what it stands for.
  target.ensure(end - start);
  const { bytes } = target;
  let { at } = target;
  for (let i = start; i < end; ) {
    const c = source[i++]!;
    if (c !== backslash) {
      bytes[at++] = c;
      continue;
    }
    const letter = source[i++]!;
    if (letter !== 0x75) {
      bytes[at++] = escapes[letter]!;
      continue;
    }
    let point = hex4(source, i);
    i += 4;
    if (point >= 0xd800 && point < 0xdc00) {
      point = 0x10000 + ((point - 0xd800) << 10) + hex4(source, i + 2) - 0xdc00;
      i += 6;
    }
    if (point < 0x80) bytes[at++] = point;
    else {
      if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
      else {
        if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
        else {
          bytes[at++] = 0xf0 | (point >> 18);
          bytes[at++] = 0x80 | ((point >> 12) & 63);
        }
        bytes[at++] = 0x80 | ((point >> 6) & 63);
      }
      bytes[at++] = 0x80 | (point & 63);
    }
  }
  target.at = at;
}

/** The text of a valid string's inside. */
export function textOf(source: Uint8Array, start: number, end: number): string {
  let ascii = true;
  for (let i = start; i < end; i++) {
    const c = source[i]!;
    if (c === backslash) {
      const plain = new Output(end - start);
      unescapeInto(plain, source, start, end);
      return utf8.decode(plain.bytes.subarray(0, plain.at));
    }
    if (c >= 0x80) ascii = false;
  }
  if (!ascii || end - start > 64) return utf8.decode(source.subarray(start, end));
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(source[i]!);
  return text;
}

/** Appends a JSON string of the UTF-8 text `source[start, end)`, escaping only what must be. */
export function quoteInto(target: Output, source: Uint8Array, start: number, end: number): void {
  target.byte(quote);
  let from = start;
  for (let i = start; i < end; i++) {
    const c = source[i]!;
    if (c >= 0x20 && c !== quote && c !== backslash) continue;
    target.copy(source, from, i);
    from = i + 1;
    const letter = letters[c]!;
    if (letter === 0) target.ascii(`\\u00${hexDigits[c >> 4]}${hexDigits[c & 15]}`);
    else {
      target.byte(backslash);
      target.byte(letter);
    }
  }
  target.copy(source, from, end);
  target.byte(quote);
}

/** A JSON string in ASCII, whatever the text. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
