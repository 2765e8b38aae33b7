// A pipeline's job on a state folder: locked for one run, and either begun anew or gone on with from its last checkpoint.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import type { Connector } from "../../connectors/connector.ts";
import { refuseChanges } from "./job-changes.ts";
import { JobLock } from "./job-lock.ts";
import { JobState, type JobSummary } from "./job-state.ts";
import { stateFailure } from "./state-failures.ts";

export interface JobWish {
  readonly graph: JobGraph;
  readonly stateDir: string;
  readonly run: string;
  readonly fromStart: boolean;
  /** Go on also where the last run came to its end, to add to what it wrote. */
  readonly afterEnd: boolean;
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

  private constructor(lock: JobLock, state: JobState, found: JobSummary, continues: boolean) {
    this.#lock = lock;
    this.state = state;
    this.found = found;
    this.continues = continues;
  }

  /**
   * A job that came to its end starts over, as does one that never made a checkpoint. Throws `run.locked`, `run.changed` and
   * `run.state-folder`.
   */
  static open({ graph, stateDir, run, fromStart, afterEnd }: JobWish, connectors: readonly Connector[]): Job {
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
      const found = state.summary();
      const goesOn =
        found !== undefined && found.checkpoint > 0 && (afterEnd || found.status !== "completed");
      if (!goesOn || fromStart) return new Job(lock, state, state.startOver(graph, run), false);
      if (!afterEnd) refuseChanges(found.graph, graph, connectors, stateDir);
      state.goOn(graph, run);
      return new Job(lock, state, found, true);
    } catch (error) {
      state?.close();
      lock.release();
      throw error;
    }
  }

  close(): void {
    this.state.close();
    this.#lock.release();
  }
}
