// Sums up what one run did, out of its own events: counted from where it began, and not over all runs of its job.
import type { KeysMade, Ledger, RunEvent, RunSummary } from "./events.ts";
import { countsSince } from "./ledger-counts.ts";

const none = { created: 0, rotated: 0 };

interface Objects {
  objects: number;
  sizeBytes: number;
}

export class RunSummer {
  /** What had been counted when the run began; null: nothing. */
  #before: Ledger | null = null;
  readonly #objects = new Map<string, Objects>();
  readonly #links = new Map<string, Pick<KeysMade, "created" | "rotated">>();

  /** To be told every event of the run. */
  note(event: RunEvent): void {
    if (event.type === "started") this.#before = event.continues?.ledger ?? null;
    else if (event.type === "keys") {
      const { created, rotated } = this.#links.get(event.step) ?? none;
      this.#links.set(event.step, { created: created + event.created, rotated: rotated + event.rotated });
    } else if (event.type === "written") {
      const sum = this.#objects.get(event.sink) ?? { objects: 0, sizeBytes: 0 };
      this.#objects.set(event.sink, sum);
      sum.objects++;
      sum.sizeBytes += event.size_bytes;
    }
  }

  summary(now: Ledger): RunSummary {
    const before = this.#before;
    const { read, readBytes, replayed, withheld, rejected } = countsSince(before, now);
    const outOf = (ledger: Ledger | null, sink: string): number =>
      ledger?.steps.find(({ name }) => name === sink)?.out ?? 0;
    const perSecond = (count: number): number =>
      now.elapsed_ms > 0 ? Math.round((count * 1000) / now.elapsed_ms) : 0;
    return {
      read,
      read_bytes: readBytes,
      replayed,
      withheld,
      rejected,
      events_per_second: perSecond(read + replayed),
      bytes_per_second: perSecond(readBytes),
      sinks: now.steps
        .filter(({ kind }) => kind === "sink")
        .map(({ name }) => {
          const { objects, sizeBytes } = this.#objects.get(name) ?? { objects: 0, sizeBytes: 0 };
          const events = outOf(now, name) - outOf(before, name);
          return { sink: name, events, objects, size_bytes: sizeBytes };
        }),
      keys: now.steps
        .filter(({ kind }) => kind === "encrypt")
        .map(({ name }) => ({ step: name, ...(this.#links.get(name) ?? none) })),
    };
  }
}
