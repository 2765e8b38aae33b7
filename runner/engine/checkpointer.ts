// Makes checkpoints while a run goes on: from time to time, when somebody asks, and at the end.
import type { Cut, Position, Source } from "../connectors/delivery.ts";
import { OneByOne } from "../one-by-one.ts";
import type { Gate } from "./gate.ts";
import type { JobState } from "./job/job-state.ts";
import type { KeyExport } from "./key-export.ts";
import type { RunLedger } from "./ledger.ts";
import type { Reporter } from "./reporter.ts";
import type { Patience, Retries } from "./retry.ts";
import type { Sinks } from "./sinks.ts";

export interface CheckpointParts {
  readonly gate: Gate;
  readonly sinks: Sinks;
  readonly ledger: RunLedger;
  readonly keyExport: KeyExport;
  readonly job: JobState;
  readonly reporter: Reporter;
  /** By source step. */
  readonly sources: ReadonlyMap<string, Pick<Source, "committed">>;
  readonly retries: Retries;
  /** Called when a checkpoint holds. */
  readonly held: () => void;
  /** Where one decides whether checkpoints hold. */
  readonly decider?: { decide(cut: Cut): Promise<void> } | undefined;
}

type Moved = Map<string, Map<string, Position>>;

interface Request {
  readonly held: () => void;
  readonly failed: (error: unknown) => void;
}

export class Checkpointer {
  readonly #parts: CheckpointParts;
  readonly #everyMs: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #turns = new OneByOne();
  #number: number;
  #moved: Moved = new Map();
  #requests: Request[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The last checkpoint is being made: nobody gets another one. */
  #closing = false;
  /** Settles, without an error, when all that was begun has been dealt with. */
  #ticking: Promise<void> = Promise.resolve();
  readonly #patience: Patience;
  #failure: { readonly error: unknown } | undefined;

  /** `last`: the number of the checkpoint that the run goes on from. `onFailure`: the run can't go on. */
  constructor(parts: CheckpointParts, everyMs: number, last: number, onFailure: (error: unknown) => void) {
    this.#parts = parts;
    this.#everyMs = everyMs;
    this.#number = last;
    this.#patience = parts.retries.patience("checkpoint");
    this.#onFailure = onFailure;
  }

  /** What was read up to there has been delivered. Called before the gate is left. */
  move(source: string, partition: string, position: Position): void {
    const partitions = this.#moved.get(source) ?? new Map<string, Position>();
    this.#moved.set(source, partitions.set(partition, position));
  }

  start(): void {
    this.#schedule(this.#everyMs);
  }

  /** See `Checkpointing.checkpoint`. Rejects where the run fails first. */
  request(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const made = new Promise<void>((held, failed) => this.#requests.push({ held, failed }));
    // Whoever asks from within a write holds up the very cut that it asks for: what comes of it is told later.
    setImmediate(() => this.#tick());
    return made;
  }

  /** The last checkpoint of a run, in which everything becomes visible. Nothing may be delivered any more. */
  async final(): Promise<void> {
    // One that has failed for good must not be covered by one that succeeds: what a sink could not sync may be lost.
    await this.#ticking;
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#patience.until(() => this.#turns.run(() => this.#make(true)));
  }

  /** For a run that has failed: whoever waits for a checkpoint waits in vain. Resolves when sinks are not asked for anything any more. */
  async giveUp(error: unknown): Promise<void> {
    this.#refuse(error);
    await this.#ticking;
  }

  #refuse(error: unknown): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failure ??= { error };
    for (const { failed } of this.#requests.splice(0)) failed(error);
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), waitMs);
    this.#timer.unref();
  }

  #tick(): void {
    if (this.#failure !== undefined || this.#closing) return;
    const before = this.#ticking;
    const made = this.#turns
      .run(() => this.#makeIfNeeded())
      .then(
        () => this.#schedule(this.#everyMs),
        (error) => this.#afterFailure(error),
      );
    this.#ticking = before.then(() => made);
  }

  async #makeIfNeeded(): Promise<void> {
    if (this.#moved.size > 0 || this.#requests.length > 0) await this.#make(false);
    this.#patience.passed();
  }

  /** A checkpoint that fails for a while is given up: the next one holds all that this one would have. */
  async #afterFailure(failure: unknown): Promise<void> {
    try {
      await this.#patience.failed(failure);
      this.#schedule(0);
    } catch (error) {
      this.#refuse(error);
      this.#onFailure(error);
    }
  }

  async #make(ends: boolean): Promise<void> {
    const { gate, sinks, ledger, keyExport, job, sources, reporter, decider } = this.#parts;
    const startMs = performance.now();
    const { cut, ledgerThen, events, exported, requests, prepared } = await gate.alone(() => {
      const taken: Cut = { checkpoint: this.#number + 1, ends, positions: this.#moved };
      this.#moved = new Map();
      return {
        cut: taken,
        ledgerThen: ledger.save(),
        events: ledger.received,
        exported: keyExport.take(),
        requests: this.#requests.splice(0),
        // Every sink takes its cut in this very call; what they answer is awaited outside.
        prepared: sinks.prepare(taken),
      };
    });
    try {
      const states = await prepared;
      if (this.#failure !== undefined) throw this.#failure.error;
      const record = {
        checkpoint: cut.checkpoint,
        positions: cut.positions,
        sinks: states,
        ledger: ledgerThen,
        exported,
      };
      if (decider === undefined) job.record(record);
      else job.propose(record);
    } catch (error) {
      this.#takeBack(cut, requests);
      keyExport.giveBack();
      throw error;
    }
    try {
      if (decider !== undefined) {
        // Where this fails, the run goes back to the checkpoint before: there is nothing to take back here.
        await decider.decide(cut);
        job.decided();
      }
      this.#number = cut.checkpoint;
      this.#parts.held();
      await sinks.commit((event) => reporter.send(event), false);
      for (const [source, positions] of cut.positions) await sources.get(source)?.committed?.(positions);
    } catch (error) {
      // No other checkpoint will be theirs: a source that waits for one would never end.
      for (const { failed } of requests) failed(error);
      throw error;
    }
    const tookMs = Math.round(performance.now() - startMs);
    reporter.send({ type: "checkpoint", checkpoint: cut.checkpoint, events, took_ms: tookMs });
    for (const { held } of requests) held();
  }

  #takeBack({ positions }: Cut, requests: readonly Request[]): void {
    const later = this.#moved;
    this.#moved = new Map();
    for (const moved of [positions, later]) {
      for (const [source, partitions] of moved) {
        for (const [partition, position] of partitions) this.move(source, partition, position);
      }
    }
    this.#requests.unshift(...requests);
  }
}
