// The keys at hand: a bounded cache over a key store, filled in one round trip a batch.
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import type { Rotation, Scheme } from "../../dsl/graph/job-graph.ts";
import type { KeyStore, Link, SubjectLink } from "./key-store.ts";
import { createLinkKeys, type DestroyableLinkKeys, type LinkKeys } from "./link-keys.ts";
import type { MasterKeys } from "./master-key.ts";

/** What the keys of an encrypt step are looked up by, beside the @key value. */
export interface KeySpace {
  readonly contract: string;
  readonly scheme: Scheme;
  readonly rotate: Rotation;
}

/** Keys that `resolve` shall bring: for a value of a space at a moment, or for a link by name. */
export type RingRequest =
  | {
      readonly kind: "value";
      readonly space: KeySpace;
      readonly value: string | null;
      readonly timeMs: number;
    }
  | { readonly kind: "link"; readonly keyLink: string };

/** Some 3 KiB a link with three purposes in use: at most about 300 MB would be too much, so the bound is well below. */
const defaultMaxLinks = 30_000;

export class KeyRing {
  readonly #store: KeyStore;
  readonly #master: MasterKeys;
  readonly #maxLinks: number;
  readonly #digestSecret: Uint8Array;
  /** 32 bytes for the nonces of events, the same for every runner of this store. */
  readonly nonceSecret: Uint8Array;
  /** In the order of their last use by a batch; the first are the first to go. */
  readonly #byLink = new Map<string, DestroyableLinkKeys>();
  /** Names of the links of a value, by space and value. */
  readonly #byValue = new Map<string, LinkKeys[]>();
  readonly #valueOf = new WeakMap<LinkKeys, string>();
  #created = 0;

