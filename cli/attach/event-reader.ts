// Reads run events of one connection: what is new to this strm is left out, what does not fit is refused, and what may pile up has bounds.
import type { RunEvent, Started } from "../../runner/index.ts";
import { eventShapes } from "./event-shapes.ts";
import { list, Misfit, object, oneOf, type Shape, time } from "./shape.ts";

/** Sums by step, sink and reason, of a run of as many steps as may be. */
const MOST_IN_SNAPSHOT = 5_000;
/** Streams that come of one another; no pipeline has a tenth of it. */
const DEEPEST_TREE = 100;
/** What fails beside steps. */
const otherPlaces = ["keys", "quarantine", "checkpoint", "run"];

interface SnapshotLine {
  readonly type: "snapshot";
  readonly time: string;
  readonly events: readonly unknown[];
}

const anything: Shape<unknown> = { read: (value) => value };
const snapshotShape = object<SnapshotLine>({
  type: oneOf("snapshot"),
  time,
  events: list(anything, MOST_IN_SNAPSHOT),
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
    const { time, events } = snapshotShape.read(value);
    const known = events.map((event) => this.event(event)).filter((event) => event !== undefined);
    return { timeMs: Date.parse(time), events: known };
  }

  /** Undefined: a kind that this strm does not know, or of a step that the run has not named. Throws a `Misfit`. */
  event(value: unknown): RunEvent | undefined {
    if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string")
      throw new Misfit("is not a run event");
    const { type } = value;
    if (!isKnown(type)) return undefined;
    let event: RunEvent;
    try {
      event = eventShapes[type].read(value);
    } catch (error) {
      throw error instanceof Misfit ? error.within(type) : error;
    }
    if (event.type === "started") this.#steps = namesOf(event);
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

/** Each has a name of its own and stands behind the one it comes from, so that they are a tree, and no deep one. */
function namesOf({ steps }: Started): ReadonlySet<string> {
  const depths = new Map<string, number>();
  const all = new Set(steps.map(({ name }) => name));
  for (const { name, from } of steps) {
    if (depths.has(name)) throw new Misfit("names a step twice").within("steps").within("started");
    const above = [from ?? "", (from ?? "").replace(/\.(?:rejected|keys)$/, "")].find((one) => all.has(one));
    const depth = above === undefined ? 0 : depths.get(above);
    if (depth === undefined || depth >= DEEPEST_TREE)
      throw new Misfit("is no tree").within("steps").within("started");
    depths.set(name, depth + 1);
  }
  return all;
}
