// Reads the types of Kafka's protocol in the forms of its flexible versions (KIP-482).

/** Reading past the end throws a RangeError: the answer is not what its version promises. */
export class WireReader {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int8(): number {
    return this.bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#skip(4));
  }

  /** Offsets, times and ids are whole numbers within 2^53. */
  int64(): number {
    const at = this.#skip(8);
    return this.bytes.readInt32BE(at) * 2 ** 32 + this.bytes.readUInt32BE(at + 4);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes.readUInt8(this.#skip(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a length has more than five bytes");
  }

  string(): string {
    return this.nullableString() ?? "";
  }

  nullableString(): string | null {
    return this.nullableBytes()?.toString("utf8") ?? null;
  }

  /** A view. */
  nullableBytes(): Buffer | null {
    const length = this.unsignedVarint();
    return length === 0 ? null : this.#view(length - 1);
  }

  /** Of structs, with the tagged fields that end each; empty where it is null. */
  array<T>(read: () => T): T[] {
    return this.#items(() => {
      const item = read();
      this.tags();
      return item;
    });
  }

  int32Array(): number[] {
    return this.#items(() => this.int32());
  }

  /** Passes over the end of a struct: what newer brokers add there is not needed. */
  tags(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.#view(this.unsignedVarint());
    }
  }

  #items<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.unsignedVarint() - 1; count > 0; count--) items.push(read());
    return items;
  }

  #view(length: number): Buffer {
    const at = this.#skip(length);
    if (this.position > this.bytes.length) throw new RangeError("the answer ends within a field");
    return this.bytes.subarray(at, at + length);
  }

  #skip(length: number): number {
    const at = this.position;
    this.position += length;
    return at;
  }
}
