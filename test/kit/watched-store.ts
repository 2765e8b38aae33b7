// A key store that notes what it is asked for, in front of another one.
import type {
  KeyStore,
  KeyStoreCounts,
  Link,
  LinkRequest,
  NewSecret,
  SubjectLink,
} from "../../runner/privacy/key-store.ts";

/** One call: what it was, and how many it asked for. */
export interface Asked {
  readonly method: "links" | "byName" | "noteSubjects";
  readonly count: number;
}

export class WatchedStore implements KeyStore {
  readonly #store: KeyStore;
  #asked: Asked[] = [];

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** What was asked since the last time. */
  take(): readonly Asked[] {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    this.#asked.push({ method: "links", count: requests.length });
    return this.#store.links(requests, newSecret);
  }

  byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    this.#asked.push({ method: "byName", count: keyLinks.length });
    return this.#store.byName(keyLinks);
  }

  noteSubjects(subjects: readonly SubjectLink[]): Promise<void> {
    this.#asked.push({ method: "noteSubjects", count: subjects.length });
    return this.#store.noteSubjects(subjects);
  }

  linksOfSubject(contract: string, digest: Uint8Array): Promise<readonly string[]> {
    return this.#store.linksOfSubject(contract, digest);
  }

  purge(closedBeforeMs: number): Promise<number> {
    return this.#store.purge(closedBeforeMs);
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
