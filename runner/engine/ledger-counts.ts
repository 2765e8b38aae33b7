// What a ledger comes to in a few numbers, over all runs of a job or since one of them began.
import type { Ledger } from "./events.ts";
import { QUARANTINE } from "./ledger.ts";

export interface LedgerCounts {
  /** Events that all sources have read. */
  readonly read: number;
  readonly readBytes: number;
  /** Events that came out of the quarantine. */
  readonly replayed: number;
  /** An event counts once for each stream that withheld or refused it. */
  readonly withheld: number;
  readonly rejected: number;
}

/** What a job did, over all its runs. */
export function countsOf({
  steps,
  edges,
  read_bytes,
}: Pick<Ledger, "steps" | "edges" | "read_bytes">): LedgerCounts {
  const replays = edges.filter(({ from }) => from === QUARANTINE);
  const replayedTo = (step: string): number => replays.find(({ to }) => to === step)?.events ?? 0;
  return {
    read: sumOf(steps, (step) => (step.kind === "source" ? step.in - replayedTo(step.name) : 0)),
    readBytes: read_bytes,
    replayed: sumOf(replays, ({ events }) => events),
    withheld: sumOf(steps, ({ withheld }) => withheld),
    rejected: sumOf(steps, ({ rejected }) => rejected),
  };
}

/** What was done since `before`, a ledger of the same job; null: since the job began. */
export function countsSince(before: Ledger | null, ledger: Ledger): LedgerCounts {
  const now = countsOf(ledger);
  if (before === null) return now;
  const then = countsOf(before);
  return {
    read: now.read - then.read,
    readBytes: now.readBytes - then.readBytes,
    replayed: now.replayed - then.replayed,
    withheld: now.withheld - then.withheld,
    rejected: now.rejected - then.rejected,
  };
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
