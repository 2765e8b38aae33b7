// Writes the types of Kafka's protocol in the forms of its flexible versions (KIP-482).

const utf8 = new TextEncoder();

export class WireWriter {
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;
  /** What is complete. */
  readonly #parts: Uint8Array[] = [];

  int8(value: number): this {
    this.#room(1);
    this.#length = this.#bytes.writeInt8(value, this.#length);
    return this;
  }

  int16(value: number): this {
    this.#room(2);
    this.#length = this.#bytes.writeInt16BE(value, this.#length);
    return this;
  }

  int32(value: number): this {
    this.#room(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
    return this;
  }

  /** Offsets, times and ids are whole numbers within 2^53. */
  int64(value: number): this {
    this.#room(8);
    const high = Math.floor(value / 2 ** 32);
    this.#bytes.writeInt32BE(high, this.#length);
    this.#length = this.#bytes.writeUInt32BE(value - high * 2 ** 32, this.#length + 4);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  unsignedVarint(value: number): this {
    this.#room(5);
    for (; value > 0x7f; value >>>= 7) this.#bytes[this.#length++] = (value & 0x7f) | 0x80;
    this.#bytes[this.#length++] = value;
    return this;
  }

  string(value: string | null): this {
    return this.bytes(value === null ? null : utf8.encode(value));
  }

  /** Of versions that are not flexible, and of request headers. */
  plainString(value: string): this {
    const bytes = utf8.encode(value);
    return this.int16(bytes.length).#raw(bytes);
  }

  bytes(value: Uint8Array | null): this {
    if (value === null) return this.unsignedVarint(0);
    return this.unsignedVarint(value.length + 1).#raw(value);
  }

  /** As `bytes`, without a copy: they stay untouched until they are sent. */
  lentBytes(value: Uint8Array): this {
    this.unsignedVarint(value.length + 1);
    this.#seal();
    this.#parts.push(value);
    return this;
  }

  /** With the tagged fields that end each struct. */
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) {
      write(item);
      this.tags();
    }
    return this;
  }

  int32Array(items: readonly number[]): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) this.int32(item);
    return this;
  }

  /** The end of a struct: none of the tagged fields is ever used here. */
  tags(): this {
    return this.unsignedVarint(0);
  }

  /** All that was written, behind its own length, for which the first four bytes are there. */
  takeFrame(): readonly Uint8Array[] {
    this.#seal();
    const [first] = this.#parts;
    const sizeBytes = this.#parts.reduce((sum, { length }) => sum + length, 0);
    if (first !== undefined) new DataView(first.buffer, first.byteOffset).setInt32(0, sizeBytes - 4);
    return this.#parts;
  }

  #raw(value: Uint8Array): this {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  #seal(): void {
    if (this.#length > 0) this.#parts.push(this.#bytes.subarray(0, this.#length));
    this.#bytes = this.#bytes.subarray(this.#length);
    this.#length = 0;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more, 512));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
