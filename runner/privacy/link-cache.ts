// The keys in memory: found by link and by value and moment, bounded, with those longest out of use let go first.
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import type { DestroyableLinkKeys, LinkKeys } from "./link-keys.ts";

/** A value's links, one a window: rarely more than two are in use. */
type Windows = Entry[];
type ByValue = Map<string | null, Windows>;

interface Entry {
  readonly keys: DestroyableLinkKeys;
  /** Where the entry stands among those of its value; absent where it was only asked for by name. */
  home?: { readonly values: ByValue; readonly value: string | null };
  /** Used since it last stood in line to be let go. */
  used: boolean;
}

/** What is let go is not overwritten: a batch that is under way may still seal with it. */
export class LinkCache {
  readonly #maxLinks: number;
  /** Oldest first, but for those that were spared since they are in use. */
  readonly #byLink = new Map<string, Entry>();
  readonly #byContract = new Map<string, Readonly<Record<Scheme, ByValue>>>();

  constructor(maxLinks: number) {
    this.#maxLinks = maxLinks;
  }

  get size(): number {
    return this.#byLink.size;
  }

  /** Called for every event: no text is put together and nothing is allocated. */
  find(contract: string, scheme: Scheme, value: string | null, timeMs: number): LinkKeys | undefined {
    const windows = this.#byContract.get(contract)?.[scheme].get(value);
    if (windows === undefined) return undefined;
    for (const entry of windows) {
      if (entry.keys.startMs > timeMs || timeMs >= entry.keys.endMs) continue;
      entry.used = true;
      return entry.keys;
    }
    return undefined;
  }

  findLink(keyLink: string): DestroyableLinkKeys | undefined {
    const entry = this.#byLink.get(keyLink);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.keys;
  }

  add(keys: DestroyableLinkKeys): void {
    this.#byLink.set(keys.keyLink, { keys, used: false });
  }

  /** From now on `find` knows a link that was added as one of the value's. */
  attach(keyLink: string, value: string | null): void {
    const entry = this.#byLink.get(keyLink);
    if (entry === undefined || entry.home !== undefined) return;
    const { contract, scheme } = entry.keys;
    const schemes = this.#byContract.get(contract) ?? { purpose_bound: new Map(), strm: new Map() };
    this.#byContract.set(contract, schemes);
    const values = schemes[scheme];
    const windows = values.get(value);
    if (windows === undefined) values.set(value, [entry]);
    else windows.push(entry);
    entry.home = { values, value };
  }

  /** Lets a fifth go where there are more than the bound. Whoever was used since the last time is spared once. */
  shrink(): void {
    if (this.#byLink.size <= this.#maxLinks) return;
    const kept = Math.floor(this.#maxLinks * 0.8);
    for (const [keyLink, entry] of this.#byLink) {
      if (this.#byLink.size <= kept) return;
      if (entry.used) {
        // To the end of the line; this loop meets it again if all others are in use too.
        entry.used = false;
        this.#byLink.delete(keyLink);
        this.#byLink.set(keyLink, entry);
      } else this.#remove(entry);
    }
  }

  /** Lets all go whose window closed at that moment or before. */
  removeClosed(closedBeforeMs: number): void {
    for (const entry of this.#byLink.values()) if (entry.keys.endMs <= closedBeforeMs) this.#remove(entry);
  }

  /** Overwrites all keys. */
  destroy(): void {
    for (const { keys } of this.#byLink.values()) keys.destroy();
    this.#byLink.clear();
    this.#byContract.clear();
  }

  #remove(entry: Entry): void {
    this.#byLink.delete(entry.keys.keyLink);
    if (entry.home === undefined) return;
    const { values, value } = entry.home;
    const rest = values.get(value)?.filter((other) => other !== entry) ?? [];
    if (rest.length === 0) values.delete(value);
    else values.set(value, rest);
  }
}
