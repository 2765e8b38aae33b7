// What is known of a run, as a pure reduction of its events; every way of showing a run reads this and nothing else.
import {
  countsOf,
  countsSince,
  type Failed,
  type Finished,
  type Ledger,
  type LedgerCounts,
  type Rejected,
  type Retry,
  type RunEvent,
  type Started,
  type StepOffsets,
  type Uncovered,
} from "../../runner/index.ts";

export interface RunView {
  readonly pipeline: string;
  readonly steps: Started["steps"];
  readonly replays: boolean;
  readonly continues: Started["continues"];
  /** The last one that holds; 0: there is none. */
  readonly checkpoint: number;
  /** What fails at present and is tried again, one for each place. */
  readonly retrying: readonly Retrying[];
  readonly ledger: Ledger | undefined;
  /** How many events had come in when, the newest last: what the present rate is made of. */
  readonly samples: readonly Sample[];
  /** How far steps whose records have offsets have come, as the last progress says. */
  readonly offsets: readonly StepOffsets[];
  /** One for each sink that made something complete, in that order. */
  readonly written: readonly WrittenBySink[];
  /** One for each step and reason, the first of which came first. */
  readonly rejections: readonly Rejection[];
  /** Rejected events with reasons for which there was no room. */
  readonly otherRejected: number;
  /** One for each stream and person who looked at its personal values. */
  readonly uncoverings: readonly Uncovering[];
  readonly stopping: string | undefined;
  readonly failed: Failed | undefined;
  readonly finished: Finished | undefined;
}

export interface Sample {
  readonly elapsedMs: number;
  readonly events: number;
}

export interface Retrying {
  readonly last: Retry;
  /** When it failed first, in milliseconds of the epoch. */
  readonly sinceMs: number;
}

export interface WrittenBySink {
  readonly sink: string;
  readonly objects: number;
  readonly events: number;
  readonly sizeBytes: number;
  /** The last one's. */
  readonly target: string;
}

/** Events refused for one reason; the position is the first one's. */
export interface Rejection extends Pick<Rejected, "step" | "code" | "reason" | "events" | "origin"> {
  readonly line: number | undefined;
  readonly offset: number | undefined;
}

export interface Uncovering extends Pick<Uncovered, "stream" | "by"> {
  readonly times: number;
  /** Of the first time. */
  readonly time: string;
}

/** Reasons come from a contract's paths, so they are few; hostile input must not make them many. */
export const mostReasons = 100;
const rateOverMs = 3000;
const mostSamples = 100;
/** A run has one user, and few streams. */
const mostUncoverings = 100;

export const nothingYet: RunView = {
  pipeline: "",
  steps: [],
  replays: false,
  continues: null,
  checkpoint: 0,
  retrying: [],
  ledger: undefined,
  samples: [],
  offsets: [],
  written: [],
  rejections: [],
  otherRejected: 0,
  uncoverings: [],
  stopping: undefined,
  failed: undefined,
  finished: undefined,
};

/** The view after one more event. */
export function reduce(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "started":
      return withStart(view, event);
    case "progress":
      return {
        ...view,
        ledger: event.ledger,
        samples: withSample(view.samples, event.ledger),
        offsets: event.offsets,
      };
    case "checkpoint":
      return { ...view, checkpoint: event.checkpoint };
    case "retry":
      return { ...view, retrying: withRetry(view.retrying, event) };
    case "recovered":
      return { ...view, retrying: view.retrying.filter(({ last }) => last.where !== event.where) };
    case "written":
      return { ...view, written: withWritten(view.written, event) };
    case "rejected":
      return withRejected(view, event);
    case "uncovered":
      return { ...view, uncoverings: withUncovering(view.uncoverings, event) };
    case "stopping":
      return { ...view, stopping: event.signal };
    case "failed":
      return { ...view, failed: event };
    case "finished":
      return { ...view, ledger: event.ledger, finished: event };
    case "opened":
      // Where the run went back, what had been tried again there was opened anew, and never says that it has recovered.
      return { ...view, retrying: view.retrying.filter(({ last }) => last.where === "run") };
    case "keys":
    case "warning":
      return view;
  }
}

/** `ledger` counts the whole job; what was counted when the run began is left out here. */
export function thisRun({ continues }: Pick<RunView, "continues">, ledger: Ledger): LedgerCounts {
  return countsSince(continues?.ledger ?? null, ledger);
}

/** Events a second over the last few seconds. */
export function presentRate({ samples }: RunView): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.elapsedMs <= first.elapsedMs) return 0;
  return Math.round(((last.events - first.events) * 1000) / (last.elapsedMs - first.elapsedMs));
}

function withStart(view: RunView, { pipeline, steps, replays, continues }: Started): RunView {
  const start = { elapsedMs: 0, events: continues === null ? 0 : eventsIn(continues.ledger) };
  const checkpoint = continues?.checkpoint ?? 0;
  return { ...view, pipeline, steps, replays, continues, checkpoint, samples: [start] };
}

function withSample(samples: readonly Sample[], ledger: Ledger): readonly Sample[] {
  const sample = { elapsedMs: ledger.elapsed_ms, events: eventsIn(ledger) };
  // One that is older stays: the span to measure over begins with it.
  const from = samples.findLastIndex(({ elapsedMs }) => elapsedMs <= sample.elapsedMs - rateOverMs);
  return [...samples.slice(Math.max(0, from)), sample].slice(-mostSamples);
}

/** All that came in, read or replayed. */
export function eventsIn(ledger: Ledger): number {
  const { read, replayed } = countsOf(ledger);
  return read + replayed;
}

function withRetry(retrying: readonly Retrying[], last: Retry): readonly Retrying[] {
  const before = retrying.find((one) => one.last.where === last.where);
  if (before === undefined) return [...retrying, { last, sinceMs: Date.parse(last.time) }];
  return retrying.map((one) => (one === before ? { ...one, last } : one));
}

function withWritten(
  written: readonly WrittenBySink[],
  { sink, target, events, size_bytes, objects = 1 }: Extract<RunEvent, { type: "written" }>,
): readonly WrittenBySink[] {
  const before = written.find((one) => one.sink === sink);
  if (before === undefined) return [...written, { sink, objects, events, sizeBytes: size_bytes, target }];
  const after = {
    sink,
    target,
    objects: before.objects + objects,
    events: before.events + events,
    sizeBytes: before.sizeBytes + size_bytes,
  };
  return written.map((one) => (one === before ? after : one));
}

function withRejected(view: RunView, rejected: Rejected): RunView {
  const { step, code, reason, events, origin, line, offset } = rejected;
  const same = view.rejections.find((one) => one.step === step && one.code === code && one.reason === reason);
  if (same !== undefined) {
    const more = { ...same, events: same.events + events };
    return { ...view, rejections: view.rejections.map((one) => (one === same ? more : one)) };
  }
  if (view.rejections.length >= mostReasons) return { ...view, otherRejected: view.otherRejected + events };
  const first = { step, code, reason, events, origin, line, offset };
  return { ...view, rejections: [...view.rejections, first] };
}

function withUncovering(
  uncoverings: readonly Uncovering[],
  { stream, by, time, times = 1 }: Uncovered,
): readonly Uncovering[] {
  const before = uncoverings.find((one) => one.stream === stream && one.by === by);
  if (before === undefined) return [...uncoverings, { stream, by, time, times }].slice(0, mostUncoverings);
  return uncoverings.map((one) => (one === before ? { ...one, times: one.times + times } : one));
}
