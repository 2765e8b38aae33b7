// Sums up what one run did, out of its own events: counted from where it began, and not over all runs of its job.
import type { Ledger, RunEvent, RunSummary } from "./events.ts";
import { QUARANTINE } from "./ledger.ts";

interface Objects {
  objects: number;
  sizeBytes: number;
}

export class RunSummer {
  /** What had been counted when the run began. */
  #before: Ledger | undefined;
  readonly #objects = new Map<string, Objects>();
  readonly #links = new Map<string, number>();

  /** To be told every event of the run. */
  note(event: RunEvent): void {
    if (event.type === "started") this.#before = event.continues?.ledger;
    else if (event.type === "keys") {
      this.#links.set(event.step, (this.#links.get(event.step) ?? 0) + event.created);
    } else if (event.type === "written") {
      const sum = this.#objects.get(event.sink) ?? { objects: 0, sizeBytes: 0 };
      this.#objects.set(event.sink, sum);
      sum.objects++;
      sum.sizeBytes += event.size_bytes;
    }
  }

  summary(now: Ledger): RunSummary {
    const before = this.#before;
    const since = (of: (ledger: Ledger) => number): number =>
      of(now) - (before === undefined ? 0 : of(before));
    const read = since(readIn);
    const replayed = since(replayedIn);
    const readBytes = since((ledger) => ledger.read_bytes);
    const perSecond = (count: number): number =>
      now.elapsed_ms > 0 ? Math.round((count * 1000) / now.elapsed_ms) : 0;
    return {
      read,
      read_bytes: readBytes,
      replayed,
      withheld: since(({ steps }) => sumOf(steps, ({ withheld }) => withheld)),
      rejected: since(({ steps }) => sumOf(steps, ({ rejected }) => rejected)),
      events_per_second: perSecond(read + replayed),
      bytes_per_second: perSecond(readBytes),
      sinks: now.steps
        .filter(({ kind }) => kind === "sink")
        .map(({ name }) => {
          const { objects, sizeBytes } = this.#objects.get(name) ?? { objects: 0, sizeBytes: 0 };
          const events = since(({ steps }) => steps.find((step) => step.name === name)?.out ?? 0);
          return { sink: name, events, objects, size_bytes: sizeBytes };
        }),
      keys: now.steps
        .filter(({ kind }) => kind === "encrypt")
        .map(({ name }) => ({ step: name, created: this.#links.get(name) ?? 0 })),
    };
  }
}

/** Events that sources read, without those that came out of the quarantine. */
function readIn({ steps, edges }: Ledger): number {
  const again = (step: string): number =>
    sumOf(edges, ({ from, to, events }) => (from === QUARANTINE && to === step ? events : 0));
  return sumOf(steps, (step) => (step.kind === "source" ? step.in - again(step.name) : 0));
}

function replayedIn({ edges }: Ledger): number {
  return sumOf(edges, ({ from, events }) => (from === QUARANTINE ? events : 0));
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
