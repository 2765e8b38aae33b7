// What was read of a source's objects, as its positions keep it: one partition for some hundred objects, and the place in the one at hand.
import { Fields } from "../../formats/fields.ts";
import type { Position, Positions } from "../delivery.ts";
import type { StoredObject } from "./store.ts";
import { PRINT_BYTES, printOf, VersionTable } from "./version-table.ts";

/** Each checkpoint writes one partition anew, or two. */
const PARTITION_OBJECTS = 512;
const PRINT_CHARACTERS = (PRINT_BYTES * 4) / 3;
const FULL = PARTITION_OBJECTS * PRINT_CHARACTERS;

type Versioned = Pick<StoredObject, "key" | "version">;

/** An object that was begun. */
export interface Half extends Versioned {
  readonly at: Position;
}

/** Where the source goes on. */
export interface Standing {
  readonly partition: string;
  readonly position: Position;
}

export class ReadObjects {
  readonly #known = new VersionTable();
  readonly #remembers: boolean;
  /** The partition that is written on, with the prints of the objects in it, one behind another. */
  #partition = 1;
  #prints = "";
  #half: Half | undefined;
  /** The object that the run before left in its middle: it will be listed, too. */
  readonly #before: string | undefined;

  /** `remembers`: what is read now may be listed again. */
  constructor(positions: Positions, remembers: boolean) {
    this.#remembers = remembers;
    for (const [name, position] of [...positions].sort(([a], [b]) => numberIn(a) - numberIn(b))) {
      const fields = new Fields(position);
      const prints = fields.text("prints");
      const bytes = Buffer.from(prints, "base64");
      for (let at = 0; at < bytes.length; at += PRINT_BYTES)
        this.#known.set(bytes.subarray(at, at + PRINT_BYTES));
      this.#partition = numberIn(name);
      this.#prints = prints;
      this.#half = halfIn(fields);
    }
    this.#before = this.#half?.key;
  }

  /** The object in whose middle the run before was, until another one is read. */
  get half(): Half | undefined {
    return this.#half;
  }

  /** `other`: another version of it was read. */
  compare(object: Versioned): "none" | "same" | "other" {
    return this.#known.compare(printOf(object));
  }

  /** The object is read on from there. */
  reading(half: Half): Standing {
    this.#half = half;
    return this.#standing();
  }

  /** No more is read of it, as long as it has this version. */
  finish(object: Versioned): Standing {
    const print = printOf(object);
    if (this.#remembers || object.key === this.#before) this.#known.set(print);
    if (this.#prints.length === FULL) {
      this.#partition++;
      this.#prints = "";
    }
    this.#prints += print.toString("base64");
    // A text that was put together from others keeps them all.
    if (this.#prints.length === FULL) this.#prints = Buffer.from(this.#prints, "latin1").toString("latin1");
    this.#half = undefined;
    return this.#standing();
  }

  #standing(): Standing {
    const objects = this.#prints.length / PRINT_CHARACTERS;
    const { key, version, at } = this.#half ?? {};
    const half = key === undefined || version === undefined || at === undefined ? null : { key, version, at };
    return {
      partition: `objects-${String(this.#partition).padStart(6, "0")}`,
      position: { objects, prints: this.#prints, half },
    };
  }
}

function numberIn(partition: string): number {
  return Number(partition.slice(partition.lastIndexOf("-") + 1));
}

function halfIn(fields: Fields): Half | undefined {
  if (!fields.has("half")) return undefined;
  const half = fields.inner("half");
  return { key: half.text("key"), version: half.text("version"), at: half.json("at") };
}
