// Finds its way in JSON that is known to be valid: where strings and values end.

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

export abstract class JsonWalker {
  protected bytes: Uint8Array = new Uint8Array(0);
  /** Whether the string whose end was found last has escapes. */
  protected escaped = false;

  protected space(p: number): number {
    let c = this.bytes[p];
    while (c === 0x20 || c === 0x09 || c === 0x0d || c === 0x0a) c = this.bytes[++p];
    return p;
  }

  /** From behind the opening quote to the closing one. */
  protected endOfString(p: number): number {
    const { bytes } = this;
    this.escaped = false;
    for (let c = bytes[p]; c !== quote; c = bytes[p]) {
      if (c === backslash) {
        this.escaped = true;
        p++;
      }
      p++;
    }
    return p;
  }

  protected endOfValue(p: number): number {
    const { bytes } = this;
    const c = bytes[p];
    if (c === quote) return this.endOfString(p + 1) + 1;
    if (c !== openObject && c !== openList) {
      while (!isEnd(bytes[p])) p++;
      return p;
    }
    for (let depth = 0; ; p++) {
      const next = bytes[p];
      if (next === quote) p = this.endOfString(p + 1);
      else if (next === openObject || next === openList) depth++;
      else if ((next === closeObject || next === closeList) && --depth === 0) return p + 1;
    }
  }
}

/** Where the name `quoted` (with its quotes and a colon) at `p` has its closing quote, or -1 where another one stands there. */
export function endOfName(quoted: Uint8Array, bytes: Uint8Array, p: number): number {
  const last = quoted.length - 2;
  for (let i = 1; i <= last; i++) {
    if (bytes[p + i] !== quoted[i]) return -1;
  }
  return p + last;
}

/** True behind a number or a literal. */
function isEnd(c: number | undefined): boolean {
  return c === undefined || c === comma || c === closeObject || c === closeList || c <= 0x20;
}
