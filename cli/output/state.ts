// What is known of a run, as a pure reduction of its events; every way of showing a run reads this and nothing else.
import type { Failed, Finished, Ledger, Rejected, RunEvent, Started } from "../../runner/index.ts";

export interface RunView {
  readonly pipeline: string;
  readonly steps: Started["steps"];
  readonly ledger: Ledger | undefined;
  /** How much had been read when, the newest last: what the present rate is made of. */
  readonly samples: readonly Sample[];
  /** One for each sink that made something complete, in that order. */
  readonly written: readonly WrittenBySink[];
  /** One for each step and reason, the first of which came first. */
  readonly rejections: readonly Rejection[];
  /** Rejected events with reasons for which there was no room. */
  readonly otherRejected: number;
  readonly stopping: string | undefined;
  readonly failed: Failed | undefined;
  readonly finished: Finished | undefined;
}

export interface Sample {
  readonly elapsedMs: number;
  readonly events: number;
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
export type Rejection = Pick<Rejected, "step" | "code" | "reason" | "events" | "origin" | "line">;

/** Reasons come from a contract's paths, so they are few; hostile input must not make them many. */
const mostReasons = 100;
const rateOverMs = 3000;

export const nothingYet: RunView = {
  pipeline: "",
  steps: [],
  ledger: undefined,
  samples: [],
  written: [],
  rejections: [],
  otherRejected: 0,
  stopping: undefined,
  failed: undefined,
  finished: undefined,
};

/** The view after one more event. */
export function reduce(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "started":
      return { ...view, pipeline: event.pipeline, steps: event.steps };
    case "progress":
      return { ...view, ledger: event.ledger, samples: withSample(view.samples, event.ledger) };
    case "written":
      return { ...view, written: withWritten(view.written, event) };
    case "rejected":
      return withRejected(view, event);
    case "stopping":
      return { ...view, stopping: event.signal };
    case "failed":
      return { ...view, failed: event };
    case "finished":
      return { ...view, ledger: event.ledger, finished: event };
    case "keys":
    case "warning":
      return view;
  }
}

/** Events that all sources have read. */
export function eventsRead(ledger: Ledger): number {
  return ledger.steps.reduce((sum, step) => sum + (step.kind === "source" ? step.in : 0), 0);
}

/** Events a second over the last few seconds. */
export function presentRate({ samples }: RunView): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.elapsedMs <= first.elapsedMs) return 0;
  return Math.round(((last.events - first.events) * 1000) / (last.elapsedMs - first.elapsedMs));
}

function withSample(samples: readonly Sample[], ledger: Ledger): readonly Sample[] {
  const sample = { elapsedMs: ledger.elapsed_ms, events: eventsRead(ledger) };
  const before = samples.length === 0 ? [{ elapsedMs: 0, events: 0 }] : samples;
  // One that is older stays: the span to measure over begins with it.
  const from = before.findLastIndex(({ elapsedMs }) => elapsedMs <= sample.elapsedMs - rateOverMs);
  return [...before.slice(Math.max(0, from)), sample];
}

function withWritten(
  written: readonly WrittenBySink[],
  { sink, target, events, size_bytes }: Extract<RunEvent, { type: "written" }>,
): readonly WrittenBySink[] {
  const before = written.find((one) => one.sink === sink);
  if (before === undefined) return [...written, { sink, objects: 1, events, sizeBytes: size_bytes, target }];
  const after = {
    sink,
    target,
    objects: before.objects + 1,
    events: before.events + events,
    sizeBytes: before.sizeBytes + size_bytes,
  };
  return written.map((one) => (one === before ? after : one));
}

function withRejected(view: RunView, rejected: Rejected): RunView {
  const { step, code, reason, events, origin, line } = rejected;
  const same = view.rejections.find((one) => one.step === step && one.code === code && one.reason === reason);
  if (same !== undefined) {
    const more = { ...same, events: same.events + events };
    return { ...view, rejections: view.rejections.map((one) => (one === same ? more : one)) };
  }
  if (view.rejections.length >= mostReasons) return { ...view, otherRejected: view.otherRejected + events };
  return { ...view, rejections: [...view.rejections, { step, code, reason, events, origin, line }] };
}
