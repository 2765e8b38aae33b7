// What a key ring remembers: links by value and by name, and which subjects are noted; bounded, and without a value in clear.
import type { LinkSecret } from "../kernel/kernel.ts";
import { FINGERPRINT_WORDS, Fingerprints } from "./fingerprint.ts";
import { FingerprintSet } from "./fingerprint-set.ts";
import type { RingRequest } from "./key-ring.ts";
import { LinkTable } from "./link-table.ts";

/** Pairs of subject and link; 21 bytes each. */
const NOTED_SLOTS = 1 << 16;
/** The tag of links that were asked for by name. */
const BY_NAME = 0;

export class LinkMemory {
  readonly #table: LinkTable;
  readonly #prints = new Fingerprints();
  readonly #print = new Int32Array(FINGERPRINT_WORDS);
  readonly #noted = new FingerprintSet(NOTED_SLOTS);
  /** By contract and scheme. */
  readonly #tags = new Map<string, number>();

  constructor(maxLinks: number) {
    this.#table = new LinkTable(maxLinks, 0, () => {});
  }

  begin(): void {
    this.#table.begin();
  }

  find(request: RingRequest): LinkSecret | undefined {
    const tag = this.#look(request);
    const row =
      request.kind === "link"
        ? this.#table.findNamed(tag, this.#print)
        : this.#table.find(tag, this.#print, request.timeMs);
    return row < 0 ? undefined : this.#table.link(row);
  }

  /** Remembers the answer to a request; its secret is copied. */
  add(request: RingRequest, link: LinkSecret): void {
    if (this.find(request) === undefined) this.#table.add(this.#look(request), this.#print, link);
  }

  isNoted(contract: string, value: string, keyLink: string): boolean {
    this.#take(`${contract}\0${keyLink}\0${value}`);
    return this.#noted.has(this.#print, 0);
  }

  note(contract: string, value: string, keyLink: string): void {
    this.#take(`${contract}\0${keyLink}\0${value}`);
    this.#noted.add(this.#print, 0);
  }

  /** Overwrites the links whose window closed at that moment or before. */
  forget(closedBeforeMs: number): void {
    this.#table.removeClosed(closedBeforeMs);
  }

  /** Overwrites all. */
  clear(): void {
    this.#table.clear();
    this.#noted.clear();
  }

  /** The tag of a request; what it asks for stands in `#print` then. */
  #look(request: RingRequest): number {
    if (request.kind === "link") {
      this.#take(request.keyLink);
      return BY_NAME;
    }
    const { contract, scheme } = request.space;
    this.#take(request.value === null ? "-" : `+${request.value}`);
    const name = `${scheme} ${contract}`;
    const known = this.#tags.get(name);
    if (known !== undefined) return known;
    this.#tags.set(name, this.#tags.size + 1);
    return this.#tags.size;
  }

  #take(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.#prints.take(bytes, 0, bytes.length, this.#print);
  }
}
