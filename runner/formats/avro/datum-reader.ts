// Walks a datum by its schema, within bounds: nothing that it says of itself is believed.
import type { AvroType } from "./avro-type.ts";
import { notAvro, Refusal } from "./refused.ts";

/** As deep as events may be nested in any format. */
const MAX_DEPTH = 64;

export class DatumReader {
  #bytes: Uint8Array;
  #at = 0;
  #depth = 0;
  readonly #maxDepth: number;

  constructor(bytes: Uint8Array, maxDepth = MAX_DEPTH) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
  }

  /** Goes to the start of other bytes. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#depth = 0;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Into a list, map or record. */
  enter(): void {
    if (++this.#depth > this.#maxDepth)
      throw new Refusal("event.too-deep", `The event is nested more than ${this.#maxDepth} levels deep.`);
  }

  leave(): void {
    this.#depth--;
  }

  /** Exact below 2^53; what is larger is larger than any bound that it is held against. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++, scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw notAvro("a number has too many bytes");
  }

  /** Exact. */
  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw notAvro("a number has too many bytes");
  }

  float(): number {
    const at = this.#at;
    this.pass(4);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 4).getFloat32(0, true);
  }

  /** Of a union's branches or an enum's symbols, of which there are `count`. */
  index(count: number): number {
    const index = this.number();
    if (index < 0 || index >= count) throw notAvro("an index is out of its schema's range");
    return index;
  }

  /**
   * The number of items that stand behind it; 0 ends the list or map. `sizeBytes`: the bytes that these take, where the datum says so, or
   * else -1. Each item is taken to have a byte at least, so that no few bytes can stand for endless many.
   */
  block(): { readonly count: number; readonly sizeBytes: number } {
    const given = this.number();
    const sizeBytes = given < 0 ? this.number() : -1;
    const count = Math.abs(given);
    if (count > this.left || sizeBytes > this.left || (given < 0 && sizeBytes < 0))
      throw notAvro("a list or map says that it is larger than the event");
    return { count, sizeBytes };
  }

  /** Passes a value of that type by. */
  skip(type: AvroType): void {
    switch (type.kind) {
      case "null":
        break;
      case "boolean":
        this.pass(1);
        break;
      case "int":
      case "long":
      case "enum":
        this.#passVarint();
        break;
      case "float":
        this.pass(4);
        break;
      case "double":
        this.pass(8);
        break;
      case "string":
      case "bytes":
        this.skipText();
        break;
      case "fixed":
        this.pass(type.sizeBytes);
        break;
      case "union": {
        const branch = type.branches[this.index(type.branches.length)];
        if (branch !== undefined) this.skip(branch);
        break;
      }
      case "array":
        this.#skipBlocks(type.items, false);
        break;
      case "map":
        this.#skipBlocks(type.values, true);
        break;
      case "record":
        this.enter();
        for (const field of type.fields) this.skip(field.type);
        this.leave();
    }
  }

  /** A text or bytes, as are a map's keys. */
  skipText(): void {
    this.pass(this.number());
  }

  /** The bytes of a text, or bytes. */
  text(): Uint8Array {
    const sizeBytes = this.number();
    this.pass(sizeBytes);
    return this.#bytes.subarray(this.#at - sizeBytes, this.#at);
  }

  pass(sizeBytes: number): void {
    if (sizeBytes < 0 || sizeBytes > this.left) throw notAvro("it ends too early");
    this.#at += sizeBytes;
  }

  #skipBlocks(items: AvroType, keyed: boolean): void {
    this.enter();
    for (;;) {
      const { count, sizeBytes } = this.block();
      if (count === 0) break;
      if (sizeBytes >= 0) {
        this.pass(sizeBytes);
        continue;
      }
      for (let i = 0; i < count; i++) {
        if (keyed) this.skipText();
        this.skip(items);
      }
    }
    this.leave();
  }

  #passVarint(): void {
    for (let i = 0; i < 10; i++) if (this.#byte() < 0x80) return;
    throw notAvro("a number has too many bytes");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw notAvro("it ends too early");
    return byte;
  }
}
