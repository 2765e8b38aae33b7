// What the kernel keeps beside a key link for as long as somebody holds the link: its ciphers by field.
import type { Spot } from "../../plan/plan.ts";
import type { FieldCipher, LinkKeys } from "../../privacy/link-keys.ts";

export class LinkSlot {
  readonly keys: LinkKeys;
  private readonly spots: readonly Spot[];
  private readonly ciphers: (FieldCipher | undefined)[];
  /** Steps that used the link in the batch `batch`, and the subjects noted for it there. */
  private batch = -1;
  private readonly steps = new Set<string>();
  private readonly subjects = new Set<string>();

  constructor(keys: LinkKeys, spots: readonly Spot[]) {
    this.keys = keys;
    this.spots = spots;
    this.ciphers = spots.map(() => undefined);
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

  /** True for a step's first use in a batch. */
  use(step: string, batch: number): boolean {
    this.begin(batch);
    if (this.steps.has(step)) return false;
    this.steps.add(step);
    return true;
  }

  /** True for a subject that a step meets for the first time in a batch. */
  meet(step: string, subject: string, batch: number): boolean {
    this.begin(batch);
    const name = `${step} ${subject}`;
    if (this.subjects.has(name)) return false;
    this.subjects.add(name);
    return true;
  }

  private begin(batch: number): void {
    if (this.batch === batch) return;
    this.batch = batch;
    this.steps.clear();
    this.subjects.clear();
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
