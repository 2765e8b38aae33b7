// A key store in memory, for tests with more links than are worth writing to a disk. One window for each value, which never ends.
import type {
  KeyStore,
  KeyStoreCounts,
  Link,
  LinkRequest,
  NewSecret,
} from "../../runner/privacy/key-store.ts";

export class MemoryStore implements KeyStore {
  readonly #links = new Map<string, Link>();
  readonly #names = new Map<string, Link>();
  readonly #settings = new Map<string, Uint8Array>();

  async links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    return requests.map(({ contract, scheme, digest }) => {
      const name = `${contract} ${scheme} ${Buffer.from(digest).toString("latin1")}`;
      const known = this.#links.get(name);
      if (known !== undefined) return known;
      const window = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
      const link = { ...newSecret(), contract, scheme, ...window, created: false, rotated: false };
      this.#links.set(name, link);
      this.#names.set(link.keyLink, link);
      return { ...link, created: true };
    });
  }

  async byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    return keyLinks.map((keyLink) => this.#names.get(keyLink));
  }

  async setting(name: string, value: Uint8Array): Promise<Uint8Array> {
    const stored = this.#settings.get(name) ?? value;
    this.#settings.set(name, stored);
    return stored;
  }

  async counts(): Promise<KeyStoreCounts> {
    return { links: this.#links.size, subjects: 0 };
  }

  async noteSubjects(): Promise<void> {}

  async linksOfSubject(): Promise<readonly string[]> {
    return [];
  }

  async purge(): Promise<number> {
    return 0;
  }

  async rewrap(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}
}