  private constructor(
    store: KeyStore,
    master: MasterKeys,
    maxLinks: number,
    secrets: readonly [Uint8Array, Uint8Array],
  ) {
    this.#store = store;
    this.#master = master;
    this.#maxLinks = maxLinks;
    [this.#digestSecret, this.nonceSecret] = secrets;
  }

  /** Throws `keys.wrong-master-key` where the store was written under another; rewraps what an older key wrapped. */
  static async open(
    store: KeyStore,
    master: MasterKeys,
    { maxLinks = defaultMaxLinks }: { readonly maxLinks?: number } = {},
  ): Promise<KeyRing> {
    let old = false;
    const secret = async (name: string): Promise<Uint8Array> => {
      const wrapped = await store.setting(name, master.wrap(randomBytes(32)));
      old ||= !master.isCurrent(wrapped);
      return master.unwrap(wrapped);
    };
    const secrets = [await secret("digest_secret"), await secret("nonce_secret")] as const;
    if (old)
      await store.rewrap((wrapped) =>
        master.isCurrent(wrapped) ? wrapped : master.wrap(master.unwrap(wrapped)),
      );
    return new KeyRing(store, master, maxLinks, secrets);
  }

  /** Links that this ring made in the store. */
  get created(): number {
    return this.#created;
  }

  /** The keys of a value at a moment of event time, if they are at hand. */
  find(space: KeySpace, value: string | null, timeMs: number): LinkKeys | undefined {
    const windows = this.#byValue.get(cacheName(space, value));
    return windows?.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
  }

  /** The keys of a link, if they are at hand. */
  findLink(keyLink: string): LinkKeys | undefined {
    return this.#byLink.get(keyLink);
  }

  /**
   * The keys for each request, in order; undefined for a link that the store lacks. New links are durable when this resolves.
   * What is returned may be used until the next call: only then may keys that are not in use any more be let go.
   */
  async resolve(requests: readonly RingRequest[]): Promise<readonly (LinkKeys | undefined)[]> {
    this.#shrink();
    const values = requests.filter((request) => request.kind === "value");
    const names = requests.filter((request) => request.kind === "link");
    const links =
      values.length === 0
        ? []
        : await this.#store.links(
            values.map((request) => this.#linkRequest(request)),
            this.#newSecret,
          );
    const found = names.length === 0 ? [] : await this.#store.byName(names.map(({ keyLink }) => keyLink));
    let value = 0;
    let name = 0;
    return requests.map((request) => {
      if (request.kind === "link") {
        const link = found[name++];
        return link === undefined ? undefined : this.#keep(link);
      }
      const link = links[value++];
      if (link === undefined) throw new Error("the key store gave fewer links than it was asked for");
      if (link.created) this.#created++;
      return this.#keep(link, cacheName(request.space, request.value));
    });
  }

  /** Notes which links hold data of which @subject; the store sees keyed digests only. */
  async noteSubjects(
    subjects: readonly { readonly contract: string; readonly value: string; readonly keyLink: string }[],
  ): Promise<void> {
    const rows = subjects.map(
      ({ contract, value, keyLink }): SubjectLink => ({
        contract,
        digest: this.#digest("subject", contract, value),
        keyLink,
      }),
    );
    await this.#store.noteSubjects(rows);
  }

  /** The key links that hold data of a person, oldest window first. */
  linksOfSubject(contract: string, value: string): Promise<readonly string[]> {
    return this.#store.linksOfSubject(contract, this.#digest("subject", contract, value));
  }

  /** Removes the keys whose window closed more than `retainMs` before `nowMs`, from the store and from memory. */
  async purge(retainMs: number, nowMs: number): Promise<number> {
    const closedBeforeMs = nowMs - retainMs;
    for (const keys of [...this.#byLink.values()]) if (keys.endMs <= closedBeforeMs) this.#forget(keys);
    return await this.#store.purge(closedBeforeMs);
  }

  /** Overwrites the keys in memory and closes the store. */
  async close(): Promise<void> {
    for (const keys of this.#byLink.values()) keys.destroy();
    this.#byLink.clear();
    this.#byValue.clear();
    this.#digestSecret.fill(0);
    this.nonceSecret.fill(0);
    await this.#store.close();
  }

  #linkRequest({ space, value, timeMs }: Extract<RingRequest, { kind: "value" }>) {
    const digest =
      value === null
        ? this.#digest("no key", space.contract, "")
        : this.#digest("key", space.contract, value);
    return { ...space, digest, timeMs };
  }

  readonly #newSecret = () => {
    const secret = randomBytes(32);
    const wrappedSecret = this.#master.wrap(secret);
    secret.fill(0);
    return { keyLink: randomUUID(), wrappedSecret };
  };

  #digest(kind: "key" | "no key" | "subject", contract: string, value: string): Uint8Array {
    return createHmac("sha256", this.#digestSecret)
      .update(`${kind}\0${contract}\0`)
      .update(value, "utf8")
      .digest();
  }

  #keep(link: Link, name?: string): LinkKeys {
    const known = this.#byLink.get(link.keyLink);
    const keys = known ?? createLinkKeys(link, this.#master.unwrap(link.wrappedSecret));
    this.#byLink.delete(link.keyLink);
    this.#byLink.set(link.keyLink, keys);
    if (name !== undefined && !this.#valueOf.has(keys)) {
      this.#valueOf.set(keys, name);
      this.#byValue.set(name, [...(this.#byValue.get(name) ?? []), keys]);
    }
    return keys;
  }

  /** Lets the oldest go, a good part at once. Keys are not wiped here: a batch that is under way may still hold them. */
  #shrink(): void {
    if (this.#byLink.size <= this.#maxLinks) return;
    let surplus = this.#byLink.size - Math.floor(this.#maxLinks * 0.8);
    for (const keys of this.#byLink.values()) {
      if (surplus-- <= 0) break;
      this.#forget(keys);
    }
  }

  #forget(keys: LinkKeys): void {
    this.#byLink.delete(keys.keyLink);
    const name = this.#valueOf.get(keys);
    if (name === undefined) return;
    const rest = this.#byValue.get(name)?.filter((other) => other !== keys) ?? [];
    if (rest.length === 0) this.#byValue.delete(name);
    else this.#byValue.set(name, rest);
  }
}

/** No value can be taken for another: what stands before it is fixed by the program, and null has a mark of its own. */
function cacheName({ contract, scheme }: KeySpace, value: string | null): string {
  return value === null ? `${contract} ${scheme} -` : `${contract} ${scheme} +${value}`;
}
