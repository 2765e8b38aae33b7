// Seals and opens with the keys of the links that the kernel holds; each key is derived when it is first used.
import type { KeyPlan, SourcePlan } from "../../plan/plan.ts";
import type { Shape } from "../../plan/shape.ts";
import { KEY_BYTES, KeyDerivation, keyInfo } from "../../privacy/link-keys.ts";
import { LinkTable } from "../../privacy/link-table.ts";
import {
  associate,
  expandSivKey,
  FIELD_WORDS,
  open,
  seal,
  sivKeyAt,
  sivKeyWords,
} from "../../privacy/siv.ts";

/** Words of a data key beside its link: its bytes, and its id, which is 0 until the key is derived. */
const KEY_WORDS = KEY_BYTES / 4 + 1;
/** A field beside its link: what S2V mixes in, and 1 once that is there. */
const ASSOCIATED_WORDS = FIELD_WORDS + 1;
/** Expanded keys that are kept at hand, about 0.5 KiB each: a link's own words are a quarter of that. */
const MAX_EXPANDED = 4096;

/**
 * What the @key value itself becomes, beside its link: it is the same in all events of the link. Its length in bytes, 0 until it is
 * known, and the ciphertext, where that is no longer than a UUID or a mail address makes it.
 */
const REMEMBERED_BYTES = 96;
const REMEMBERED_WORDS = 1 + REMEMBERED_BYTES / 4;

/** How one asker's keys apply to one spot. */
interface Field {
  readonly info: Uint8Array;
  readonly associatedData: Uint8Array;
  /** Which of a link's keys. */
  readonly level: number;
}

export class LinkCiphers {
  readonly table: LinkTable;
  private readonly levels: number;
  /** The spot of the @key field; -1: it is not personal. */
  private readonly keySpot: number;
  /** By index in `keyed` and spot. */
  private readonly fields: readonly (readonly (Field | undefined)[])[];
  /** Where the remembered ciphertext stands among a link's own words. */
  private readonly rememberedAt: number;
  private readonly expanded: Int32Array;
  /** By slot: row and level, plus one. */
  private readonly tags: Int32Array;
  private readonly key = sivKeyAt(new Int32Array(0), 0, KEY_BYTES);
  private readonly derivation = new KeyDerivation();
  /** The row that the derivation is turned to, or -1. */
  private turnedTo = -1;
  // What `prepare` found.
  private words: Int32Array = new Int32Array(0);
  private fieldAt = 0;

  constructor(plan: SourcePlan, maxLinks: number) {
    const purposes = [...new Set(plan.spots.flatMap(({ purpose }) => purpose ?? []))];
    this.levels = purposes.length;
    this.keySpot = keySpotOf(plan.shape);
    this.fields = plan.keyed.map((keyed) => fieldsOf(plan, keyed, purposes));
    this.rememberedAt = this.levels * KEY_WORDS + plan.spots.length * ASSOCIATED_WORDS;
    const ownWords = this.rememberedAt + (this.keySpot < 0 ? 0 : REMEMBERED_WORDS);
    this.table = new LinkTable(maxLinks, ownWords, (row) => this.dropExpanded(row));
    const slots = 2 ** Math.ceil(Math.log2(Math.min(MAX_EXPANDED, Math.max(1, maxLinks * this.levels))));
    this.tags = new Int32Array(slots);
    this.expanded = new Int32Array(slots * sivKeyWords(KEY_BYTES));
    this.key.words = this.expanded;
  }

  /** Seals a value of a spot under the link in `row`; otherwise as `siv.seal`. */
  seal(
    row: number,
    keyed: number,
    spot: number,
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at: number,
  ): number {
    if (spot === this.keySpot) return this.sealKey(row, keyed, source, start, end, target, at);
    this.prepare(row, keyed, spot);
    return seal(this.key, this.words, this.fieldAt, source, start, end, target, at);
  }

  /** The @key value is what the link was found by, so that its ciphertext is made once. */
  private sealKey(
    row: number,
    keyed: number,
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at: number,
  ): number {
    const { words, bytes } = this.table.page(row);
    const lengthAt = this.table.ownAt(row) + this.rememberedAt;
    const known = words[lengthAt]!;
    const from = 4 * (lengthAt + 1);
    if (known > 0) {
      for (let i = 0; i < known; i++) target[at + i] = bytes[from + i]!;
      return at + known;
    }
    this.prepare(row, keyed, this.keySpot);
    const to = seal(this.key, this.words, this.fieldAt, source, start, end, target, at);
    if (to - at <= REMEMBERED_BYTES) {
      bytes.set(target.subarray(at, to), from);
      words[lengthAt] = to - at;
    }
    return to;
  }

