// Counts what a run asks of its key stores, by kind: how often, how often in vain, and how long it took.
import type {
  KeyStore,
  KeyStoreCounts,
  Link,
  LinkRequest,
  NewSecret,
  SubjectLink,
} from "../privacy/key-store.ts";
import type { KeyCalls } from "./events.ts";

export class KeyCallSums {
  readonly #sums = new Map<KeyCalls["call"], { calls: number; failed: number; tookMs: number }>();

  async count<T>(call: KeyCalls["call"], work: () => Promise<T>): Promise<T> {
    const sum = this.#sums.get(call) ?? { calls: 0, failed: 0, tookMs: 0 };
    this.#sums.set(call, sum);
    const startMs = performance.now();
    sum.calls++;
    try {
      return await work();
    } catch (error) {
      sum.failed++;
      throw error;
    } finally {
      sum.tookMs += performance.now() - startMs;
    }
  }

  sums(): readonly KeyCalls[] {
    return [...this.#sums].map(([call, { calls, failed, tookMs }]) => ({
      call,
      calls,
      failed,
      took_ms: Math.round(tookMs),
    }));
  }
}

/** A key store whose calls are counted: those of a run that goes on, and not those by which it is opened. */
export class CountedStore implements KeyStore {
  readonly #store: KeyStore;
  readonly #sums: KeyCallSums;

  constructor(store: KeyStore, sums: KeyCallSums) {
    this.#store = store;
    this.#sums = sums;
  }

  links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    return this.#sums.count("find_or_make", () => this.#store.links(requests, newSecret));
  }

  byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    return this.#sums.count("find", () => this.#store.byName(keyLinks));
  }

  noteSubjects(subjects: readonly SubjectLink[]): Promise<void> {
    return this.#sums.count("note_subjects", () => this.#store.noteSubjects(subjects));
  }

  purge(closedBeforeMs: number): Promise<number> {
    return this.#sums.count("purge", () => this.#store.purge(closedBeforeMs));
  }

  linksOfSubject(contract: string, digest: Uint8Array): Promise<readonly string[]> {
    return this.#store.linksOfSubject(contract, digest);
  }

  setting(name: string, value: Uint8Array): Promise<Uint8Array> {
    return this.#store.setting(name, value);
  }

  rewrap(change: (wrapped: Uint8Array) => Uint8Array): Promise<number> {
    return this.#store.rewrap(change);
  }

  counts(): Promise<KeyStoreCounts> {
    return this.#store.counts();
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
