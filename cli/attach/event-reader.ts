// Reads run events of one connection: what is new to this strm is left out, what does not fit is refused, and what may pile up has bounds.
import { z } from "zod";
import type { RunEvent } from "../../runner/index.ts";
import { list, object, oneOf, time } from "./bounded.ts";
import { eventShapes } from "./event-shapes.ts";
import { fitting, Misfit } from "./misfit.ts";

/** Sums by step, sink and reason, of a run of as many steps as may be. */
const MOST_IN_SNAPSHOT = 5_000;
/** What fails beside steps. */
const otherPlaces = ["keys", "quarantine", "checkpoint", "run"];

const snapshotShape = object({
  type: oneOf("snapshot"),
  time,
  events: list(z.unknown(), MOST_IN_SNAPSHOT),
});

export interface Snapshot {
  /** By the clock of the run's machine. */
  readonly timeMs: number;
  readonly events: readonly RunEvent[];
}

export class EventReader {
  #steps: ReadonlySet<string> = new Set();

  /** Throws a `Misfit` where it is none, or holds an event that is not understood. */
  snapshot(value: unknown): Snapshot {
    const { time, events } = fitting(snapshotShape, value);
    const known = events.map((event) => this.event(event)).filter((event) => event !== undefined);
    return { timeMs: Date.parse(time), events: known };
  }

  /** Undefined: a kind that this strm does not know, or of a step that the run has not named. Throws a `Misfit`. */
  event(value: unknown): RunEvent | undefined {
    if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string")
      throw new Misfit([], "is not a run event");
    const { type } = value;
    if (!isKnown(type)) return undefined;
    const event = fitting<RunEvent>(eventShapes[type], value, type);
    if (event.type === "started") this.#steps = new Set(event.steps.map(({ name }) => name));
    return this.#concernsRun(event) ? event : undefined;
  }

  #concernsRun(event: RunEvent): boolean {
    switch (event.type) {
      case "keys":
      case "rejected":
        return this.#steps.has(event.step);
      case "written":
        return this.#steps.has(event.sink);
      case "uncovered":
        return this.#steps.has(event.stream);
      case "retry":
      case "recovered":
        return this.#steps.has(event.where) || otherPlaces.includes(event.where);
      default:
        return true;
    }
  }
}

function isKnown(type: string): type is RunEvent["type"] {
  return Object.hasOwn(eventShapes, type);
}