  /** Opens a value of a spot; otherwise as `siv.open`. */
  open(
    row: number,
    keyed: number,
    spot: number,
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at: number,
  ): number {
    this.prepare(row, keyed, spot);
    return open(this.key, this.words, this.fieldAt, source, start, end, target, at);
  }

  /** Between batches nothing of a link stays outside of the table. */
  endBatch(): void {
    if (this.turnedTo < 0) return;
    this.derivation.wipe();
    this.turnedTo = -1;
  }

  /** Overwrites all keys. */
  destroy(): void {
    this.endBatch();
    this.table.clear();
    this.expanded.fill(0);
    this.tags.fill(0);
  }

  private prepare(row: number, keyed: number, spot: number): void {
    const field = this.fields[keyed]![spot];
    if (field === undefined) throw new Error("A field that is not personal has no key.");
    const { words } = this.table.page(row);
    const own = this.table.ownAt(row);
    this.words = words;
    this.useKey(row, field, words, own + field.level * KEY_WORDS);
    this.fieldAt = own + this.levels * KEY_WORDS + spot * ASSOCIATED_WORDS;
    if (words[this.fieldAt + FIELD_WORDS] === 1) return;
    associate(this.key, field.associatedData, words, this.fieldAt);
    words[this.fieldAt + FIELD_WORDS] = 1;
  }

  /** Makes `key` the link's, expanded. */
  private useKey(row: number, { info, level }: Field, words: Int32Array, keyAt: number): void {
    const { key, tags } = this;
    const tag = row * this.levels + level + 1;
    const slot = tag & (tags.length - 1);
    const keyWords = sivKeyWords(KEY_BYTES);
    const shift = slot * keyWords - key.mac;
    key.mac += shift;
    key.ctr += shift;
    key.subkeys += shift;
    if (tags[slot] !== tag) {
      const { bytes } = this.table.page(row);
      if (words[keyAt + KEY_WORDS - 1] === 0) this.derive(row, info, words, keyAt);
      expandSivKey(key, bytes, 4 * keyAt, 4 * keyAt + KEY_BYTES);
      tags[slot] = tag;
    }
    key.id = words[keyAt + KEY_WORDS - 1]!;
  }

  private derive(row: number, info: Uint8Array, words: Int32Array, keyAt: number): void {
    const { bytes } = this.table.page(row);
    if (this.turnedTo !== row) {
      this.derivation.turnTo(bytes, this.table.secretAt(row));
      this.turnedTo = row;
    }
    words[keyAt + KEY_WORDS - 1] = this.derivation.derive(info, bytes, 4 * keyAt);
  }

  private dropExpanded(row: number): void {
    const keyWords = sivKeyWords(KEY_BYTES);
    if (this.turnedTo === row) this.endBatch();
    for (let level = 0; level < this.levels; level++) {
      const tag = row * this.levels + level + 1;
      const slot = tag & (this.tags.length - 1);
      if (this.tags[slot] !== tag) continue;
      this.tags[slot] = 0;
      this.expanded.fill(0, slot * keyWords, (slot + 1) * keyWords);
    }
  }
}

/** -1 where no stream shows the @key field changed, and in a sealed plan, which has none. */
function keySpotOf({ nodes }: Shape): number {
  for (const node of nodes) {
    const members = node.kind === "record" ? node.members : [];
    const key = members.find(({ captures }) => captures.includes("key"));
    const text = key === undefined ? undefined : nodes[key.node];
    if (text?.kind === "text") return text.spot ?? -1;
  }
  return -1;
}

function fieldsOf(
  { spots }: SourcePlan,
  { scheme }: KeyPlan,
  purposes: readonly number[],
): readonly (Field | undefined)[] {
  return spots.map(({ path, purpose }) => {
    if (purpose === undefined) return undefined;
    const bound = scheme === "purpose_bound";
    return {
      info: keyInfo(scheme, purpose),
      associatedData: Buffer.from(bound ? path : ""),
      level: bound ? purposes.indexOf(purpose) : 0,
    };
  });
}
