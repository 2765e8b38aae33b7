// What somebody who watches a run sees of it, as a pure reduction of the run's events and of a clock.
import type { Behind, Consented, KeysMade, RunEvent } from "../../../runner/index.ts";
import { nothingYet, type RunView, reduce } from "../../output/state.ts";
import { beginningAt, type History, withProgress } from "./history.ts";
import { own } from "./own.ts";

/** Time has passed. */
export interface Tick {
  readonly type: "tick";
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export interface WatchView {
  readonly run: RunView;
  /** Empty before the run begins. */
  readonly runId: string;
  /** The newest moment that was told, in epoch milliseconds; 0 before the first. */
  readonly nowMs: number;
  readonly startedMs: number;
  /** When the last checkpoint of this run held; 0: none has yet. */
  readonly checkpointMs: number;
  readonly history: History;
  /** Key links made by this run, by encrypt step. */
  readonly keysMade: Readonly<Record<string, Pick<KeysMade, "created" | "rotated">>>;
  /** How far sources are behind, as the last progress says. */
  readonly behind: readonly Behind[];
  /** As the last progress says. */
  readonly consents: readonly Consented[];
  /** The newest last. */
  readonly warnings: readonly Warned[];
}

export interface Warned {
  readonly message: string;
  readonly help: string;
}

/** A source may warn again and again; the first ones are told at the end too. */
const mostWarnings = 20;

export const nothingWatched: WatchView = {
  run: nothingYet,
  runId: "",
  nowMs: 0,
  startedMs: 0,
  checkpointMs: 0,
  history: [],
  keysMade: {},
  behind: [],
  consents: [],
  warnings: [],
};

/** The view after one more event, or some time. */
export function watch(before: WatchView, action: RunEvent | Tick): WatchView {
  if (action.type === "tick") return { ...before, nowMs: Math.max(before.nowMs, action.nowMs) };
  const timeMs = Date.parse(action.time);
  const view = { ...before, run: reduce(before.run, action), nowMs: Math.max(before.nowMs, timeMs) };
  switch (action.type) {
    case "started":
      return {
        ...view,
        runId: action.run_id,
        startedMs: timeMs,
        history: beginningAt(timeMs, action.continues?.ledger.steps ?? []),
      };
    case "progress":
      return {
        ...view,
        history: withProgress(view.history, action),
        behind: action.behind,
        consents: action.consents,
      };
    case "checkpoint":
      return { ...view, checkpointMs: timeMs };
    case "keys": {
      const { created, rotated } = own(view.keysMade, action.step) ?? { created: 0, rotated: 0 };
      const made = { created: created + action.created, rotated: rotated + action.rotated };
      return { ...view, keysMade: { ...view.keysMade, [action.step]: made } };
    }
    case "warning": {
      const { message, help } = action;
      if (view.warnings.length >= mostWarnings) return view;
      return { ...view, warnings: [...view.warnings, { message, help }] };
    }
    default:
      return view;
  }
}

/**
 * The view of somebody who comes late, or comes back: `events` add up to what happened until `nowMs`. What was seen of the last minute stays where it is the same run's;
 * of a time that nobody saw, no rate is made up.
 */
export function caughtUp(before: WatchView, events: readonly RunEvent[], nowMs: number): WatchView {
  const view = watch(events.reduce(watch, nothingWatched), { type: "tick", nowMs });
  const seen = before.runId !== "" && before.runId === view.runId ? before.history : [];
  const lastMs = seen.at(-1)?.timeMs ?? 0;
  return { ...view, history: [...seen, ...view.history.slice(-1).filter(({ timeMs }) => timeMs > lastMs)] };
}
