// Whether a run is alive and ready, as a pure reduction of its events.
import type { Checkpoint, Ledger, RunEvent } from "../../runner/index.ts";
import { eventsIn } from "../output/state.ts";

export interface Health {
  /** Sources, sinks and keys are open; false again where the run goes back to its last checkpoint. */
  readonly open: boolean;
  /** Events that had come in, by the last event that says so. */
  readonly events: number;
  /** Of these, those that a checkpoint holds. */
  readonly held: number;
  /** Since when there is something that no checkpoint holds, in milliseconds of the epoch; undefined: one holds all of it. */
  readonly uncheckedSinceMs: number | undefined;
  readonly stopping: boolean;
  readonly failed: boolean;
}

export const unborn: Health = {
  open: false,
  events: 0,
  held: 0,
  uncheckedSinceMs: undefined,
  stopping: false,
  failed: false,
};

/** The health after one more event. */
export function reduceHealth(health: Health, event: RunEvent): Health {
  switch (event.type) {
    case "started":
      return event.continues === null ? health : withBeginning(health, event.continues.ledger);
    case "opened":
      // A run that went back has its last checkpoint and nothing beyond it.
      return { ...health, open: true, events: health.held, uncheckedSinceMs: undefined };
    case "progress":
      return withProgress(health, event.ledger, Date.parse(event.time));
    case "checkpoint":
      return withCheckpoint(health, event);
    case "retry":
      // The run as a whole is tried again from its last checkpoint, which opens everything anew.
      return event.where === "run" ? { ...health, open: false } : health;
    case "stopping":
      return { ...health, stopping: true };
    case "failed":
      return { ...health, failed: true };
    case "finished":
      return { ...health, stopping: true, failed: event.outcome === "failed" };
    case "keys":
    case "recovered":
    case "rejected":
    case "uncovered":
    case "warning":
    case "written":
      return health;
  }
}

/** Why the run is not to be called alive; undefined: it is. That it answers at all says the rest. */
export function whyDead({ failed }: Health): string | undefined {
  return failed ? "the run has failed" : undefined;
}

/** Why the run is not ready; undefined: it is. `patienceMs`: how long something may stand without a checkpoint. */
export function whyNotReady(health: Health, nowMs: number, patienceMs: number): string | undefined {
  const { open, stopping, failed, uncheckedSinceMs } = health;
  if (failed) return "the run has failed";
  if (stopping) return "the run is ending";
  if (!open) return "sources, sinks and keys are not open yet";
  if (uncheckedSinceMs !== undefined && nowMs - uncheckedSinceMs > patienceMs) {
    return `no checkpoint has held for ${Math.round((nowMs - uncheckedSinceMs) / 1000)} s, and events wait for one`;
  }
  return undefined;
}

function withProgress(health: Health, ledger: Ledger, timeMs: number): Health {
  const events = eventsIn(ledger);
  const waits = events > health.held;
  return { ...health, events, uncheckedSinceMs: waits ? (health.uncheckedSinceMs ?? timeMs) : undefined };
}

function withCheckpoint(health: Health, { events: held, time }: Checkpoint): Health {
  return { ...health, held, uncheckedSinceMs: health.events > held ? Date.parse(time) : undefined };
}

function withBeginning(health: Health, ledger: Ledger): Health {
  const held = eventsIn(ledger);
  return { ...health, held, events: held };
}
