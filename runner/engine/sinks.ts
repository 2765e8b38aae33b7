// The sinks of a run, quarantine included: each takes what it is for, one write after another, and its part in every checkpoint.
import type { Json, Scheme, SinkStep } from "../../dsl/graph/job-graph.ts";
import type { Connector, OpenContext } from "../connectors/connector.ts";
import type { Cut, Detail, Reached, Session, Sink } from "../connectors/delivery.ts";
import { OneByOne } from "../one-by-one.ts";
import { outputForm } from "../plan/output-form.ts";
import { eventHeader } from "./event-header.ts";
import type { Written } from "./events.ts";
import { headerOf } from "./key-rows.ts";
import { QUARANTINE, type RunLedger, streamOf } from "./ledger.ts";
import type { ReadySink } from "./open-steps.ts";
import type { RecordTaker } from "./rejections.ts";
import type { Untimed } from "./reporter.ts";
import type { Retries } from "./retry.ts";
import type { Waits } from "./waits.ts";

export interface OpenedSink extends RecordTaker {
  /** The step's name, or `quarantine`. */
  readonly name: string;
  readonly format: string;
  /** See `OutputPlan`; means nothing for keys and rejected events. */
  readonly form: string;
  write(bytes: Uint8Array, events: number, detail?: Detail): Promise<void>;
}

interface Held {
  readonly opened: OpenedSink;
  readonly sink: Sink;
  readonly side: SinkStep["side"];
  readonly from: string;
}

/** What a sink is opened with beside what its step says. */
export interface SinkWish {
  /** Of the encrypt step whose keys it takes; absent for other sinks. */
  readonly scheme: Scheme | undefined;
  /** The reference of its stream's contract. */
  readonly contract: string;
  /** Of its stream, where events are written as Avro or CSV. */
  readonly schema: Json | undefined;
  /** Its source ends by itself. */
  readonly bounded: boolean;
  /** Its state in the checkpoint to go on from. */
  readonly resume: Json | undefined;
  readonly session: Session | undefined;
}

export class Sinks {
  readonly #held: Held[] = [];
  readonly #ledger: RunLedger;
  readonly #retries: Retries;
  readonly #waits: Waits;
  #quarantine: OpenedSink | undefined;
  #closed: Promise<unknown> | undefined;

  constructor(ledger: RunLedger, retries: Retries, waits: Waits) {
    this.#ledger = ledger;
    this.#waits = waits;
    this.#retries = retries;
  }

  async open(
    { step, open, connector }: ReadySink,
    { scheme, contract, schema, bounded, resume, session }: SinkWish,
    context: OpenContext,
  ): Promise<void> {
    const format = formatOf(step, connector);
    const secret = step.side === "keys";
    const header = scheme === undefined ? eventHeader(step, schema) : headerOf(format, scheme);
    const sink = await open(
      {
        ...context,
        stream: streamOf(step) ?? step.from,
        contract,
        format,
        bounded,
        header: Buffer.from(header),
        secret,
        ...(schema !== undefined && { schema }),
        ...(resume !== undefined && { resume }),
      },
      session,
    );
    const opened = this.#opened(
      step.name,
      sink,
      format,
      outputForm(step.options),
      step.exposing !== undefined,
    );
    this.#held.push({ opened, sink, side: step.side, from: step.from });
  }

  addQuarantine(sink: Sink): void {
    this.#quarantine = this.#opened(QUARANTINE, sink, "json", "json", false);
    this.#held.push({ opened: this.#quarantine, sink, side: "rejected", from: "" });
  }

  of(stream: string, side: SinkStep["side"]): readonly OpenedSink[] {
    return this.#held.flatMap((held) => (held.from === stream && held.side === side ? [held.opened] : []));
  }

  /** Who takes what a step refuses: its own sinks, else the quarantine. */
  refusedBy(step: string): readonly OpenedSink[] {
    const own = this.of(step, "rejected");
    if (own.length > 0) return own;
    if (this.#quarantine === undefined) throw new Error("the run has no quarantine");
    return [this.#quarantine];
  }

  /** Calls every sink before it waits for any: all of them show the same moment. */
  prepare(cut: Cut): Promise<ReadonlyMap<string, Json>> {
    const prepared = this.#held.map(
      async ({ opened, sink }) => [opened.name, await sink.prepare(cut)] as const,
    );
    return Promise.allSettled(prepared).then(
      (ends) =>
        new Map(
          ends.map((end) => {
            if (end.status === "rejected") throw end.reason;
            return end.value;
          }),
        ),
    );
  }

  /**
   * Makes visible what the last checkpoint holds; keys first, since nobody can open events without them. `counted`: the ledger
   * has these events as delivered already.
   */
  async commit(report: (event: Untimed<Written>) => void, counted: boolean): Promise<void> {
    const order: readonly SinkStep["side"][] = ["keys", "rejected", "events"];
    for (const { opened, sink } of this.#held.toSorted(
      (a, b) => order.indexOf(a.side) - order.indexOf(b.side),
    )) {
      const { events, written } = await this.#retries.patiently(opened.name, () => sink.commit());
      if (counted) continue;
      this.#ledger.delivered(opened.name, events);
      for (const { target, events: inside, sizeBytes } of written) {
        report({ type: "written", sink: opened.name, target, events: inside, size_bytes: sizeBytes });
      }
    }
  }

  /** How far those have written whose records have offsets; also when they are closed. */
  reached(): readonly { readonly step: string; readonly reached: readonly Reached[] | undefined }[] {
    return this.#held.map(({ opened, sink }) => ({ step: opened.name, reached: sink.reached?.() }));
  }

  /** Lets go of all of them. Never throws. */
  async close(): Promise<void> {
    this.#closed ??= Promise.all(this.#held.map(({ sink }) => sink.close()));
    await this.#closed;
  }

  #opened(name: string, sink: Sink, format: string, form: string, exposing: boolean): OpenedSink {
    const queue = new OneByOne();
    return {
      name,
      format,
      form,
      exposing,
      write: (bytes, events, detail) =>
        queue.run(async () => {
          await this.#waits.during(name, () =>
            this.#retries.patiently(name, () => sink.write(bytes, events, detail)),
          );
          if (name !== QUARANTINE) this.#ledger.wrote(name, bytes.length);
        }),
    };
  }
}

/** What the graph says; else the connector's first. */
function formatOf(step: SinkStep, connector: Connector): string {
  const { format } = step.options;
  return typeof format === "string" ? format : (connector.spec.sink?.formats[step.side][0] ?? "json");
}
