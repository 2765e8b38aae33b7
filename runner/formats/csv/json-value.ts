// Whether a cell is one JSON value, so that it can stand in an event as it is: nothing of it may reach beyond its own end.
import { endOfNumber } from "../../kernel/reference/numbers.ts";

const quote = 0x22;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** The byte behind the span must be none that a number could go on with. */
export function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return start < end && endOfNumber(bytes, start) === end;
}

export function isBoolean(bytes: Uint8Array, start: number, end: number): boolean {
  return isWord(bytes, start, end, "true") || isWord(bytes, start, end, "false");
}

/**
 * True for a scalar, and for a list or object whose brackets and texts close where the span does. What stands within is for the
 * event's reader to judge: it finds the value's end in the same place, or refuses the event.
 */
export function isJsonValue(bytes: Uint8Array, start: number, end: number): boolean {
  const c = start < end ? bytes[start] : undefined;
  if (c === quote) return endOfText(bytes, start + 1, end) === end;
  if (c === openList || c === openObject) return closes(bytes, start, end);
  return isNumber(bytes, start, end) || isBoolean(bytes, start, end) || isWord(bytes, start, end, "null");
}

function closes(bytes: Uint8Array, start: number, end: number): boolean {
  let depth = 0;
  for (let p = start; p < end; ) {
    const c = bytes[p]!;
    if (c === quote) {
      p = endOfText(bytes, p + 1, end);
      if (p < 0) return false;
      continue;
    }
    if (c === openList || c === openObject) depth++;
    else if ((c === closeList || c === closeObject) && --depth === 0) return p + 1 === end;
    p++;
  }
  return false;
}

/** Behind the text's closing quote; -1 where it has none, or holds what no text may. */
function endOfText(bytes: Uint8Array, start: number, end: number): number {
  for (let p = start; p < end; p++) {
    const c = bytes[p]!;
    if (c === quote) return p + 1;
    if (c < 0x20) return -1;
    if (c === backslash) p++;
  }
  return -1;
}

function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (bytes[start + i] !== word.charCodeAt(i)) return false;
  }
  return true;
}
