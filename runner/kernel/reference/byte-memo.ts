// Remembers what was made of a span of bytes, so that values which come again and again are read once. Bounded.
import { sameBytes } from "./name-table.ts";

interface Entry<T> {
  readonly name: Uint8Array;
  readonly value: T;
}

/** Longer spans are not remembered: the bound on entries has to be one on memory too. */
const spanBytesMax = 128;

export class ByteMemo<T> {
  private readonly slots: (Entry<T> | undefined)[];
  private readonly mask: number;
  private readonly seed = (Math.random() * 0x1_0000_0000) | 0;
  private count = 0;

  /** `entries` is rounded up to a power of two; when three quarters are taken, all is forgotten. */
  constructor(entries: number) {
    const size = 2 ** Math.ceil(Math.log2(entries));
    this.slots = new Array(size).fill(undefined);
    this.mask = size - 1;
  }

  get(bytes: Uint8Array, start: number, end: number): T | undefined {
    for (let slot = this.slotOf(bytes, start, end); ; slot = (slot + 1) & this.mask) {
      const entry = this.slots[slot];
      if (entry === undefined || sameBytes(entry.name, bytes, start, end)) return entry?.value;
    }
  }

  /** Remembers what `get` did not know; returns the value. */
  add(bytes: Uint8Array, start: number, end: number, value: T): T {
    if (end - start > spanBytesMax) return value;
    if (++this.count > (this.slots.length * 3) / 4) {
      this.slots.fill(undefined);
      this.count = 1;
    }
    let slot = this.slotOf(bytes, start, end);
    while (this.slots[slot] !== undefined) slot = (slot + 1) & this.mask;
    this.slots[slot] = { name: bytes.slice(start, end), value };
    return value;
  }

  private slotOf(bytes: Uint8Array, start: number, end: number): number {
    // FNV-1a with a basis of our own, so that nobody can prepare values that all fall into one slot.
    let hash = this.seed;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & this.mask;
  }
}
