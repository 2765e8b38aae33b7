// Unpacks the records of a batch into parallel arrays, without a copy of theirs.
import type { Header } from "../../delivery.ts";
import { type BatchHead, HEAD_BYTES } from "./batch-head.ts";
import { decompress } from "./compression.ts";

/** Grows as batches are unpacked into it. */
export class Records {
  readonly offsets: number[] = [];
  readonly timestampsMs: number[] = [];
  readonly keys: (Uint8Array | null)[] = [];
  readonly values: (Uint8Array | null)[] = [];
  readonly headers: (readonly Header[])[] = [];
  sizeBytes = 0;

  /** Records before `from` are left out. Throws where the records are not what their head says. */
  async add(head: BatchHead, from: number): Promise<void> {
    const packed = head.bytes.subarray(HEAD_BYTES);
    const bytes = head.compression === "none" ? packed : await decompress(packed, head.compression);
    this.sizeBytes += bytes.length;
    const cursor = new Cursor(bytes);
    for (let left = head.count; left > 0; left--) this.#record(cursor, head, from);
  }

  #record(cursor: Cursor, { baseOffset, baseTimestampMs, appendTimestampMs }: BatchHead, from: number): void {
    const end = cursor.length() + cursor.at;
    // Attributes: none is in use.
    cursor.at++;
    const timestampMs = baseTimestampMs + cursor.varlong();
    const offset = baseOffset + cursor.varint();
    const key = cursor.view();
    const value = cursor.view();
    const headers = cursor.headers();
    if (cursor.at !== end || end > cursor.bytes.length)
      throw new RangeError("a record is not as long as it says");
    if (offset < from) return;
    this.offsets.push(offset);
    this.timestampsMs.push(appendTimestampMs ?? timestampMs);
    this.keys.push(key);
    this.values.push(value);
    this.headers.push(headers);
  }
}

const noHeaders: readonly Header[] = [];

class Cursor {
  readonly bytes: Buffer;
  readonly #memory: ArrayBufferLike;
  readonly #offset: number;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#memory = bytes.buffer;
    this.#offset = bytes.byteOffset;
  }

  varint(): number {
    const n = this.#unsigned();
    return (n >>> 1) ^ -(n & 1);
  }

  /** Within 2^53. */
  varlong(): number {
    let n = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      n += (byte & 0x7f) * scale;
      if (byte < 0x80) return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
    }
    throw new RangeError("a number has more than ten bytes");
  }

  length(): number {
    const length = this.varint();
    if (length < 0 || length > this.bytes.length - this.at)
      throw new RangeError("a field is longer than its batch");
    return length;
  }

  view(): Uint8Array | null {
    const length = this.varint();
    if (length < 0) return null;
    const { at } = this;
    this.at += length;
    // Also where the length is nonsense, this ends with an error.
    return new Uint8Array(this.#memory, this.#offset + at, length);
  }

  headers(): readonly Header[] {
    const count = this.varint();
    if (count === 0) return noHeaders;
    const headers: Header[] = [];
    for (let left = count; left > 0; left--) {
      const length = this.length();
      const name = this.bytes.toString("utf8", this.at, this.at + length);
      this.at += length;
      headers.push({ name, value: this.view() });
    }
    return headers;
  }

  #unsigned(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] ?? 0;
    if (byte < 0x80) return byte;
    let n = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.at++] ?? 0;
      n |= (byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    throw new RangeError("a number has more than five bytes");
  }
}
