// Follows a run over the network from wherever it is: through lost connections, and on to the run that takes its place, until one ends.
import { setTimeout as sleep } from "node:timers/promises";
import type { JobGraph } from "../../dsl/index.ts";
import type { Finished, RunEvent } from "../../runner/index.ts";
import type { CommandFailure } from "../exit.ts";
import { Connection, type Limits, usualLimits } from "./connection.ts";
import { EventReader, type Snapshot } from "./event-reader.ts";
import { readGraph } from "./graph-shape.ts";
import { Interruption, Place } from "./interruption.ts";
import { Misfit } from "./misfit.ts";
import type { Target } from "./target.ts";

/** Is told what can be seen of the run. */
export interface Onlooker {
  /** What was told before is void: the events of the snapshot add up to all that happened. */
  begin(graph: JobGraph, snapshot: Snapshot): void;
  report(event: RunEvent): void;
  /** The run can't be seen at present; `why` completes "it". It is tried again by itself. */
  lost(why: string): void;
}

export interface Pace {
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** A pod takes some seconds to come back. */
const usualPace: Pace = { firstWaitMs: 500, longestWaitMs: 10_000 };

export interface FollowOptions {
  readonly leave: AbortSignal;
  readonly limits?: Limits;
  readonly pace?: Pace;
}

/**
 * Resolves with the end of the run, or with undefined once `leave` is aborted. Throws a `CommandFailure` with a code `top.*` where the run
 * can't be seen the first time, lets nobody in, or tells what is not understood.
 */
export async function followRun(
  target: Target,
  onlooker: Onlooker,
  { leave, limits = usualLimits, pace = usualPace }: FollowOptions,
): Promise<Finished | undefined> {
  const visit = new Visit(target, limits, onlooker);
  let waitMs = pace.firstWaitMs;
  while (!leave.aborted) {
    const lines = visit.lines;
    try {
      const finished = await visit.once(leave);
      if (finished !== undefined) return finished;
    } catch (error) {
      if (leave.aborted) break;
      if (!(error instanceof Interruption)) throw error;
      if (!visit.seen) throw error.atFirst;
      onlooker.lost(error.message);
    }
    // A connection that told more than its snapshot was a good one.
    waitMs = visit.lines > lines + 1 ? pace.firstWaitMs : waitMs;
    await sleep(waitMs, undefined, { signal: leave }).catch(() => {});
    waitMs = Math.min(2 * waitMs, pace.longestWaitMs);
  }
  return undefined;
}

/** One connection after another to the same place. */
class Visit {
  readonly #connection: Connection;
  readonly #place: Place;
  readonly #onlooker: Onlooker;
  #graph: JobGraph | undefined;
  /** A run was seen there. */
  seen = false;
  /** That said something, of all connections. */
  lines = 0;

  constructor(target: Target, limits: Limits, onlooker: Onlooker) {
    this.#connection = new Connection(target, limits);
    this.#place = new Place(target.base);
    this.#onlooker = onlooker;
  }

  /** Resolves with the end of the run. Throws an `Interruption` where the connection ends before. */
  async once(leave: AbortSignal): Promise<Finished | undefined> {
    const reader = new EventReader();
    let begun = false;
    let finished: Finished | undefined;
    await this.#connection.events(leave, async (line) => {
      const value = this.#connection.parsed(line);
      const told = begun
        ? this.#understood(() => [reader.event(value)].filter((event) => event !== undefined))
        : await this.#begin(value, reader, leave);
      if (leave.aborted) return true;
      if (begun) for (const event of told) this.#onlooker.report(event);
      begun = true;
      this.lines++;
      finished = told.find((event) => event.type === "finished");
      return finished !== undefined;
    });
    if (finished === undefined && !leave.aborted) throw this.#place.unreachable("has ended the connection");
    return finished;
  }

  async #begin(value: unknown, reader: EventReader, leave: AbortSignal): Promise<readonly RunEvent[]> {
    if (!isSnapshot(value)) throw this.#place.notARun("does not begin with a snapshot of a run");
    const snapshot = this.#understood(() => reader.snapshot(value));
    const started = snapshot.events.find((event) => event.type === "started");
    const graph = await this.#graphOf(started?.graph_hash, leave);
    this.seen = true;
    this.#onlooker.begin(graph, snapshot);
    return snapshot.events;
  }

  /** `hash`: that of the run; undefined: it has not said it yet. */
  async #graphOf(hash: string | undefined, leave: AbortSignal): Promise<JobGraph> {
    if (this.#graph !== undefined && this.#graph.hash === hash) return this.#graph;
    const value = await this.#connection.graph(leave);
    const graph = this.#understood(() => readGraph(value));
    // Another run has come between the two answers.
    if (hash !== undefined && graph.hash !== hash)
      throw this.#place.unreachable("shows the graph of another run");
    this.#graph = graph;
    return graph;
  }

  #understood<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof Misfit ? this.#misfit(error) : error;
    }
  }

  #misfit({ place, message }: Misfit): CommandFailure {
    return this.#place.notUnderstood(`tells what this strm can't read: ${place} ${message}`);
  }
}

function isSnapshot(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "snapshot";
}
