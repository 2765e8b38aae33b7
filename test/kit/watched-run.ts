// Runs as those see them who watch: the quickstart pipeline with made-up progress, one event after another at fixed times.
import { join } from "node:path";
import { catalog } from "../../cli/catalog.ts";
import { loadProgram } from "../../cli/load-program.ts";
import { type Facts, factsOf } from "../../cli/ui/state/facts.ts";
import { openScreen, type Screen } from "../../cli/ui/state/screen.ts";
import { nothingWatched, watch } from "../../cli/ui/state/watch.ts";
import { explainGraph, type JobGraph } from "../../dsl/index.ts";
import { type Ledger, type Progress, type RunEvent, type Started, tapTarget } from "../../runner/index.ts";
import { root } from "./cli.ts";
import { progress, started } from "./run-events.ts";

const graph = graphOf("quickstart");
const kafkaGraph = graphOf("kafka/clickstream");

function graphOf(name: string): JobGraph {
  const { graph: loaded } = loadProgram(join(root, `pipelines/${name}.strm`), new Map()).result;
  if (loaded === undefined) throw new Error(`${name} has errors`);
  return loaded;
}

/** What the quickstart says of its steps. */
export const quickstartFacts: Facts = factsOf(graph, explainGraph(graph, catalog), (step) =>
  tapTarget(graph, step),
);

const beganMs = Date.UTC(2026, 0, 2, 3, 4, 0);

/** A moment of the made-up run. */
export const timeAt = (seconds: number): string => new Date(beganMs + seconds * 1000).toISOString();

const startedOf = ({ name, steps }: JobGraph): Started =>
  started({
    pipeline: name,
    steps: steps.map((step) => ({
      name: step.name,
      kind: step.kind,
      from:
        step.kind === "source"
          ? null
          : step.kind === "sink" && step.side !== "events"
            ? `${step.from}.${step.side}`
            : step.from,
    })),
  });

export const quickstartStarted = startedOf(graph);

export interface Counts {
  readonly read: number;
  readonly rejected?: number;
  /** Of each decrypt step's events, what share has the consent. */
  readonly consented?: number;
  /** What sinks have not made visible yet. */
  readonly inFlight?: number;
  readonly balanced?: boolean;
}

/** A ledger that balances, unless it shall not. */
export function quickstartLedger(seconds: number, counts: Counts): Ledger {
  const { read, rejected = 0, consented = 0.4, inFlight = 0, balanced = true } = counts;
  const none = { withheld: 0, rejected: 0, in_flight: 0, written_bytes: 0 };
  const kept = read - rejected;
  const opened = Math.round(kept * consented);
  const decrypted = { ...none, kind: "decrypt", in: kept, out: opened, withheld: kept - opened } as const;
  const sink = (name: string, events: number) => {
    const held = Math.min(inFlight, events);
    return {
      name,
      kind: "sink",
      ...none,
      in: events,
      out: events - held,
      in_flight: held,
      written_bytes: events * 300,
    } as const;
  };
  return {
    elapsed_ms: seconds * 1000,
    balanced,
    read_bytes: read * 250,
    steps: [
      { name: "events", kind: "source", ...none, in: read, out: kept, rejected },
      { name: "safe", kind: "encrypt", ...none, in: kept, out: kept },
      { name: "recommendations", ...decrypted },
      { name: "campaigns", ...decrypted },
      sink("safe->file", kept),
      sink("safe.keys->file", Math.round(kept / 100)),
      sink("recommendations->file", opened),
      sink("campaigns->file", opened),
    ],
    edges: [],
    resident_bytes: 182_000_000,
  };
}

export function progressAt(seconds: number, counts: Counts, more: Partial<Progress> = {}): Progress {
  const ledger = quickstartLedger(seconds, counts);
  return { ...progress(ledger), time: timeAt(seconds), ...more };
}

/** A minute and more at a pace that swells and ebbs, with a checkpoint every five seconds, and all that usually goes with it. */
export function busyMinute(
  seconds = 72,
  counts: (read: number) => Partial<Counts> = () => ({}),
): readonly RunEvent[] {
  const told: RunEvent[] = [quickstartStarted];
  let read = 0;
  for (let second = 1; second <= seconds; second++) {
    read += 12_000 + Math.round(8_000 * Math.sin(second / 6));
    const waits = [
      { on: "events", waited_ms: second * 40 },
      { on: "kernels", waited_ms: second * 610 },
      { on: "keys", waited_ms: second * 25 },
      { on: "safe->file", waited_ms: second * 230 },
    ];
    const behind = [{ source: "events", count: 4_200_000 - read, unit: "events" }] as const;
    const consents = [
      { source: "events", levels: [0, 1, 2], events: Math.round(read * 0.4) },
      { source: "events", levels: [0, 1], events: Math.round(read * 0.35) },
      { source: "events", levels: [], events: Math.round(read * 0.25) },
    ];
    told.push(progressAt(second, { read, inFlight: 31_000, ...counts(read) }, { waits, behind, consents }));
    if (second % 5 === 0)
      told.push({
        type: "checkpoint",
        time: timeAt(second),
        checkpoint: second / 5,
        events: read,
        took_ms: 250,
      });
    if (second % 10 === 0)
      told.push({ type: "keys", time: timeAt(second), step: "safe", created: 417, rotated: 34 });
  }
  return told;
}

/** A quarter of an hour from Kafka to Kafka, as the last progress tells it. */
export function kafkaScreen(): Screen {
  const clicks = 5_400_000;
  const none = { withheld: 0, rejected: 0, in_flight: 0, written_bytes: 0 };
  const steps = kafkaGraph.steps.map(({ name, kind }) => {
    const share = name.startsWith("recommendations") ? 0.4 : name.startsWith("campaigns") ? 0.2 : 1;
    const events = name.startsWith("clicks.rejected") ? 0 : Math.round(clicks * share);
    const given = kind === "decrypt" ? clicks : events;
    const inFlight = kind === "sink" ? Math.round(events / 6000) : 0;
    const out = events - inFlight;
    const written = kind === "sink" ? events * 300 : 0;
    const held = { withheld: given - events, in_flight: inFlight, written_bytes: written };
    return { name, kind, ...none, ...held, in: given, out };
  });
  const offsets = kafkaGraph.steps
    .filter(({ name, kind }) => kind === "source" || name.startsWith("safe->"))
    .map(({ name, kind }) => ({
      step: name,
      others: 0,
      partitions: Array.from({ length: 6 }, (_, i) => {
        const offset = 904_211 + 3_017 * i;
        const topic = kind === "source" ? "clicks" : "clicks.safe";
        return { partition: `${topic}/${i}`, offset, committed: i === 5 ? null : offset - 150 };
      }),
    }));
  const last = progressAt(900, { read: clicks }, { offsets });
  const told: readonly RunEvent[] = [
    startedOf(kafkaGraph),
    { type: "keys", time: timeAt(880), step: "safe", created: 61_204, rotated: 1_377 },
    { type: "checkpoint", time: timeAt(899), checkpoint: 8_710, events: clicks, took_ms: 250 },
    { ...last, ledger: { ...last.ledger, steps } },
  ];
  const view = told.reduce(watch, nothingWatched);
  const tapped = (step: string) => tapTarget(kafkaGraph, step);
  return openScreen(view, factsOf(kafkaGraph, explainGraph(kafkaGraph, catalog), tapped));
}

export function screenAfter(events: readonly RunEvent[]): Screen {
  return openScreen(events.reduce(watch, nothingWatched), quickstartFacts);
}
