// Finds which of a few known names a span of bytes is.

export class NameTable {
  private readonly names: readonly Uint8Array[];
  private readonly buckets = new Map<number, number[]>();

  constructor(names: readonly string[]) {
    this.names = names.map((name) => Buffer.from(name));
    this.names.forEach((name, index) => {
      const hash = hashOf(name, 0, name.length);
      this.buckets.set(hash, [...(this.buckets.get(hash) ?? []), index]);
    });
  }

  /** The index of the name `bytes[start, end)`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const bucket = this.buckets.get(hashOf(bytes, start, end));
    if (bucket === undefined) return -1;
    for (const index of bucket) {
      if (sameBytes(this.names[index]!, bytes, start, end)) return index;
    }
    return -1;
  }
}

/** True where `bytes[start, end)` equals `name`. */
export function sameBytes(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== bytes[start + i]) return false;
  }
  return true;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  // Length, first and last byte: enough to tell the names of one record apart, and cheap.
  return (end - start) * 0x1_0000 + bytes[start]! * 0x100 + bytes[end - 1]!;
}
