// What the kernel keeps beside a key link for as long as somebody holds the link: its ciphers by field.
import type { Spot } from "../../plan/plan.ts";
import type { FieldCipher, LinkKeys } from "../../privacy/link-keys.ts";
import { asciiJson } from "./text.ts";

export class LinkSlot {
  readonly keys: LinkKeys;
  private readonly spots: readonly Spot[];
  private readonly ciphers: (FieldCipher | undefined)[];
  /** The link's name as a JSON string, in ASCII. */
  readonly json: string;
  /** By the plan's `keyed`: the batch that used the link last. */
  private readonly batches: number[] = [];

  constructor(keys: LinkKeys, spots: readonly Spot[]) {
    this.keys = keys;
    this.spots = spots;
    this.ciphers = spots.map(() => undefined);
    this.json = asciiJson(keys.keyLink);
  }

  /** The cipher of a personal spot. */
  cipher(spot: number): FieldCipher {
    const known = this.ciphers[spot];
    if (known !== undefined) return known;
    const { path, purpose } = this.spots[spot]!;
    if (purpose === undefined) throw new Error("A field that is not personal has no key.");
    const cipher = this.keys.cipher(purpose, path);
    this.ciphers[spot] = cipher;
    return cipher;
  }

  /** True for the first use in a batch by a step, which is given by its index in the plan's `keyed`. */
  use(keyed: number, batch: number): boolean {
    if (this.batches[keyed] === batch) return false;
    this.batches[keyed] = batch;
    return true;
  }
}

/** Weakly held: which keys stay in memory is for the key ring to say. */
export class LinkSlots {
  private readonly spots: readonly Spot[];
  private readonly slots = new WeakMap<LinkKeys, LinkSlot>();

  constructor(spots: readonly Spot[]) {
    this.spots = spots;
  }

  of(keys: LinkKeys): LinkSlot {
    const known = this.slots.get(keys);
    if (known !== undefined) return known;
    const slot = new LinkSlot(keys, this.spots);
    this.slots.set(keys, slot);
    return slot;
  }
}
