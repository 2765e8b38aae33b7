// Which records of a quarantine a command looks at: all, or those of a code, a step or runs.
import { type QuarantineEntry, readRejected } from "../../../runner/index.ts";
import { CommandFailure } from "../../exit.ts";
import { failingPlainly, pipelineName, stateFolderOf } from "../../state-folder.ts";

export interface RejectedFilter {
  readonly state?: string;
  readonly code?: string;
  readonly step?: string;
  readonly run?: readonly string[];
}

/**
 * Calls `take` for each record that passes the filter, until it answers false. Throws a CommandFailure where the pipeline has not run on the
 * state folder yet, and where that can't be read.
 */
export async function eachRejected(
  file: string,
  filter: RejectedFilter,
  take: (entry: QuarantineEntry) => Promise<boolean> | boolean,
): Promise<void> {
  const stateDir = stateFolderOf(file, filter.state);
  const pipeline = pipelineName(file);
  const found = await failingPlainly(() =>
    readRejected(stateDir, pipeline, (entry) => !passes(entry, filter) || take(entry)),
  );
  if (found) return;
  throw new CommandFailure(
    `The pipeline ${pipeline} has not run on the state folder ${stateDir}.`,
    "Name the state folder of its runs with --state DIR; strm state --state DIR shows what is in one.",
  );
}

function passes({ run, code, step }: QuarantineEntry, filter: RejectedFilter): boolean {
  return (
    (filter.code === undefined || filter.code === code) &&
    (filter.step === undefined || filter.step === step) &&
    (filter.run === undefined || filter.run.includes(run))
  );
}
