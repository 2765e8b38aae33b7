// The keys of one store: what its links' secrets are, resolved in one round trip a batch, with a bounded table in front.
import { randomBytes, randomUUID } from "node:crypto";
import type { Rotation, Scheme } from "../../dsl/graph/job-graph.ts";
import type { LinkSecret } from "../kernel/kernel.ts";
import { Digests } from "./digests.ts";
import type { KeyStore, KeyStoreCounts, Link, LinkRequest, SubjectLink } from "./key-store.ts";
import { LinkMemory } from "./link-memory.ts";
import type { MasterKeys } from "./master-key.ts";
import { randomBytesPooled } from "./random.ts";

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

type ValueRequest = Extract<RingRequest, { kind: "value" }>;

/** A link takes about 140 bytes here, so this is at most 18 MiB; fewer would send a pipeline with 100,000 live sessions to the store for each. */
const DEFAULT_MAX_LINKS = 131_072;

export class KeyRing {
  readonly #store: KeyStore;
  readonly #master: MasterKeys;
  readonly #memory: LinkMemory;
  readonly #digests: Digests;
  /** 32 bytes for the nonces of events, the same for every runner of this store. */
  readonly nonceSecret: Uint8Array;
  #created = 0;
  #rotated = 0;

  private constructor(store: KeyStore, master: MasterKeys, maxLinks: number, secrets: RingSecrets) {
    this.#store = store;
    this.#master = master;
    this.#memory = new LinkMemory(maxLinks);
    this.#digests = new Digests(secrets.digest);
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

  /** Of these, those of values whose earlier window the store held. */
  get rotated(): number {
    return this.#rotated;
  }

  /**
   * A link for each request, in order; undefined for one by name that the store lacks. New links are durable when this resolves.
   * A link that the store lacks is asked for again each time: another runner may have made it meanwhile.
   */
  async resolve(requests: readonly RingRequest[]): Promise<readonly (LinkSecret | undefined)[]> {
    this.#memory.begin();
    const answers = requests.map((request) => this.#memory.find(request));
    const open = (): number[] => [...requests.keys()].filter((i) => answers[i] === undefined);
    const names = open().filter((i) => requests[i]?.kind === "link");
    if (names.length > 0) await this.#byName(requests, names, answers);
    // Events of one value mostly share a window, so the first of them asks for all; the rest goes in a second round.
    const values = open().filter((i) => requests[i]?.kind === "value");
    await this.#byValue(requests, firstOfEach(requests, values), answers);
    for (const i of values) answers[i] ??= this.#memory.find(requests[i]!);
    await this.#byValue(
      requests,
      values.filter((i) => answers[i] === undefined),
      answers,
    );
    return answers;
  }

  /** Notes which links hold data of which @subject; the store sees keyed digests only. */
  async noteSubjects(
    subjects: readonly { readonly contract: string; readonly value: string; readonly keyLink: string }[],
  ): Promise<void> {
    const rows = subjects.flatMap(({ contract, value, keyLink }): readonly SubjectLink[] =>
      this.#memory.isNoted(contract, value, keyLink)
        ? []
        : [{ contract, digest: this.#digests.of("subject", contract, value), keyLink }],
    );
    if (rows.length === 0) return;
    await this.#store.noteSubjects(rows);
    // Only now: what failed to be written is to be written again.
    for (const { contract, value, keyLink } of subjects) this.#memory.note(contract, value, keyLink);
  }

  /** The key links that hold data of a person, oldest window first. */
  linksOfSubject(contract: string, value: string): Promise<readonly string[]> {
    return this.#store.linksOfSubject(contract, this.#digests.of("subject", contract, value));
  }

  /** Links and noted pairs of subject and link that the store holds. */
  counts(): Promise<KeyStoreCounts> {
    return this.#store.counts();
  }

  /** Removes the keys whose window closed more than `retainMs` before `nowMs`, from the store and from memory. */
  async purge(retainMs: number, nowMs: number): Promise<number> {
    const closedBeforeMs = nowMs - retainMs;
    this.#memory.forget(closedBeforeMs);
    return await this.#store.purge(closedBeforeMs);
  }

  /** Overwrites the keys in memory and closes the store. */
  async close(): Promise<void> {
    this.#memory.clear();
    this.#digests.destroy();
    this.nonceSecret.fill(0);
    await this.#store.close();
  }

  async #byName(
    requests: readonly RingRequest[],
    at: readonly number[],
    answers: (LinkSecret | undefined)[],
  ): Promise<void> {
    const names = at
      .map((i) => requests[i])
      .map((request) => (request?.kind === "link" ? request.keyLink : ""));
    const found = await this.#store.byName(names);
    at.forEach((i, place) => {
      const link = found[place];
      if (link !== undefined) answers[i] = this.#keep(requests[i]!, link, undefined);
    });
  }

  async #byValue(
    requests: readonly RingRequest[],
    at: readonly number[],
    answers: (LinkSecret | undefined)[],
  ): Promise<void> {
    if (at.length === 0) return;
    // Secrets of links that are made now, so that they need not be unwrapped right after they were wrapped.
    const fresh = new Map<string, Uint8Array>();
    const wanted = at.map((i) => requests[i]).filter((request) => request?.kind === "value");
    const links = await this.#store.links(
      wanted.map((request) => this.#linkRequest(request)),
      () => this.#newSecret(fresh),
    );
    at.forEach((i, place) => {
      const link = links[place];
      if (link === undefined) throw new Error("the key store gave fewer links than it was asked for");
      if (link.created) this.#created++;
      if (link.rotated) this.#rotated++;
      answers[i] = this.#keep(requests[i]!, link, fresh.get(link.keyLink));
    });
  }

  #linkRequest({ space, value, timeMs }: ValueRequest): LinkRequest {
    const digest =
      value === null
        ? this.#digests.of("no key", space.contract, "")
        : this.#digests.of("key", space.contract, value);
    return { ...space, digest, timeMs };
  }

  #newSecret(fresh: Map<string, Uint8Array>): { keyLink: string; wrappedSecret: Uint8Array } {
    const secret = randomBytesPooled(32);
    const keyLink = randomUUID();
    fresh.set(keyLink, secret);
    return { keyLink, wrappedSecret: this.#master.wrap(secret) };
  }

  #keep(request: RingRequest, link: Link, fresh: Uint8Array | undefined): LinkSecret {
    // An array of its own: what is sent to a thread is sent with the whole buffer behind it.
    const secret = new Uint8Array(fresh ?? this.#master.unwrap(link.wrappedSecret));
    const { keyLink, startMs, endMs } = link;
    const made: LinkSecret = { keyLink, startMs, endMs, secret };
    this.#memory.add(request, made);
    return made;
  }
}

interface RingSecrets {
  readonly digest: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Of those requests for values: the first of each value. */
function firstOfEach(requests: readonly RingRequest[], at: readonly number[]): readonly number[] {
  const seen = new Map<KeySpace, Set<string | null>>();
  return at.filter((i) => {
    const request = requests[i];
    if (request?.kind !== "value") return false;
    const values = seen.get(request.space) ?? new Set();
    seen.set(request.space, values);
    if (values.has(request.value)) return false;
    values.add(request.value);
    return true;
  });
}
