// What is measured of a run: every metric with its name, help and labels, kept and written by the library.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export class Instruments {
  readonly #registry = new Registry();
  readonly info = this.#gauge(
    "strm_run_info",
    "Always 1; its labels name the run.",
    "pipeline",
    "graph_hash",
    "run_id",
  );
  readonly started = this.#gauge("strm_run_start_time_seconds", "When the run started, since 1970.");
  readonly open = this.#gauge("strm_run_open", "1 while sources, sinks and keys are open, else 0.");
  readonly received = this.#counter(
    "strm_events_received_total",
    "Events that came into a step.",
    "step",
    "kind",
  );
  readonly events = this.#counter(
    "strm_events_total",
    "Events that a step is done with: out (passed on, or made visible by a sink), withheld for want of consent, or rejected.",
    "step",
    "kind",
    "outcome",
  );
  readonly rejected = this.#counter(
    "strm_rejected_events_total",
    "Rejected events by their reason's code.",
    "step",
    "code",
  );
  readonly inFlight = this.#gauge(
    "strm_in_flight_events",
    "Events that a sink has and has not made visible.",
    "step",
  );
  readonly lagEvents = this.#gauge(
    "strm_source_lag_events",
    "Events that a source has yet to read, as far as it knew when it last read something; absent where it can't tell.",
    "step",
  );
  readonly lagBytes = this.#gauge(
    "strm_source_lag_bytes",
    "The same in bytes, of a source that knows only these.",
    "step",
  );
  readonly waits = this.#counter(
    "strm_wait_seconds_total",
    "Time for which the work waited: on a source's events, on kernels, on keys, on a sink.",
    "on",
  );
  readonly kernelTime = this.#counter(
    "strm_kernel_seconds_total",
    "Time for which kernels worked on batches, over all of them; waiting for keys is left out.",
  );
  readonly batches = this.#counter("strm_batches_total", "Batches that kernels have worked on.");
  readonly kernels = this.#gauge("strm_kernels", "Kernels that may work side by side.");
  readonly keyCalls = this.#counter(
    "strm_key_store_calls_total",
    "Calls to key stores, those that failed included.",
    "call",
  );
  readonly keyFailures = this.#counter(
    "strm_key_store_failures_total",
    "Calls to key stores that failed.",
    "call",
  );
  readonly keyTime = this.#counter("strm_key_store_seconds_total", "Time that those calls took.", "call");
  readonly readBytes = this.#counter("strm_read_bytes_total", "Bytes of events that all sources have read.");
  readonly writtenBytes = this.#counter(
    "strm_written_bytes_total",
    "Bytes of events given to a sink.",
    "step",
  );
  readonly objects = this.#counter(
    "strm_written_objects_total",
    "Files or objects that a sink made complete.",
    "step",
  );
  readonly objectBytes = this.#counter(
    "strm_written_object_bytes_total",
    "Their bytes, as they are stored.",
    "step",
  );
  readonly keys = this.#counter(
    "strm_key_links_created_total",
    "Key links that an encrypt step made.",
    "step",
  );
  readonly rotations = this.#counter(
    "strm_key_rotations_total",
    "Of these, those of key values that had an earlier window.",
    "step",
  );
  readonly checkpoints = this.#counter("strm_checkpoints_total", "Checkpoints that held.");
  readonly checkpointTime = this.#gauge(
    "strm_last_checkpoint_timestamp_seconds",
    "When the last checkpoint held, since 1970; 0: there is none.",
  );
  readonly checkpointTook = new Histogram({
    name: "strm_checkpoint_duration_seconds",
    help: "From where a checkpoint was begun until everything that it holds was visible.",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.#registry],
  });
  readonly retries = this.#counter(
    "strm_retries_total",
    "Attempts that failed and were made again.",
    "where",
    "code",
  );
  readonly retryWait = this.#counter(
    "strm_retry_wait_seconds_total",
    "Time waited before attempts.",
    "where",
  );
  readonly retrying = this.#gauge("strm_retrying", "1 while something is tried again, else 0.", "where");
  readonly uncovered = this.#counter(
    "strm_uncoverings_total",
    "Times that somebody who watches the run began to look at personal values of a stream.",
    "step",
  );
  readonly warnings = this.#counter("strm_warnings_total", "Warnings.");
  readonly balanced = this.#gauge(
    "strm_ledger_balanced",
    "1 while every step and edge accounts for every event, else 0.",
  );
  readonly difference = this.#gauge(
    "strm_ledger_difference_events",
    "In a step: in - out - withheld - rejected - in flight. Anything but 0 is a loss or a double.",
    "step",
  );
  readonly failed = this.#gauge("strm_run_failed", "1 when the run has failed, else 0.");

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** As `type` says. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get type(): string {
    return this.#registry.contentType;
  }

  #counter<L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
