// What a case reads: a name for it, and how to make its lines.
import {
  atRandom,
  demoEvents,
  inTurnFor,
  oneEach,
  type Sessions,
  valueEvents,
  wideEvents,
} from "./events.ts";

export interface DataSet {
  /** Different for different content, and fit for a file name. */
  readonly name: string;
  readonly events: number;
  readonly lines: () => Iterable<string>;
}

/** The workload of the jobs E and P: 1,000 sessions. */
export const demoData = (events: number): DataSet => demo("demo", events, atRandom(1000));

export const coldData = (events: number): DataSet => demo("cold", events, oneEach(events));

/** `first` events that bring up `sessions` sessions, and `more` that bring up no new one. */
export const liveData = (sessions: number, first: number, more: number): DataSet =>
  demo(`live-${sessions}-${first}`, first + more, inTurnFor(first, sessions));

export const wideData = (events: number): DataSet => ({
  name: `wide-${events}`,
  events,
  lines: () => wideEvents(events),
});

/** As many events as make up `totalBytes` by their values, at most `most`. */
export function valueData(valueBytes: number, totalBytes: number, most: number): DataSet {
  const events = Math.max(1, Math.min(most, Math.floor(totalBytes / valueBytes)));
  return { name: `value-${valueBytes}-${events}`, events, lines: () => valueEvents(events, valueBytes) };
}

function demo(name: string, events: number, sessions: Sessions): DataSet {
  return { name: `${name}-${events}`, events, lines: () => demoEvents(events, sessions) };
}
