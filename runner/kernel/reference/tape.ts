// What scanning an event leaves for writing it: the places that some stream changes, in the order in which they stand.
import { Table } from "./table.ts";

/**
 * Codes of entries. From `mark.members` on, `code - mark.members` is the member's index in `metaMembers`; from
 * `mark.spots` on, `code - mark.spots` is the index of the spot.
 */
export const mark = {
  /** The head of an Avro block that carries its size, which changes with what stands in it; `extra`: the count of its items. */
  block: -1,
  /** A dropped field of a datum. */
  drop: -2,
  /** A dropped member, with the comma that goes with it. */
  cut: 0,
  /** `strmMeta` itself, to be replaced; `extra`: unused. */
  meta: 1,
  /** Where `strmMeta` goes that the event lacks (start = end); `extra`: 1 where a comma goes before it. */
  addMeta: 2,
  /** Where the members go that `strmMeta` lacks; `extra`: bit 8: a comma goes first, below: the members present. */
  addMembers: 3,
  members: 4,
  spots: 9,
} as const;

/**
 * Fields of an entry. For a spot, start and end are the string with its quotes, and `extra` is 1 where it has escapes; in Avro, where there are no quotes, one
 * byte more on either side, and `extra` is twice the bytes of the length before it.
 */
export const entry = { code: 0, start: 1, end: 2, extra: 3, width: 4 } as const;

export class Tape extends Table {
  constructor() {
    super(entry.width);
  }

  push(code: number, start: number, end: number, extra: number): void {
    const base = this.add();
    const { data } = this;
    data[base] = code;
    data[base + 1] = start;
    data[base + 2] = end;
    data[base + 3] = extra;
  }
}
