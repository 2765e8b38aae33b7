// The valid events of one batch between scanning and writing.
import type { KeyWant, Rejection } from "../kernel.ts";
import type { Consent } from "./consents.ts";
import type { LinkSlot } from "./link-slots.ts";
import { Table } from "./table.ts";

/** Fields of an event's row: offsets in the batch's bytes, the line's number, and its part of the tape. */
export const row = {
  lineStart: 0,
  lineEnd: 1,
  line: 2,
  /** The event itself, without white space around it. */
  start: 3,
  end: 4,
  tapeStart: 5,
  tapeEnd: 6,
  /** The @subject's string with its quotes; start -1: there is none. */
  subjectStart: 7,
  subjectEnd: 8,
  width: 9,
} as const;

export class Events extends Table {
  /** By event. */
  readonly times: number[] = [];
  readonly consents: Consent[] = [];
  /** By event and the plan's `keyed`: the keys at hand, or the index of the want that asks for them. */
  readonly links: (LinkSlot | number | undefined)[] = [];
  readonly wants: KeyWant[] = [];
  readonly rejected: Rejection[] = [];

  constructor() {
    super(row.width);
  }

  /** Forgets the batch before. */
  begin(): void {
    this.count = 0;
    for (const list of [this.times, this.consents, this.links, this.wants, this.rejected]) list.length = 0;
  }
}
