// Cuts what is written into runs of events that belong into one object: of one folder, and within what an object may hold.
import type { Detail } from "../delivery.ts";
import { placeIn } from "./places.ts";
import type { TimeFolders } from "./time-folders.ts";

/** The span of a date, either way. */
const DATE_MS = 8.64e15;

/** Events that stand one behind another in what was written. */
export interface EventRun {
  readonly start: number;
  readonly end: number;
  readonly events: number;
  readonly folder: string;
  /** Of the first event. */
  readonly timeMs: number;
  /** Where the first event stands in its origin; absent for keys. */
  readonly place: { readonly origin: string; readonly first: number } | undefined;
  /** Its events aren't told apart, so that several runs may have the place of one batch, or none. */
  readonly whole: boolean;
}

export interface Written {
  readonly bytes: Uint8Array;
  readonly events: number;
  readonly detail: Detail | undefined;
}

/** How much more goes into the object of a folder. */
export interface Room {
  /** Of the events themselves. */
  readonly bytes: number;
  readonly events: number;
}

/**
 * The longest run from event `from` on that has one folder and fits in the room that `roomIn` tells of it; at least one event, which may be too large for it. What has no
 * frames is taken as it is.
 */
export function runFrom(
  { bytes, events, detail }: Written,
  from: number,
  folders: TimeFolders | undefined,
  roomIn: (folder: string) => Room,
): EventRun {
  const { frames, from: batch, timeMs: known } = detail ?? {};
  const timeMs = momentOf(frames?.timesMs[from] ?? known ?? batch?.readTimeMs ?? 0);
  const folder = folders?.folderOf(timeMs) ?? "";
  const record = frames?.records[from] ?? 0;
  const place = batch && { origin: batch.origin, first: placeIn(batch, record) };
  if (frames === undefined) {
    return { start: 0, end: bytes.length, events, folder, timeMs, place, whole: true };
  }
  const { ends, timesMs } = frames;
  const start = from === 0 ? 0 : (ends[from - 1] ?? 0);
  const room = roomIn(folder);
  const unit = folders?.unitOf(timeMs);
  let to = from + 1;
  while (
    to < ends.length &&
    to - from < room.events &&
    (ends[to] ?? 0) - start <= room.bytes &&
    (folders === undefined || folders.unitOf(timesMs[to] ?? 0) === unit)
  ) {
    to++;
  }
  return { start, end: ends[to - 1] ?? start, events: to - from, folder, timeMs, place, whole: false };
}

/** What a source gives an event as its time may lie beyond all dates: whoever writes to a topic says what its messages' times are. */
function momentOf(timeMs: number): number {
  return Math.max(-DATE_MS, Math.min(DATE_MS, timeMs));
}
