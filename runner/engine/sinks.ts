// Opens the sinks of a run and hands each what it is for: a stream's events, its refused events, or its keys.
import type { SinkStep } from "../../dsl/graph/job-graph.ts";
import type { Connector, OpenContext, OpenSink, Sink } from "../connectors/connector.ts";
import type { Written } from "./events.ts";
import type { RunLedger } from "./ledger.ts";
import type { RecordTaker } from "./rejections.ts";
import type { Untimed } from "./reporter.ts";

export interface OpenedSink extends RecordTaker {
  readonly step: SinkStep;
  readonly format: string;
  readonly sink: Sink;
}

/** The sinks of one run, by what they take. */
export class Sinks {
  readonly #opened: OpenedSink[] = [];
  readonly #ledger: RunLedger;

  constructor(ledger: RunLedger) {
    this.#ledger = ledger;
  }

  async open(step: SinkStep, open: OpenSink, connector: Connector, context: OpenContext): Promise<void> {
    const format = formatOf(step, connector);
    const sink = await open({ ...context, format, secret: step.side === "keys" });
    this.#opened.push({
      step,
      format,
      sink,
      exposing: step.exposing !== undefined,
      write: async (bytes, events) => {
        await sink.write(bytes, events);
        this.#ledger.wrote(step.name, bytes.length);
      },
    });
  }

  of(stream: string, side: SinkStep["side"]): readonly OpenedSink[] {
    return this.#opened.filter(({ step }) => step.from === stream && step.side === side);
  }

  /** Makes all of them durable and visible; keys first, since nobody can open events without them. */
  async complete(report: (event: Untimed<Written>) => void): Promise<void> {
    const order: readonly SinkStep["side"][] = ["keys", "rejected", "events"];
    for (const side of order) {
      for (const { step, sink } of this.#opened.filter((opened) => opened.step.side === side)) {
        for (const { target, events, sizeBytes } of await sink.complete()) {
          this.#ledger.delivered(step.name, events);
          report({ type: "written", sink: step.name, target, events, size_bytes: sizeBytes });
        }
      }
    }
  }

  async abort(): Promise<void> {
    await Promise.all(this.#opened.map(({ sink }) => sink.abort()));
  }
}

/** What the graph says; else the connector's first. */
function formatOf(step: SinkStep, connector: Connector): string {
  const { format } = step.options;
  return typeof format === "string" ? format : (connector.spec.sink?.formats[step.side][0] ?? "json");
}
