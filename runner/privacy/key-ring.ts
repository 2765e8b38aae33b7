// The keys at hand: a bounded cache over a key store, filled in one round trip a batch.
import { createHmac, createSecretKey, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import type { Rotation, Scheme } from "../../dsl/graph/job-graph.ts";
import type { KeyStore, Link, SubjectLink } from "./key-store.ts";
import { LinkCache } from "./link-cache.ts";
import { createLinkKeys, type LinkKeys } from "./link-keys.ts";
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

/** A link with three purposes in use takes 4 to 8 KiB, so this is at most 80 MiB for keys. */
const DEFAULT_MAX_LINKS = 10_000;
/** How many noted pairs of subject and link are remembered, so that they are not written with every batch. */
const MAX_NOTED = 50_000;

export class KeyRing {
  readonly #store: KeyStore;
  readonly #master: MasterKeys;
  readonly #cache: LinkCache;
  readonly #noted = new Set<string>();
  readonly #digestSecret: Uint8Array;
  readonly #digestKey: KeyObject;
  /** 32 bytes for the nonces of events, the same for every runner of this store. */
  readonly nonceSecret: Uint8Array;
  #created = 0;

  private constructor(store: KeyStore, master: MasterKeys, maxLinks: number, secrets: RingSecrets) {
    this.#store = store;
    this.#master = master;
    this.#cache = new LinkCache(maxLinks);
    this.#digestSecret = secrets.digest;
    this.#digestKey = createSecretKey(secrets.digest);
    this.nonceSecret = secrets.nonce;
  }

  /**
   * Throws `keys.wrong-master-key` where the store was written under another. While older keys are given too, every start looks
   * for what they wrapped and wraps it anew: also what a runner that did not know the new key yet has added since.
   */
  static async open(
    store: KeyStore,
    master: MasterKeys,
    { maxLinks = DEFAULT_MAX_LINKS }: { readonly maxLinks?: number } = {},
  ): Promise<KeyRing> {
    const secret = async (name: string): Promise<Uint8Array> =>
      master.unwrap(await store.setting(name, master.wrap(randomBytes(32))));
    const secrets = { digest: await secret("digest_secret"), nonce: await secret("nonce_secret") };
    if (master.hasOlder) await store.rewrap((wrapped) => master.rewrap(wrapped));
    return new KeyRing(store, master, maxLinks, secrets);
  }

  /** Links that this ring made in the store. */
  get created(): number {
    return this.#created;
  }

  /** The keys of a value at a moment of event time, if they are at hand. Cheap enough for every event. */
  find({ contract, scheme }: KeySpace, value: string | null, timeMs: number): LinkKeys | undefined {
    return this.#cache.find(contract, scheme, value, timeMs);
  }

  /** The keys of a link, if they are at hand. */
  findLink(keyLink: string): LinkKeys | undefined {
    return this.#cache.findLink(keyLink);
  }

  /**
   * The keys for each request, in order; undefined for a link that the store lacks. New links are durable when this resolves.
   * A link that the store lacks is asked for again each time: another runner may have made it meanwhile.
   */
  async resolve(requests: readonly RingRequest[]): Promise<readonly (LinkKeys | undefined)[]> {
    this.#cache.shrink();
    const values = requests.filter((request) => request.kind === "value");
    const names = requests.filter((request) => request.kind === "link");
    // Secrets of links that are made now, so that they need not be unwrapped right after they were wrapped.
    const fresh = new Map<string, Uint8Array>();
    const wanted = values.map((request) => this.#linkRequest(request));
    const links = wanted.length === 0 ? [] : await this.#store.links(wanted, () => this.#newSecret(fresh));
    const found = names.length === 0 ? [] : await this.#store.byName(names.map(({ keyLink }) => keyLink));
    let value = 0;
    let name = 0;
    return requests.map((request) => {
      if (request.kind === "link") {
        const link = found[name++];
        return link === undefined ? undefined : this.#keep(link, fresh);
      }
      const link = links[value++];
      if (link === undefined) throw new Error("the key store gave fewer links than it was asked for");
      if (link.created) this.#created++;
      const keys = this.#keep(link, fresh);
      this.#cache.attach(link.keyLink, request.value);
      return keys;
    });
  }

  /** Notes which links hold data of which @subject; the store sees keyed digests only. */
  async noteSubjects(
    subjects: readonly { readonly contract: string; readonly value: string; readonly keyLink: string }[],
  ): Promise<void> {
    const rows: SubjectLink[] = [];
    const noted: string[] = [];
    for (const { contract, value, keyLink } of subjects) {
      const digest = this.#digest("subject", contract, value);
      const mark = `${keyLink}${digest.toString("base64")}`;
      if (this.#noted.has(mark)) continue;
      rows.push({ contract, digest, keyLink });
      noted.push(mark);
    }
    if (rows.length === 0) return;
    await this.#store.noteSubjects(rows);
    if (this.#noted.size + noted.length > MAX_NOTED) this.#noted.clear();
    for (const mark of noted) this.#noted.add(mark);
  }

  /** The key links that hold data of a person, oldest window first. */
  linksOfSubject(contract: string, value: string): Promise<readonly string[]> {
    return this.#store.linksOfSubject(contract, this.#digest("subject", contract, value));
  }

  /** Removes the keys whose window closed more than `retainMs` before `nowMs`, from the store and from memory. */
  async purge(retainMs: number, nowMs: number): Promise<number> {
    const closedBeforeMs = nowMs - retainMs;
    this.#cache.removeClosed(closedBeforeMs);
    return await this.#store.purge(closedBeforeMs);
  }

  /** Overwrites the keys in memory and closes the store. */
  async close(): Promise<void> {
    this.#cache.destroy();
    this.#noted.clear();
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

  #newSecret(fresh: Map<string, Uint8Array>) {
    const secret = new Uint8Array(randomBytes(32));
    const keyLink = randomUUID();
    fresh.set(keyLink, secret);
    return { keyLink, wrappedSecret: this.#master.wrap(secret) };
  }

  /** Neither kind nor contract holds a NUL, so that no two of these texts are alike. */
  #digest(kind: "key" | "no key" | "subject", contract: string, value: string): Buffer {
    return createHmac("sha256", this.#digestKey).update(`${kind}\0${contract}\0${value}`, "utf8").digest();
  }

  #keep(link: Link, fresh: ReadonlyMap<string, Uint8Array>): LinkKeys {
    const known = this.#cache.findLink(link.keyLink);
    if (known !== undefined) return known;
    // A copy, since a small array of its own takes far less room than a Buffer.
    const secret = fresh.get(link.keyLink) ?? new Uint8Array(this.#master.unwrap(link.wrappedSecret));
    const keys = createLinkKeys(link, secret);
    this.#cache.add(keys);
    return keys;
  }
}

interface RingSecrets {
  readonly digest: Uint8Array;
  readonly nonce: Uint8Array;
}
