// Lets somebody look at what the sinks of a run are given: a few events a second of one stream, personal values covered unless that is asked for.
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import type { StreamOutput } from "../../kernel/kernel.ts";
import type { Uncovered } from "../events.ts";
import type { SampleReader } from "./sample-reader.ts";
import { type TapTarget, tapTarget } from "./target.ts";

/** What somebody wants to see. */
export interface TapWish {
  /** A sink, or a stream that some sink takes. */
  readonly step: string;
  /** Personal values too. That they were shown is a run event, which comes before the first of them. */
  readonly uncovered: boolean;
}

export interface TapEvent {
  /** As the sink is given it; of a row of CSV that is too large, that it is more than this. */
  readonly sizeBytes: number;
  /** In the event's order; undefined where it is too large to be taken apart. */
  readonly fields: readonly TapField[] | undefined;
  /** How many fields there are beyond those. */
  readonly more: number;
}

export interface TapField {
  /** The contract's path, with places in lists: `items[2].name`. A field that the contract does not know has no name while it is covered. */
  readonly path: string;
  /** As it is spelled in JSON, or as a cell has it; undefined: covered. */
  readonly value: string | undefined;
}

export interface TapSample {
  readonly wish: TapWish;
  /** In the order of the stream; what came between two samples is left out. */
  readonly events: readonly TapEvent[];
}

/** What a run does for a tap. */
export interface TappedRun {
  readonly graph: JobGraph;
  readonly reader: (target: TapTarget, uncovered: boolean) => SampleReader;
  readonly report: (event: Pick<Uncovered, "type" | "stream" | "fields">) => void;
}

/** More is not to be read along. */
const SAMPLE_EVERY_MS = 250;
const MOST_EVENTS_A_SAMPLE = 3;

interface Looking {
  readonly wish: TapWish;
  readonly target: TapTarget;
  readonly read: SampleReader;
}

/** Made by whoever starts the run, and given to it. Nothing is read while nobody looks. */
export class Tap {
  readonly #take: (sample: TapSample) => void;
  #run: TappedRun | undefined;
  #wish: TapWish | undefined;
  /** That the wish shows personal values stands in the run's events. */
  #recorded = false;
  #looking: Looking | undefined;
  #sampledMs = Number.NEGATIVE_INFINITY;

  constructor(take: (sample: TapSample) => void) {
    this.#take = take;
  }

  /** What to show from now on; undefined: nothing. Does nothing where that is shown already. */
  look(wish: TapWish | undefined): void {
    if (this.#wish?.step === wish?.step && this.#wish?.uncovered === wish?.uncovered) return;
    this.#wish = wish;
    this.#recorded = false;
    this.#begin();
  }

  /** For the run: its streams flow from here on. */
  attach(run: TappedRun): void {
    this.#run = run;
    this.#begin();
  }

  /** For the run: it has ended, or goes back to its last checkpoint. */
  detach(): void {
    this.#run = undefined;
    this.#begin();
  }

  /** For the run: what its sinks are about to be given. The bytes are not kept. */
  offer(outputs: readonly StreamOutput[]): void {
    if (this.#looking === undefined || performance.now() < this.#sampledMs + SAMPLE_EVERY_MS) return;
    const { wish, target, read } = this.#looking;
    const output = outputs.find(({ stream, form }) => stream === target.stream && form === target.form);
    if (output === undefined || output.events === 0) return;
    this.#take({ wish, events: read(output, MOST_EVENTS_A_SAMPLE) });
    this.#sampledMs = performance.now();
  }

  #begin(): void {
    const [run, wish] = [this.#run, this.#wish];
    this.#looking = undefined;
    this.#sampledMs = Number.NEGATIVE_INFINITY;
    const target = run && wish && tapTarget(run.graph, wish.step);
    if (run === undefined || wish === undefined || target === undefined) return;
    const { stream, exposed } = target;
    if (wish.uncovered && exposed.length > 0 && !this.#recorded)
      run.report({ type: "uncovered", stream, fields: exposed });
    this.#recorded = true;
    this.#looking = { wish, target, read: run.reader(target, wish.uncovered) };
  }
}
