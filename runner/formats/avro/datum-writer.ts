// The bytes of a datum in the making, in memory that is used again and has a bound.
import { Refusal } from "./refused.ts";

export class DatumWriter {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(1024);
  #used = 0;

  /** Throws a refusal where a datum would get larger than that. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A datum begins. */
  begin(): void {
    this.#used = 0;
  }

  get sizeBytes(): number {
    return this.#used;
  }

  /** What was written, in memory of its own. */
  taken(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.#used));
  }

  put(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#room(to - from);
    // Few bytes are copied fastest one by one.
    if (to - from > 16) this.#bytes.set(bytes.subarray(from, to), this.#used);
    else for (let i = from, at = this.#used; i < to; i++, at++) this.#bytes[at] = bytes[i] ?? 0;
    this.#used += to - from;
  }

  float(value: number): void {
    this.#room(4);
    this.#used = this.#bytes.writeFloatLE(value, this.#used);
  }

  double(value: number): void {
    this.#room(8);
    this.#used = this.#bytes.writeDoubleLE(value, this.#used);
  }

  /** Not negative. */
  count(value: number): void {
    this.#room(10);
    let rest = value * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#used++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#used++] = rest;
  }

  /** Puts the parts of what was written since `start` into another order; part i ends at `ends[i]`. */
  reorder(start: number, ends: readonly number[], order: readonly number[]): void {
    const parts = Buffer.from(this.#bytes.subarray(start, this.#used));
    let at = start;
    for (const part of order) {
      const from = part === 0 ? start : (ends[part - 1] ?? start);
      at += parts.copy(this.#bytes, at, from - start, (ends[part] ?? from) - start);
    }
  }

  #room(sizeBytes: number): void {
    const needed = this.#used + sizeBytes;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#maxBytes)
      throw new Refusal(
        "event.too-large",
        "The event is larger than `max_event` allows, once it is read by the contract.",
      );
    const grown = Buffer.alloc(
      Math.min(Math.max(needed, this.#bytes.length * 2), Math.max(this.#maxBytes, needed)),
    );
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
