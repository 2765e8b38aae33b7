// The metrics of a run, counted from its events; the library writes them in Prometheus' text format.
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Ledger, Progress, RunEvent, StepLedger } from "../../runner/index.ts";

const outcomes = ["out", "withheld", "rejected"] as const;

export class RunMetrics {
  readonly #registry = new Registry();
  /** What the ledger said when it was counted last: its counts are the job's, and these are the process's. */
  #counted: Pick<Ledger, "read_bytes" | "steps"> = { read_bytes: 0, steps: [] };
  readonly #waitedMs = new Map<string, number>();
  readonly #info = this.#gauge(
    "strm_run_info",
    "Always 1; its labels name the run.",
    "pipeline",
    "graph_hash",
    "run_id",
  );
  readonly #started = this.#gauge("strm_run_start_time_seconds", "When the run started, since 1970.");
  readonly #open = this.#gauge("strm_run_open", "1 while sources, sinks and keys are open, else 0.");
  readonly #received = this.#counter(
    "strm_events_received_total",
    "Events that came into a step.",
    "step",
    "kind",
  );
  readonly #events = this.#counter(
    "strm_events_total",
    "Events that a step is done with: out (passed on, or made visible by a sink), withheld for want of consent, or rejected.",
    "step",
    "kind",
    "outcome",
  );
  readonly #rejected = this.#counter(
    "strm_rejected_events_total",
    "Rejected events by their reason's code.",
    "step",
    "code",
  );
  readonly #inFlight = this.#gauge(
    "strm_in_flight_events",
    "Events that a sink has and has not made visible.",
    "step",
  );
  readonly #lagEvents = this.#gauge(
    "strm_source_lag_events",
    "Events that a source has yet to read, as far as it knew when it last read something; absent where it can't tell.",
    "step",
  );
  readonly #lagBytes = this.#gauge(
    "strm_source_lag_bytes",
    "The same in bytes, of a source that knows only these.",
    "step",
  );
  readonly #waits = this.#counter(
    "strm_wait_seconds_total",
    "Time for which the work waited: on a source's events, on kernels, on keys, on a sink.",
    "on",
  );
  readonly #readBytes = this.#counter("strm_read_bytes_total", "Bytes of events that all sources have read.");
  readonly #writtenBytes = this.#counter(
    "strm_written_bytes_total",
    "Bytes of events given to a sink.",
    "step",
  );
  readonly #objects = this.#counter(
    "strm_written_objects_total",
    "Files or objects that a sink made complete.",
    "step",
  );
  readonly #objectBytes = this.#counter(
    "strm_written_object_bytes_total",
    "Their bytes, as they are stored.",
    "step",
  );
  readonly #keys = this.#counter(
    "strm_key_links_created_total",
    "Key links that an encrypt step made.",
    "step",
  );
  readonly #rotations = this.#counter(
    "strm_key_rotations_total",
    "Of these, those of key values that had an earlier window.",
    "step",
  );
  readonly #checkpoints = this.#counter("strm_checkpoints_total", "Checkpoints that held.");
  readonly #checkpointTime = this.#gauge(
    "strm_last_checkpoint_timestamp_seconds",
    "When the last checkpoint held, since 1970; 0: there is none.",
  );
  readonly #retries = this.#counter(
    "strm_retries_total",
    "Attempts that failed and were made again.",
    "where",
    "code",
  );
  readonly #retryWait = this.#counter(
    "strm_retry_wait_seconds_total",
    "Time waited before attempts.",
    "where",
  );
  readonly #retrying = this.#gauge("strm_retrying", "1 while something is tried again, else 0.", "where");
  readonly #warnings = this.#counter("strm_warnings_total", "Warnings.");
  readonly #balanced = this.#gauge(
    "strm_ledger_balanced",
    "1 while every step and edge accounts for every event, else 0.",
  );
  readonly #difference = this.#gauge(
    "strm_ledger_difference_events",
    "In a step: in - out - withheld - rejected - in flight. Anything but 0 is a loss or a double.",
    "step",
  );
  readonly #failed = this.#gauge("strm_run_failed", "1 when the run has failed, else 0.");

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  note(event: RunEvent): void {
    switch (event.type) {
      case "started":
        this.#info.set({ pipeline: event.pipeline, graph_hash: event.graph_hash, run_id: event.run_id }, 1);
        this.#started.set(secondsOf(event.time));
        if (event.continues !== null) {
          this.#counted = event.continues.ledger;
          this.#checkpointTime.set(secondsOf(event.continues.made));
          this.#show(event.continues.ledger);
        }
        break;
      case "opened":
        this.#open.set(1);
        break;
      case "progress":
        this.#count(event.ledger);
        this.#showProgress(event);
        break;
      case "finished":
        this.#open.set(0);
        this.#count(event.ledger);
        break;
      case "checkpoint":
        this.#checkpoints.inc();
        this.#checkpointTime.set(secondsOf(event.time));
        break;
      case "keys":
        this.#keys.inc({ step: event.step }, event.created);
        this.#rotations.inc({ step: event.step }, event.rotated);
        break;
      case "written":
        this.#objects.inc({ step: event.sink });
        this.#objectBytes.inc({ step: event.sink }, event.size_bytes);
        break;
      case "rejected":
        this.#rejected.inc({ step: event.step, code: event.code }, event.events);
        break;
      case "retry":
        this.#retries.inc({ where: event.where, code: event.code });
        this.#retryWait.inc({ where: event.where }, event.wait_ms / 1000);
        this.#retrying.set({ where: event.where }, 1);
        if (event.where === "run") this.#open.set(0);
        break;
      case "recovered":
        this.#retrying.set({ where: event.where }, 0);
        break;
      case "warning":
        this.#warnings.inc();
        break;
      case "failed":
        this.#failed.set(1);
        break;
      case "stopping":
        break;
    }
  }

  /** As `type` says. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get type(): string {
    return this.#registry.contentType;
  }

  /**
   * Counts what came since the last ledger. A run that goes back to its checkpoint has a ledger with less in it: nothing is taken from a counter,
   * since that would look like a restart, and what is done again is counted again.
   */
  #count(ledger: Ledger): void {
    const before = this.#counted;
    this.#counted = ledger;
    this.#readBytes.inc(more(ledger.read_bytes, before.read_bytes));
    for (const step of ledger.steps) {
      const { name, kind } = step;
      const then = before.steps.find((one) => one.name === name);
      this.#received.inc({ step: name, kind }, more(step.in, then?.in));
      for (const outcome of outcomes) {
        this.#events.inc({ step: name, kind, outcome }, more(step[outcome], then?.[outcome]));
      }
      if (kind === "sink")
        this.#writtenBytes.inc({ step: name }, more(step.written_bytes, then?.written_bytes));
    }
    this.#show(ledger);
  }

  #show({ balanced, steps }: Ledger): void {
    this.#balanced.set(balanced ? 1 : 0);
    for (const step of steps) {
      this.#difference.set({ step: step.name }, differenceIn(step));
      if (step.kind === "sink") this.#inFlight.set({ step: step.name }, step.in_flight);
    }
  }

  #showProgress({ waits, behind }: Progress): void {
    for (const { on, waited_ms } of waits) {
      this.#waits.inc({ on }, more(waited_ms, this.#waitedMs.get(on)) / 1000);
      this.#waitedMs.set(on, waited_ms);
    }
    for (const { source, count, unit } of behind) {
      if (unit === "events") this.#lagEvents.set({ step: source }, count);
      else this.#lagBytes.set({ step: source }, count);
    }
  }

  #counter<L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}

function differenceIn({ in: came, out, withheld, rejected, in_flight }: StepLedger): number {
  return came - out - withheld - rejected - in_flight;
}

function more(now: number, then = 0): number {
  return Math.max(0, now - then);
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}
