// Run events and ledgers for tests of how a run is shown.
import type { Ledger, Progress, Started } from "../../runner/index.ts";

export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds)).toISOString();

/** `clicks > safe > safe->file`, where all that was read went through but for what was rejected. */
export function ledgerOf(
  read: number,
  more: { rejected?: number; replayed?: number; elapsedMs?: number } = {},
): Ledger {
  const { rejected = 0, replayed = 0, elapsedMs = 1000 } = more;
  const out = read + replayed - rejected;
  const none = { withheld: 0, rejected: 0, in_flight: 0, written_bytes: 0 };
  return {
    elapsed_ms: elapsedMs,
    balanced: true,
    read_bytes: read * 10,
    steps: [
      { name: "clicks", kind: "source", ...none, in: read + replayed, out, rejected },
      { name: "safe", kind: "encrypt", ...none, in: out, out },
      { name: "safe->file", kind: "sink", ...none, in: out, out, written_bytes: out * 10 },
    ],
    edges: [
      { from: "clicks", to: "safe", events: out },
      { from: "safe", to: "safe->file", events: out },
      ...(rejected > 0 ? [{ from: "clicks.rejected", to: "quarantine", events: rejected }] : []),
      ...(replayed > 0 ? [{ from: "quarantine", to: "clicks", events: replayed }] : []),
    ],
    resident_bytes: 1,
  };
}

export function started(more: Partial<Started> = {}): Started {
  return {
    type: "started",
    time: at(0),
    run_id: "20260102T030400Z-abcdef",
    pipeline: "visits",
    graph_hash: "0",
    state: "/state",
    workers: 2,
    replays: false,
    continues: null,
    steps: [
      { name: "clicks", kind: "source", from: null },
      { name: "safe", kind: "encrypt", from: "clicks" },
      { name: "safe->file", kind: "sink", from: "safe" },
    ],
    ...more,
  };
}

/** Going on from a checkpoint at which `ledger` had been counted. */
export const continuing = (checkpoint: number, ledger: Ledger): Started =>
  started({ continues: { checkpoint, made: at(0), ledger } });

export const progress = (ledger: Ledger, more: Partial<Progress> = {}): Progress => ({
  type: "progress",
  time: at(1),
  ledger,
  waits: [],
  kernels: { batches: 0, worked_ms: 0 },
  key_calls: [],
  behind: [],
  offsets: [],
  consents: [],
  ...more,
});
