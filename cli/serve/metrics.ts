// The metrics of a run, counted from its events and from nothing else.
import type { Ledger, Progress, RunEvent, StepLedger } from "../../runner/index.ts";
import { Instruments } from "./instruments.ts";

const outcomes = ["out", "withheld", "rejected"] as const;

export class RunMetrics {
  readonly #instruments = new Instruments();
  /** What the ledger said when it was counted last: its counts are the job's, and these are the process's. */
  #counted: Pick<Ledger, "read_bytes" | "steps"> = { read_bytes: 0, steps: [] };
  /** What the last progress said of all that only grows. */
  #told: Pick<Progress, "waits" | "kernels" | "key_calls"> = {
    waits: [],
    kernels: { batches: 0, worked_ms: 0 },
    key_calls: [],
  };

  /** Places where something has been tried again. */
  readonly #retrying = new Set<string>();

  constructor() {
    // Nothing has been counted, and so nothing is amiss.
    this.#instruments.balanced.set(1);
  }

  note(event: RunEvent): void {
    switch (event.type) {
      case "started":
        this.#instruments.info.set(
          { pipeline: event.pipeline, graph_hash: event.graph_hash, run_id: event.run_id },
          1,
        );
        this.#instruments.started.set(secondsOf(event.time));
        this.#instruments.kernels.set(event.workers);
        if (event.continues !== null) {
          this.#counted = event.continues.ledger;
          this.#instruments.checkpointTime.set(secondsOf(event.continues.made));
          this.#show(event.continues.ledger);
        }
        break;
      case "opened":
        this.#instruments.open.set(1);
        // Where the run went back, the rest was opened anew, and never says that it has recovered.
        for (const where of this.#retrying) if (where !== "run") this.#instruments.retrying.set({ where }, 0);
        break;
      case "progress":
        this.#count(event.ledger);
        this.#showProgress(event);
        break;
      case "finished":
        this.#instruments.open.set(0);
        this.#count(event.ledger);
        break;
      case "checkpoint":
        this.#instruments.checkpoints.inc();
        this.#instruments.checkpointTime.set(secondsOf(event.time));
        this.#instruments.checkpointTook.observe(event.took_ms / 1000);
        break;
      case "keys":
        this.#instruments.keys.inc({ step: event.step }, event.created);
        this.#instruments.rotations.inc({ step: event.step }, event.rotated);
        break;
      case "written":
        this.#instruments.objects.inc({ step: event.sink });
        this.#instruments.objectBytes.inc({ step: event.sink }, event.size_bytes);
        break;
      case "rejected":
        this.#instruments.rejected.inc({ step: event.step, code: event.code }, event.events);
        break;
      case "retry":
        this.#instruments.retries.inc({ where: event.where, code: event.code });
        this.#instruments.retryWait.inc({ where: event.where }, event.wait_ms / 1000);
        this.#instruments.retrying.set({ where: event.where }, 1);
        this.#retrying.add(event.where);
        if (event.where === "run") this.#instruments.open.set(0);
        break;
      case "recovered":
        this.#instruments.retrying.set({ where: event.where }, 0);
        break;
      case "uncovered":
        this.#instruments.uncovered.inc({ step: event.stream });
        break;
      case "warning":
        this.#instruments.warnings.inc();
        break;
      case "failed":
        this.#instruments.failed.set(1);
        break;
      case "stopping":
        break;
    }
  }

  /** As `type` says. */
  text(): Promise<string> {
    return this.#instruments.text();
  }

  get type(): string {
    return this.#instruments.type;
  }

  /**
   * Counts what came since the last ledger. A run that goes back to its checkpoint has a ledger with less in it: nothing is taken from a counter,
   * since that would look like a restart, and what is done again is counted again.
   */
  #count(ledger: Ledger): void {
    const before = this.#counted;
    this.#counted = ledger;
    this.#instruments.readBytes.inc(more(ledger.read_bytes, before.read_bytes));
    for (const step of ledger.steps) {
      const { name, kind } = step;
      const then = before.steps.find((one) => one.name === name);
      this.#instruments.received.inc({ step: name, kind }, more(step.in, then?.in));
      for (const outcome of outcomes) {
        this.#instruments.events.inc({ step: name, kind, outcome }, more(step[outcome], then?.[outcome]));
      }
      if (kind === "sink")
        this.#instruments.writtenBytes.inc({ step: name }, more(step.written_bytes, then?.written_bytes));
    }
    this.#show(ledger);
  }

  #show({ balanced, steps }: Ledger): void {
    this.#instruments.balanced.set(balanced ? 1 : 0);
    for (const step of steps) {
      this.#instruments.difference.set({ step: step.name }, differenceIn(step));
      if (step.kind === "sink") this.#instruments.inFlight.set({ step: step.name }, step.in_flight);
    }
  }

  #showProgress({ waits, kernels, key_calls, behind }: Progress): void {
    const before = this.#told;
    this.#told = { waits, kernels, key_calls };
    for (const { on, waited_ms } of waits) {
      const then = before.waits.find((one) => one.on === on);
      this.#instruments.waits.inc({ on }, more(waited_ms, then?.waited_ms) / 1000);
    }
    this.#instruments.batches.inc(more(kernels.batches, before.kernels.batches));
    this.#instruments.kernelTime.inc(more(kernels.worked_ms, before.kernels.worked_ms) / 1000);
    for (const { call, calls, failed, took_ms } of key_calls) {
      const then = before.key_calls.find((one) => one.call === call);
      this.#instruments.keyCalls.inc({ call }, more(calls, then?.calls));
      this.#instruments.keyFailures.inc({ call }, more(failed, then?.failed));
      this.#instruments.keyTime.inc({ call }, more(took_ms, then?.took_ms) / 1000);
    }
    for (const { source, count, unit } of behind) {
      if (unit === "events") this.#instruments.lagEvents.set({ step: source }, count);
      else this.#instruments.lagBytes.set({ step: source }, count);
    }
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
