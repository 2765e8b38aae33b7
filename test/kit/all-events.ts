// Every kind of run event, with every member that it may have: what is told of a run that goes on, and fails in the end.
import type { RunEvent } from "../../runner/index.ts";
import { at, continuing, ledgerOf, progress } from "./run-events.ts";

const byKind: { readonly [T in RunEvent["type"]]: Extract<RunEvent, { readonly type: T }> } = {
  started: continuing(7, ledgerOf(3)),
  opened: { type: "opened", time: at(1) },
  keys: { type: "keys", time: at(1), step: "safe", created: 1, rotated: 1 },
  written: {
    type: "written",
    time: at(1),
    sink: "safe->file",
    target: "/out/safe.jsonl",
    events: 1,
    size_bytes: 1,
    objects: 2,
  },
  rejected: {
    type: "rejected",
    time: at(1),
    step: "clicks",
    code: "event.not-json",
    reason: "The line is not JSON.",
    events: 1,
    origin: "in.jsonl",
    line: 3,
    offset_bytes: 7,
    offset: 9,
  },
  uncovered: { type: "uncovered", time: at(1), stream: "safe", fields: ["a", "*"], by: "ann", times: 2 },
  warning: { type: "warning", time: at(1), message: "A file is gone.", help: "Put it back." },
  checkpoint: { type: "checkpoint", time: at(1), checkpoint: 8, events: 3, took_ms: 4 },
  progress: progress(ledgerOf(5, { rejected: 1, replayed: 1 }), {
    waits: [{ on: "keys", waited_ms: 1 }],
    kernels: { batches: 1, worked_ms: 2 },
    key_calls: [{ call: "find_or_make", calls: 1, failed: 0, took_ms: 1 }],
    offsets: [{ step: "clicks", partitions: [{ partition: "0", offset: 5, committed: null }], others: 1 }],
    behind: [{ source: "clicks", count: 1, unit: "bytes" }],
    consents: [
      { source: "clicks", levels: [0, 1], events: 1 },
      { source: "clicks", levels: null, events: 2 },
    ],
  }),
  retry: {
    type: "retry",
    time: at(2),
    where: "safe->file",
    code: "file.io",
    message: "The disk is busy.",
    attempt: 1,
    wait_ms: 5,
    gives_up_in_ms: 9,
  },
  recovered: { type: "recovered", time: at(2), where: "safe->file", attempts: 2 },
  stopping: { type: "stopping", time: at(3), signal: "SIGTERM" },
  failed: { type: "failed", time: at(3), code: "run.locked", message: "It is locked.", help: "Wait." },
  finished: {
    type: "finished",
    time: at(3),
    outcome: "failed",
    ledger: ledgerOf(5, { rejected: 1 }),
    summary: {
      read: 5,
      read_bytes: 50,
      replayed: 0,
      withheld: 0,
      rejected: 1,
      events_per_second: 1,
      bytes_per_second: 10,
      sinks: [{ sink: "safe->file", events: 4, objects: 1, size_bytes: 40 }],
      keys: [{ step: "safe", created: 1, rotated: 0 }],
    },
    quarantine: { path: "/state/quarantine", events: 1 },
  },
};

export const allEvents: readonly RunEvent[] = Object.values(byKind);
