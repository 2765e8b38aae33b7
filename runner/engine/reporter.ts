// Stamps run events with their time and hands them on; progress at most twice a second.
import { ConsentSums } from "./consent-sums.ts";
import type { Ledger, Progress, RunEvent, RunSummary } from "./events.ts";
import { KeyCallSums } from "./key-calls.ts";
import { RunLedger } from "./ledger.ts";
import { RunSummer } from "./run-summary.ts";
import { Waits } from "./waits.ts";

/** Often enough for a person to see it move, seldom enough for a log. */
const PROGRESS_EVERY_MS = 500;

/** How long it may look as if nothing were wrong where a sink, a key store or a kernel takes its time. */
export const BEAT_EVERY_MS = 2000;

/** An event without its time: the reporter knows it. */
export type Untimed<E extends RunEvent = RunEvent> = E extends RunEvent ? Omit<E, "time"> : never;

/** What sources and sinks know of where they stand. */
export type Ends = Pick<Progress, "behind" | "offsets">;

export class Reporter {
  readonly #report: (event: RunEvent) => void;
  readonly #startMs = performance.now();
  /** For what the work waits; progress tells it. */
  readonly waits = new Waits();
  /** What is asked of key stores; progress tells it. */
  readonly keyCalls = new KeyCallSums();
  #kernels = { batches: 0, workedMs: 0 };
  /** What people consented to; progress tells it. */
  readonly consents = new ConsentSums();
  #ledger = new RunLedger([]);
  #ends: () => Ends = () => ({ behind: [], offsets: [] });
  #shownMs = performance.now();
  #late: NodeJS.Timeout | undefined;
  #deaf = false;
  readonly #summer = new RunSummer();

  constructor(report: (event: RunEvent) => void) {
    this.#report = report;
  }

  /** From now on this is asked for what sources and sinks know. */
  lookAtEnds(ends: () => Ends): void {
    this.#ends = ends;
  }

  /** From now on this is the ledger that is shown. */
  follow(ledger: RunLedger): void {
    this.#ledger = ledger;
  }

  /** A kernel has worked on a batch. */
  worked(workedMs: number): void {
    this.#kernels.batches++;
    this.#kernels.workedMs += workedMs;
  }

  /** Throws what `report` throws: a run that can't be reported fails. */
  send<E extends Untimed>(event: E): { readonly time: string } & E {
    // Nothing comes behind it, also where the run has failed and nobody has shown the last progress.
    if (event.type === "finished") clearTimeout(this.#late);
    const timed = { time: new Date().toISOString(), ...event };
    this.#summer.note(timed);
    if (!this.#deaf) this.#report(timed);
    return timed;
  }

  /** Does `what`, and tells no more where nobody could be told: a failure to report must not hide the one reported. */
  deafen<T>(what: () => T): T {
    try {
      return what();
    } catch {
      this.#deaf = true;
      return what();
    }
  }

  /** To be called after every batch; what comes too soon is shown a little later. */
  progress(): void {
    const waitMs = this.#shownMs + PROGRESS_EVERY_MS - performance.now();
    if (waitMs <= 0) this.progressNow();
    else this.#late ??= setTimeout(() => this.deafen(() => this.progressNow()), waitMs).unref();
  }

  /**
   * To be called from time to time: shows progress also while no batch ends, where something holds the work up; nothing where it is only
   * that `sources` have no events.
   */
  beat(sources: ReadonlySet<string>): void {
    if (performance.now() - this.#shownMs < BEAT_EVERY_MS) return;
    if (this.waits.present().some((on) => !sources.has(on))) this.deafen(() => this.progressNow());
  }

  progressNow(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#shownMs = performance.now();
    this.send({
      type: "progress",
      ledger: this.snapshot(),
      waits: this.waits.sums(),
      kernels: { batches: this.#kernels.batches, worked_ms: Math.round(this.#kernels.workedMs) },
      key_calls: this.keyCalls.sums(),
      ...this.#ends(),
      consents: this.consents.sums(),
    });
  }

  summary(ledger: Ledger): RunSummary {
    return this.#summer.summary(ledger);
  }

  snapshot(): Ledger {
    return this.#ledger.snapshot(Math.round(performance.now() - this.#startMs), process.memoryUsage.rss());
  }
}
