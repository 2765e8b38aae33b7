// Where an object's events come from: the first place of each partition in it, which names the object and tells it from all others.
import { createHash } from "node:crypto";
import type { Json } from "../../../dsl/spec/option-value.ts";
import type { Fields } from "../../formats/fields.ts";
import type { Provenance } from "../delivery.ts";

/** More of them are only counted. */
const SHOWN = 8;
const SHOWN_CHARACTERS = 32;
/** More of them aren't even counted: the first alone tells the object from others, and all of them stand in each checkpoint. */
const NOTED = 1000;
const ID_CHARACTERS = 12;

/** A line's number, that of the line on which a row begins, or a record's offset. */
export function placeIn({ firstLine, records }: Provenance, record: number): number {
  if (records === undefined) return firstLine + record;
  return (records.lines ?? records.offsets)[record] ?? 0;
}

/** Of one object: by origin, the place of its first event there. */
export class Places {
  readonly #first: Map<string, number>;

  constructor(first: Iterable<readonly [string, number]> = []) {
    this.#first = new Map(first);
  }

  /** What `json` gave. */
  static of(places: readonly Fields[]): Places {
    return new Places(places.map((place) => [place.text("origin"), place.number("first")]));
  }

  /** Later places of an origin that is known change nothing. */
  note(origin: string, place: number): void {
    if (this.#first.size < NOTED && !this.#first.has(origin)) this.#first.set(origin, place);
  }

  copy(): Places {
    return new Places(this.#first);
  }

  get json(): Json {
    return [...this.#first].map(([origin, first]) => ({ origin, first }));
  }

  /** For people: `0@1234_1@88`, `visits.csv@2`, or `12-partitions`; `links` for keys, which have no places. */
  get label(): string {
    const all = this.#sorted();
    if (all.length === 0) return "links";
    if (all.length === NOTED) return `${NOTED}-or-more-partitions`;
    if (all.length > SHOWN) return `${all.length}-partitions`;
    return all.map(([origin, first]) => `${shortened(origin)}@${first}`).join("_");
  }

  /** `more`: what else tells the object from others. */
  id(...more: readonly string[]): string {
    const hash = createHash("sha256");
    for (const text of [...more, ...this.#sorted().flat()]) hash.update(`${text}\0`);
    return hash.digest("hex").slice(0, ID_CHARACTERS);
  }

  #sorted(): readonly (readonly [string, number])[] {
    return [...this.#first].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** The last part of a path or of `topic/3`, of letters that are safe everywhere. */
function shortened(origin: string): string {
  const last = origin.slice(origin.lastIndexOf("/") + 1);
  return last.replace(/[^A-Za-z0-9._-]/g, "-").slice(-SHOWN_CHARACTERS);
}
