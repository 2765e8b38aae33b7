// The last minute of a run's counts: what rates, sparklines and shares of waiting are made of. Pure.
import type { Consented, Ledger, Progress } from "../../../runner/index.ts";
import { own } from "./own.ts";

/** Running totals at one moment; a step or a wait that is not listed has 0. */
export interface Sample {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  /** What a stream gave out, what a sink was given, and by `consentKey` what came with which consent. */
  readonly events: Readonly<Record<string, number>>;
  /** How long the work had waited for what, in milliseconds. */
  readonly waitedMs: Readonly<Record<string, number>>;
}

/** Oldest first, at most a minute of them and one before. */
export type History = readonly Sample[];

export const historyMs = 60_000;
/** Twice a second is as often as a run tells them; a clock that stands still or goes back must not make them many. */
const mostSamples = 300;
/** Batches come in gusts; over less than this a rate jumps. */
const rateOverMs = 3000;

/** The name of a combination in a sample; no step can be called so. */
export const consentKey = ({ source, levels }: Pick<Consented, "source" | "levels">): string =>
  `${source} ${JSON.stringify(levels)}`;

export function withProgress(history: History, { time, ledger, waits, consents }: Progress): History {
  const timeMs = Date.parse(time);
  // One that is older stays: what the oldest second of the minute began with.
  const first = history.findLastIndex((sample) => sample.timeMs <= timeMs - historyMs);
  const waitedMs = waits.map(({ on, waited_ms }) => [on, waited_ms]);
  const consented = consents.map((one) => [consentKey(one), one.events]);
  const events = { ...eventsIn(ledger.steps), ...Object.fromEntries(consented) };
  const sample = { timeMs, events, waitedMs: Object.fromEntries(waitedMs) };
  return [...history.slice(Math.max(0, first)), sample].slice(-mostSamples);
}

/** What a run begins with at `timeMs`: one that goes on, with what its job had counted. */
export function beginningAt(timeMs: number, steps: Ledger["steps"]): History {
  return [{ timeMs, events: eventsIn(steps), waitedMs: {} }];
}

/** Events a second in the last few seconds before `nowMs`. */
export function rateOf(history: History, step: string, nowMs: number): number {
  const last = history.at(-1);
  const base = history.findLast(({ timeMs }) => timeMs <= nowMs - rateOverMs) ?? history[0];
  if (last === undefined || base === undefined || base === last) return 0;
  const spanMs = Math.max(nowMs, last.timeMs) - base.timeMs;
  return Math.round((Math.max(0, eventsAt(last, step) - eventsAt(base, step)) * 1000) / spanMs);
}

/** The minute before `nowMs` in equal parts, oldest first: how many events came in each. */
export function trendOf(history: History, step: string, nowMs: number, parts: number): readonly number[] {
  const totals = Array.from({ length: parts + 1 }, (_, i) =>
    totalAt(history, step, nowMs - historyMs + (i * historyMs) / parts),
  );
  return totals.slice(1).map((total, i) => Math.max(0, total - (totals[i] ?? 0)));
}

/** While events come, or something holds them up, progress is told more often. */
const quietAfterMs = 3000;

/** How long nothing has been told, where that is longer than usual: there is nothing to do. Undefined: it isn't. */
export function quietMs(history: History, nowMs: number): number | undefined {
  const last = history.at(-1);
  return last !== undefined && nowMs - last.timeMs > quietAfterMs ? nowMs - last.timeMs : undefined;
}

/** What the work waited for in the last ten seconds, longest first, as a share of that time; what took less than a hundredth is left out. */
export function recentWaits(
  history: History,
  nowMs: number,
): readonly { readonly on: string; readonly share: number }[] {
  if (quietMs(history, nowMs) !== undefined) return [];
  const last = history.at(-1);
  const base = last && (history.findLast(({ timeMs }) => timeMs <= last.timeMs - 10_000) ?? history[0]);
  if (last === undefined || base === undefined || last.timeMs <= base.timeMs) return [];
  return Object.entries(last.waitedMs)
    .map(([on, ms]) => ({ on, share: (ms - (own(base.waitedMs, on) ?? 0)) / (last.timeMs - base.timeMs) }))
    .filter(({ share }) => share >= 0.01)
    .sort((a, b) => b.share - a.share);
}

/** Between two samples, as if events had come evenly. */
function totalAt(history: History, step: string, timeMs: number): number {
  const after = history.findIndex((sample) => sample.timeMs >= timeMs);
  const [before, next] = after < 0 ? [history.at(-1), undefined] : [history[after - 1], history[after]];
  if (before === undefined) return next === undefined ? 0 : eventsAt(next, step);
  if (next === undefined) return eventsAt(before, step);
  const part = (timeMs - before.timeMs) / (next.timeMs - before.timeMs);
  return eventsAt(before, step) + part * (eventsAt(next, step) - eventsAt(before, step));
}

function eventsIn(steps: Ledger["steps"]): Sample["events"] {
  return Object.fromEntries(steps.map((step) => [step.name, step.kind === "sink" ? step.in : step.out]));
}

const eventsAt = (sample: Sample, step: string): number => own(sample.events, step) ?? 0;
