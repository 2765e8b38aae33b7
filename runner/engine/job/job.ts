// A pipeline's job on a state folder: locked for one run, and either begun anew or gone on with from its last checkpoint.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import type { Connector } from "../../connectors/connector.ts";
import { StrmFailure } from "../../failure.ts";
import type { SavedLedger } from "../ledger.ts";
import { cutQuarantine } from "../replay/quarantine-files.ts";
import { refuseChanges } from "./job-changes.ts";
import { JobLock } from "./job-lock.ts";
import { JobState, type JobSummary } from "./job-state.ts";
import { stateFailure } from "./state-failures.ts";

export interface JobWish {
  readonly graph: JobGraph;
  readonly stateDir: string;
  readonly run: string;
  readonly fromStart: boolean;
  /** Add to what the job wrote, also where it came to its end. */
  readonly replays: boolean;
  /** How the checkpoint of the job that is in doubt was decided. */
  readonly held: (found: JobSummary, checkpoint: number) => Promise<boolean>;
}

/** Where a pipeline keeps its job within the state folder: several pipelines may share the folder, with its keys. */
export function jobFolder(stateDir: string, pipeline: string): string {
  return join(stateDir, "jobs", pipeline);
}

export class Job {
  readonly state: JobState;
  /** As it was found; a job that was begun anew has no checkpoint. */
  readonly found: JobSummary;
  /** True where there is a checkpoint to go on from. */
  readonly continues: boolean;
  readonly #lock: JobLock;
  readonly #replays: boolean;

  private constructor(
    lock: JobLock,
    state: JobState,
    found: JobSummary,
    continues: boolean,
    replays = false,
  ) {
    this.#lock = lock;
    this.state = state;
    this.found = found;
    this.continues = continues;
    this.#replays = replays;
  }

  /** A replay changes nothing in how far the sources were read. `ledger`: see `JobState.end`. */
  end(outcome: "completed" | "stopped" | "failed", ledger?: SavedLedger): void {
    this.state.end(this.#replays ? this.found.status : outcome, ledger);
  }

  /**
   * A job that came to its end starts over, as does one that never made a checkpoint. Throws `run.locked`, `run.changed`,
   * `run.state-folder` and, for a replay, `run.nothing-to-replay`.
   */
  static async open(wish: JobWish, connectors: readonly Connector[]): Promise<Job> {
    const { graph, stateDir } = wish;
    const folder = jobFolder(stateDir, graph.name);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw stateFailure(folder, cause);
    }
    const lock = JobLock.take(folder, graph.name);
    let state: JobState | undefined;
    try {
      state = JobState.open(folder);
      const found = await settled(state, wish);
      if (wish.replays) checkReplay(found, wish, connectors);
      if (found === undefined || !goesOn(found, wish)) {
        if (found !== undefined) cutQuarantine(state, found.firstRun);
        const name = found?.job ?? randomBytes(4).toString("hex");
        return new Job(lock, state, state.startOver(graph, wish.run, name), false);
      }
      // A replay may be just what a change was made for, once nothing is left to read.
      if (!wish.replays) refuseChanges(found.graph, graph, connectors, stateDir);
      state.goOn(graph, wish.run, wish.replays ? found.status : "running");
      return new Job(lock, state, found, true, wish.replays);
    } catch (error) {
      state?.close();
      lock.release();
      throw stateFailure(folder, error);
    }
  }

  close(): void {
    this.state.close();
    this.#lock.release();
  }
}

/** What the job is, once nothing of it is in doubt. */
async function settled(state: JobState, { held, fromStart }: JobWish): Promise<JobSummary | undefined> {
  const found = state.summary();
  if (found?.doubtful === undefined || fromStart) return found;
  state.settle(await held(found, found.doubtful));
  return state.summary();
}

function goesOn({ checkpoint, status }: JobSummary, { fromStart, replays }: JobWish): boolean {
  return checkpoint > 0 && !fromStart && (replays || status !== "completed");
}

/** Of a job that has come to its end, all may have changed but the sinks: they are added to. */
function checkReplay(
  found: JobSummary | undefined,
  { graph, stateDir }: JobWish,
  connectors: readonly Connector[],
): void {
  if (found === undefined || found.checkpoint === 0) {
    throw new StrmFailure(
      "run.nothing-to-replay",
      `The pipeline \`${graph.name}\` has not run on this state folder yet.`,
      `Name the state folder of its runs with \`--state DIR\`; this one is ${stateDir}.`,
    );
  }
  if (found.status !== "completed") refuseChanges(found.graph, graph, connectors, stateDir);
  else refuseChanges(sinksOf(found.graph), sinksOf(graph), connectors, stateDir);
}

function sinksOf(graph: JobGraph): JobGraph {
  return { ...graph, contracts: [], keyStores: [], steps: graph.steps.filter(({ kind }) => kind === "sink") };
}
