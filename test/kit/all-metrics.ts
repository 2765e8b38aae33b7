// Every metric that a run can have, with its labels.
import { RunMetrics } from "../../cli/serve/metrics.ts";
import type { RunEvent } from "../../runner/index.ts";
import { parseMetrics } from "./parse-metrics.ts";
import { at, ledgerOf, progress, started } from "./run-events.ts";

const all: readonly RunEvent[] = [
  started(),
  { type: "opened", time: at(1) },
  { type: "uncovered", time: at(1), stream: "safe", fields: ["email"], by: "op" },
  { type: "keys", time: at(1), step: "safe", created: 1, rotated: 0 },
  {
    type: "rejected",
    time: at(1),
    step: "clicks",
    code: "event.not-json",
    reason: "r",
    events: 1,
    origin: "o",
  },
  { type: "written", time: at(1), sink: "safe->file", target: "t", events: 1, size_bytes: 1 },
  {
    type: "retry",
    time: at(1),
    where: "keys",
    code: "run.locked",
    message: "m",
    attempt: 1,
    wait_ms: 1,
    gives_up_in_ms: 1,
  },
  { type: "checkpoint", time: at(1), checkpoint: 1, events: 1, took_ms: 1 },
  progress(ledgerOf(1), {
    waits: [{ on: "keys", waited_ms: 1 }],
    key_calls: [{ call: "find", calls: 1, failed: 0, took_ms: 1 }],
    behind: [
      { source: "clicks", count: 1, unit: "events" },
      { source: "files", count: 1, unit: "bytes" },
    ],
  }),
];

/** The names of samples, as queries have them, each with its labels. */
export async function allMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = new RunMetrics();
  for (const event of all) metrics.note(event);
  const samples = (await parseMetrics(await metrics.text())).flatMap((family) => family.samples);
  return new Map(samples.map(({ name, labels }) => [name, new Set(Object.keys(labels))]));
}
