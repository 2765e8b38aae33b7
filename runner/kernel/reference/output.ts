// Bytes that grow: what streams and scratch values are written to.

/** Below this a loop is faster than a call into native code. */
const shortBytes = 24;
/** Takes any byte array, and unlike `set` it needs none made of the span. */
const { copy: copySpan } = Buffer.prototype;

export class Output {
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the next byte goes. */
  at = 0;

  constructor(sizeBytes = 1 << 16) {
    this.bytes = new Uint8Array(sizeBytes);
  }

  /** Makes room for `more` bytes; `bytes` may be another array afterwards. */
  ensure(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  copy(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    const { bytes } = this;
    let { at } = this;
    if (end - start <= shortBytes) {
      while (start < end) bytes[at++] = source[start++]!;
      this.at = at;
    } else {
      copySpan.call(source, bytes, at, start, end);
      this.at = at + end - start;
    }
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  /** For text known to be ASCII. */
  ascii(text: string): void {
    this.ensure(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }
}
