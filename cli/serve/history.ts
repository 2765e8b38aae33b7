// What happened in a run so far, in few events: whoever comes late reads them as if it had been there from the start.
import type { KeysMade, Rejected, Retry, RunEvent, Uncovered, Warning, Written } from "../../runner/index.ts";
import { mostReasons } from "../output/state.ts";

const MOST_WARNINGS = 20;

/** The kinds of which only the last event matters. */
type Latest = Extract<
  RunEvent["type"],
  "started" | "opened" | "progress" | "checkpoint" | "stopping" | "failed" | "finished"
>;

export class History {
  readonly #latest = new Map<Latest, RunEvent>();
  readonly #keys = new Map<string, KeysMade>();
  readonly #written = new Map<string, Written>();
  readonly #rejected = new Map<string, Rejected>();
  /** All those for which there was no room, told as the last of them. */
  #otherRejected: Rejected | undefined;
  /** What is tried again at present, by its place. */
  readonly #retries = new Map<string, Retry>();
  readonly #uncovered = new Map<string, Uncovered>();
  readonly #warnings: Warning[] = [];

  note(event: RunEvent): void {
    switch (event.type) {
      case "keys":
        this.#keys.set(event.step, sumOfKeys(this.#keys.get(event.step), event));
        break;
      case "written":
        this.#written.set(event.sink, sumOfWritten(this.#written.get(event.sink), event));
        break;
      case "rejected":
        this.#noteRejected(event);
        break;
      case "retry":
        this.#retries.set(event.where, event);
        break;
      case "recovered":
        this.#retries.delete(event.where);
        break;
      case "opened":
        // Where the run went back, the rest was opened anew, and never says that it has recovered.
        for (const where of this.#retries.keys()) if (where !== "run") this.#retries.delete(where);
        this.#latest.set(event.type, event);
        break;
      case "uncovered":
        this.#noteUncovered(event);
        break;
      case "warning":
        this.#warnings.push(event);
        if (this.#warnings.length > MOST_WARNINGS) this.#warnings.shift();
        break;
      default:
        this.#latest.set(event.type, event);
    }
  }

  /**
   * The events that add up to the same: sums by step, by sink and by reason, what is being tried again, the latest warnings, and the last
   * event of each other kind. As many as there are steps and reasons, however long the run is.
   */
  events(): readonly RunEvent[] {
    const last = (...types: readonly Latest[]): RunEvent[] =>
      types.map((type) => this.#latest.get(type)).filter((event) => event !== undefined);
    return [
      ...last("started", "opened"),
      ...this.#keys.values(),
      ...this.#written.values(),
      ...this.#rejected.values(),
      ...(this.#otherRejected === undefined ? [] : [this.#otherRejected]),
      ...this.#uncovered.values(),
      ...this.#warnings,
      ...last("checkpoint", "progress"),
      ...this.#retries.values(),
      ...last("stopping", "failed", "finished"),
    ];
  }

  #noteRejected(event: Rejected): void {
    const reason = JSON.stringify([event.step, event.code, event.reason]);
    const before = this.#rejected.get(reason);
    if (before !== undefined) this.#rejected.set(reason, { ...before, events: before.events + event.events });
    else if (this.#rejected.size < mostReasons) this.#rejected.set(reason, event);
    else this.#otherRejected = { ...event, events: event.events + (this.#otherRejected?.events ?? 0) };
  }

  /** A run has one user, and few streams. */
  #noteUncovered(event: Uncovered): void {
    const before = this.#uncovered.get(event.stream);
    const times = (before?.times ?? 0) + 1;
    this.#uncovered.set(event.stream, { ...(before ?? event), times });
  }
}

function sumOfKeys(before: KeysMade | undefined, event: KeysMade): KeysMade {
  if (before === undefined) return event;
  return {
    ...event,
    created: event.created + before.created,
    rotated: event.rotated + before.rotated,
  };
}

function sumOfWritten(before: Written | undefined, event: Written): Written {
  return {
    ...event,
    objects: (before?.objects ?? 0) + 1,
    events: (before?.events ?? 0) + event.events,
    size_bytes: (before?.size_bytes ?? 0) + event.size_bytes,
  };
}
