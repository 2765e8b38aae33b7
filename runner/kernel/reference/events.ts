// The valid events of one batch between scanning and writing.
import type { Rejection } from "../kernel.ts";
import type { Consent } from "./consents.ts";
import { Table } from "./table.ts";

/** Fields of an event's row: offsets in the batch's bytes, the line's or record's number, and its part of the tape. */
export const row = {
  lineStart: 0,
  lineEnd: 1,
  /** Index of the line or record in its batch. */
  record: 2,
  /** The event itself, without white space around it. */
  start: 3,
  end: 4,
  tapeStart: 5,
  tapeEnd: 6,
  /** The @subject's string with its quotes; start -1: there is none. */
  subjectStart: 7,
  subjectEnd: 8,
  /** The key link that the event itself names, as its `strmMeta.keyLink` stands there; start -1: it names none. */
  linkStart: 9,
  linkEnd: 10,
  /**
   * From here on, by the plan's `keyed`: the link's row in the table, `noLink`, or `wanted - i` for the want i that asks for it.
   */
  links: 11,
} as const;

export const noLink = -1;
export const wanted = -2;

export class Events extends Table {
  /** By event: epoch milliseconds. */
  times = new Float64Array(1024);
  /** By event; entries beyond `count` are left over. */
  readonly consents: Consent[] = [];
  readonly rejected: Rejection[] = [];

  constructor(keyed: number) {
    super(row.links + keyed);
  }

  /** Adds an event and returns where its row starts. */
  push(timeMs: number, consent: Consent): number {
    const event = this.count;
    if (event === this.times.length) {
      const grown = new Float64Array(2 * event);
      grown.set(this.times);
      this.times = grown;
    }
    this.times[event] = timeMs;
    this.consents[event] = consent;
    return this.add();
  }

  /** Forgets the batch before. */
  begin(): void {
    this.count = 0;
    this.rejected.length = 0;
  }
}
