// Key links in memory: found by value and window or by name, bounded, those longest out of use let go and overwritten.
import type { LinkSecret } from "../kernel/kernel.ts";
import { FINGERPRINT_WORDS } from "./fingerprint.ts";

/** A link's row in 32-bit words; the window is two doubles. Behind these stands what the owner keeps beside a link. */
const field = {
  startMs: 0,
  endMs: 2,
  /** What the link was asked for by, plus one; 0: the row is free. */
  tag: 4,
  /** The next row with the same hash, or the next free one, plus one. */
  next: 5,
  /** The batch that used it last. */
  batch: 6,
  /** 1: another batch than the one that brought it used it since it was last considered for being let go. */
  used: 7,
  serial: 8,
  print: 9,
  keyLink: 9 + FINGERPRINT_WORDS,
  secret: 9 + FINGERPRINT_WORDS + 9,
} as const;

/** Words of a row before those of its owner. */
export const LINK_WORDS = field.secret + 8;
/** A key link is a UUID in lowercase. */
export const KEY_LINK_BYTES = 36;

/** Rows come and go by pages, so that growing copies no secret. */
const PAGE_ROWS = 256;

/** Rows in one buffer, seen in three ways. */
export interface Page {
  readonly words: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Links are told apart by a tag (who asks) and a fingerprint (of what). One that the batch under way uses stays, so a batch with
 * more links than the bound exceeds it until the next one begins.
 */
export class LinkTable {
  readonly #maxLinks: number;
  readonly #width: number;
  readonly #removed: (row: number) => void;
  #pages: Page[] = [];
  readonly #heads: Int32Array;
  /** Rows that were ever in use. */
  #rows = 0;
  /** First free one among them, plus one. */
  #free = 0;
  #hand = 0;
  #batch = 0;
  /** The batch under way uses all there are: there is no use in looking for one to let go. */
  #crowded = false;
  #serial = 0;

  /** `ownWords`: kept beside each link, zero at first; `removed` is told before a row is overwritten. */
  constructor(maxLinks: number, ownWords: number, removed: (row: number) => void) {
    this.#maxLinks = maxLinks;
    // Even, so that each row's doubles are aligned.
    this.#width = (LINK_WORDS + ownWords + 1) & ~1;
    this.#removed = removed;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(maxLinks, 64))));
  }

