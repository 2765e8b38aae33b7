// Remembers which version of each object was read, in some 30 bytes an object.
import { hash } from "node:crypto";
import type { StoredObject } from "./store.ts";

type Versioned = Pick<StoredObject, "key" | "version">;

const KEY_BYTES = 12;
const VERSION_BYTES = 6;
/** Of a print: what `printOf` makes. */
export const PRINT_BYTES = KEY_BYTES + VERSION_BYTES;
const WORDS = KEY_BYTES / 4;
const FEWEST_SLOTS = 1024;
const NONE = -1;

/** Digests of key and version: nobody can find two keys that are taken for one. */
export function printOf({ key, version }: Versioned): Buffer {
  const digestOf = (text: string, sizeBytes: number) => hash("sha256", text, "buffer").subarray(0, sizeBytes);
  return Buffer.concat([digestOf(key, KEY_BYTES), digestOf(version, VERSION_BYTES)]);
}

export class VersionTable {
  #keys = new Uint32Array(FEWEST_SLOTS * WORDS);
  #versions = new Float64Array(FEWEST_SLOTS).fill(NONE);
  #count = 0;

  /** `other`: the key is known with another version. */
  compare(print: Buffer): "none" | "same" | "other" {
    const known = this.#versions[this.#find(wordsOf(print))];
    if (known === undefined || known === NONE) return "none";
    return known === versionOf(print) ? "same" : "other";
  }

  /** Takes the place of another version. */
  set(print: Buffer): void {
    if ((this.#count + 1) * 4 > this.#versions.length * 3) this.#grow();
    const words = wordsOf(print);
    const slot = this.#find(words);
    if (this.#versions[slot] === NONE) this.#count++;
    this.#keys.set(words, slot * WORDS);
    this.#versions[slot] = versionOf(print);
  }

  #grow(): void {
    const [keys, versions] = [this.#keys, this.#versions];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#versions = new Float64Array(versions.length * 2).fill(NONE);
    versions.forEach((version, from) => {
      if (version === NONE) return;
      const words = keys.subarray(from * WORDS, (from + 1) * WORDS);
      const slot = this.#find(words);
      this.#keys.set(words, slot * WORDS);
      this.#versions[slot] = version;
    });
  }

  /** The slot where the key is, or would go. */
  #find(words: Uint32Array): number {
    const mask = this.#versions.length - 1;
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      if (this.#versions[slot] === NONE) return slot;
      if (words.every((word, i) => this.#keys[slot * WORDS + i] === word)) return slot;
    }
  }
}

function wordsOf(print: Buffer): Uint32Array {
  return Uint32Array.from({ length: WORDS }, (_, i) => print.readUInt32LE(i * 4));
}

function versionOf(print: Buffer): number {
  return print.readUIntLE(KEY_BYTES, VERSION_BYTES);
}
