// Bytes that grow: what streams and scratch values are written to.

/** Bytes in the two ways in which they are read fast: one by one, and by words. */
export interface Viewed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
}

/** Above this a call into native code is faster than copying by words. */
const longBytes = 192;
/** Takes any byte array, and unlike `set` it needs none made of the span. */
const { copy: copySpan } = Buffer.prototype;

export class Output implements Viewed {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  /** Where the next byte goes. */
  at = 0;

  constructor(sizeBytes = 1 << 16) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = viewOf(this.bytes);
  }

  /** Writes on in other bytes, from their start. */
  use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.at = 0;
  }

  /** Makes room for `more` bytes; `bytes` and `view` may be others afterwards. */
  ensure(more: number): void {
    if (this.at + more > this.bytes.length) this.grow(more);
  }

  /** For spans of an event, of some ten bytes: most of what is written. */
  splice(source: Viewed, start: number, end: number): void {
    const length = end - start;
    this.ensure(length);
    const { at } = this;
    this.at = at + length;
    if (length > longBytes) copySpan.call(source.bytes, this.bytes, at, start, end);
    else if (length >= 4) copyWords(source.view, start, length, this.view, at);
    else copyBytes(source.bytes, start, end, this.bytes, at);
  }

  /** For bytes that have no view. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    copyBytes(source, start, end, this.bytes, this.at);
    this.at += end - start;
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

  private grow(more: number): void {
    const { bytes, at } = this;
    this.use(new Uint8Array(Math.max(bytes.length * 2, at + more)));
    this.bytes.set(bytes.subarray(0, at));
    this.at = at;
  }
}

export function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Four bytes at a time; the last four may write some of them again. */
function copyWords(source: DataView, start: number, length: number, target: DataView, at: number): void {
  const last = length - 4;
  for (let i = 0; i < last; i += 4) target.setInt32(at + i, source.getInt32(start + i));
  target.setInt32(at + last, source.getInt32(start + last));
}

function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  while (start < end) target[at++] = source[start++]!;
}