  /** Bytes that a link takes, its share of the index included. */
  get linkBytes(): number {
    return 4 * (this.#width + this.#heads.length / this.#maxLinks);
  }

  /** A new batch: what the one before used may be let go. */
  begin(): void {
    this.#batch = (this.#batch + 1) | 0;
    this.#crowded = false;
    if (this.#rows <= this.#maxLinks) return;
    for (let row = this.#maxLinks; row < this.#rows; row++) if (this.#tag(row) !== 0) this.#remove(row);
    this.#rows = this.#maxLinks;
    this.#pages.length = Math.ceil(this.#rows / PAGE_ROWS);
  }

  /** The row of the link whose window contains the moment, or -1. */
  find(tag: number, print: Int32Array, timeMs: number): number {
    for (let row = this.#heads[this.#slot(tag, print)]! - 1; row >= 0; ) {
      const { words, doubles } = this.page(row);
      const base = this.base(row);
      const window = base >> 1;
      if (
        isSame(words, base, tag, print) &&
        doubles[window + field.startMs / 2]! <= timeMs &&
        timeMs < doubles[window + field.endMs / 2]!
      ) {
        return this.#use(row);
      }
      row = words[base + field.next]! - 1;
    }
    return -1;
  }

  /** The row of a link that was asked for by name, or -1: whatever its window. */
  findNamed(tag: number, print: Int32Array): number {
    for (let row = this.#heads[this.#slot(tag, print)]! - 1; row >= 0; ) {
      const { words } = this.page(row);
      const base = this.base(row);
      if (isSame(words, base, tag, print)) return this.#use(row);
      row = words[base + field.next]! - 1;
    }
    return -1;
  }

  /** Takes a link up that `find` does not know; its secret is copied. Throws where its name is no UUID. */
  add(tag: number, print: Int32Array, link: LinkSecret): number {
    if (!/^[0-9a-f-]{36}$/.test(link.keyLink)) throw new Error("A key link's name must be a UUID.");
    const row = this.#freeRow();
    const { words, doubles, bytes } = this.page(row);
    const base = this.base(row);
    doubles[base / 2 + field.startMs / 2] = link.startMs;
    doubles[base / 2 + field.endMs / 2] = link.endMs;
    words[base + field.tag] = tag + 1;
    this.#serial = (this.#serial + 1) | 0;
    words[base + field.serial] = this.#serial;
    words.set(print, base + field.print);
    const name = this.keyLinkAt(row);
    for (let i = 0; i < KEY_LINK_BYTES; i++) bytes[name + i] = link.keyLink.charCodeAt(i);
    bytes.set(link.secret, this.secretAt(row));
    const slot = this.#slot(tag, print);
    words[base + field.next] = this.#heads[slot]!;
    this.#heads[slot] = row + 1;
    // Not used yet: where all are, a lap of the hand would take what every batch needs for what none has needed since.
    words[base + field.batch] = this.#batch;
    return row;
  }

  page(row: number): Page {
    return this.#pages[Math.floor(row / PAGE_ROWS)]!;
  }

  /** Where the row's words start in its page. */
  base(row: number): number {
    return (row % PAGE_ROWS) * this.#width;
  }

  /** Where the owner's words start. */
  ownAt(row: number): number {
    return this.base(row) + LINK_WORDS;
  }

  /** Where the key link's 36 bytes of ASCII start in the page's `bytes`. */
  keyLinkAt(row: number): number {
    return 4 * (this.base(row) + field.keyLink);
  }

  /** Where the 32 bytes of the root secret start. */
  secretAt(row: number): number {
    return 4 * (this.base(row) + field.secret);
  }

  /** Another one for each link that was ever added, so that a row that changed hands can be told. */
  serial(row: number): number {
    return this.page(row).words[this.base(row) + field.serial]!;
  }

  keyLink(row: number): string {
    const at = this.keyLinkAt(row);
    return Buffer.from(this.page(row).bytes.buffer, at, KEY_LINK_BYTES).toString("latin1");
  }

  /** The link as data; its secret is a copy. */
  link(row: number): LinkSecret {
    const { doubles, bytes } = this.page(row);
    const window = this.base(row) / 2;
    const secret = this.secretAt(row);
    return {
      keyLink: this.keyLink(row),
      startMs: doubles[window + field.startMs / 2]!,
      endMs: doubles[window + field.endMs / 2]!,
      secret: bytes.slice(secret, secret + 32),
    };
  }

  /** Overwrites the links whose window closed at that moment or before. */
  removeClosed(closedBeforeMs: number): void {
    for (let row = 0; row < this.#rows; row++) {
      const endMs = this.page(row).doubles[this.base(row) / 2 + field.endMs / 2]!;
      if (this.#tag(row) !== 0 && endMs <= closedBeforeMs) this.#remove(row);
    }
  }

  /** Overwrites all. */
  clear(): void {
    for (let row = 0; row < this.#rows; row++) if (this.#tag(row) !== 0) this.#remove(row);
    this.#rows = 0;
    this.#free = 0;
    this.#hand = 0;
    this.#pages = [];
  }

  #slot(tag: number, print: Int32Array): number {
    return (print[0]! ^ Math.imul(tag, 0x9e3779b1)) & (this.#heads.length - 1);
  }

  #tag(row: number): number {
    return this.page(row).words[this.base(row) + field.tag]!;
  }

  #use(row: number): number {
    const { words } = this.page(row);
    const base = this.base(row);
    if (words[base + field.batch] === this.#batch) return row;
    words[base + field.batch] = this.#batch;
    words[base + field.used] = 1;
    return row;
  }

  #freeRow(): number {
    if (this.#free === 0 && this.#rows >= this.#maxLinks && !this.#crowded) this.#letGo();
    const row = this.#free - 1;
    if (row >= 0) {
      const { words } = this.page(row);
      this.#free = words[this.base(row) + field.next]!;
      return row;
    }
    if (this.#rows === this.#pages.length * PAGE_ROWS) this.#pages.push(newPage(PAGE_ROWS * this.#width));
    return this.#rows++;
  }

  /** Removes one link, if there is any that the batch does not use. One that was used since the last time is spared once. */
  #letGo(): void {
    for (let steps = 2 * this.#maxLinks; steps > 0; steps--) {
      const row = this.#hand;
      this.#hand = row + 1 < this.#maxLinks ? row + 1 : 0;
      const { words } = this.page(row);
      const base = this.base(row);
      if (words[base + field.batch] === this.#batch) continue;
      if (words[base + field.used] === 0) {
        this.#remove(row);
        return;
      }
      words[base + field.used] = 0;
    }
    this.#crowded = true;
  }

  #remove(row: number): void {
    this.#removed(row);
    const { words } = this.page(row);
    const base = this.base(row);
    this.#unlink(row, words, base);
    words.fill(0, base, base + this.#width);
    // Rows beyond the bound go with their pages.
    if (row >= this.#maxLinks) return;
    words[base + field.next] = this.#free;
    this.#free = row + 1;
  }

  #unlink(row: number, words: Int32Array, base: number): void {
    const slot = this.#slot(words[base + field.tag]! - 1, words.subarray(base + field.print));
    const next = words[base + field.next]!;
    if (this.#heads[slot] === row + 1) {
      this.#heads[slot] = next;
      return;
    }
    for (let before = this.#heads[slot]! - 1; before >= 0; ) {
      const at = this.base(before) + field.next;
      const page = this.page(before).words;
      if (page[at] === row + 1) {
        page[at] = next;
        return;
      }
      before = page[at]! - 1;
    }
  }
}

function newPage(words: number): Page {
  const buffer = new ArrayBuffer(4 * words);
  return {
    words: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    bytes: new Uint8Array(buffer),
  };
}

function isSame(words: Int32Array, base: number, tag: number, print: Int32Array): boolean {
  const at = base + field.print;
  return (
    words[at] === print[0] &&
    words[at + 1] === print[1] &&
    words[at + 2] === print[2] &&
    words[at + 3] === print[3] &&
    words[base + field.tag] === tag + 1
  );
}
