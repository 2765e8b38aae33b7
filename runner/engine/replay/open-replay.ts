// Finds what there is to replay: quarantine files, as far as a checkpoint holds them, and the steps that refused what is in them.
import { StrmFailure } from "../../failure.ts";
import type { Job } from "../job/job.ts";
import { type QuarantineFile, quarantineFiles } from "./quarantine-files.ts";
import { readRecords } from "./records.ts";

/** Runs whose refused events are replayed, by id; absent: the job's last run from a start to its end, with those that continued it. */
export interface ReplayOptions {
  readonly runs?: readonly string[];
}

/** Throws `run.nothing-to-replay` where a run that was named has left nothing. */
export async function filesToReplay(job: Job, { runs }: ReplayOptions): Promise<readonly QuarantineFile[]> {
  const there = await quarantineFiles(job.state, job.found.firstRun);
  return (runs ?? [job.found.firstRun]).map((run) => {
    const file = there.find((each) => each.run === run);
    if (file === undefined) throw nothingLeft(run, there);
    return file;
  });
}

/** The steps with records in the files. */
export async function refusingSteps(files: readonly QuarantineFile[]): Promise<readonly string[]> {
  const steps = new Set<string>();
  for (const { path, sizeBytes } of files) {
    for await (const { step } of readRecords(path, sizeBytes)) steps.add(step);
  }
  return [...steps];
}

function nothingLeft(run: string, there: readonly QuarantineFile[]): StrmFailure {
  const others = there.map((file) => file.run);
  return new StrmFailure(
    "run.nothing-to-replay",
    `The run ${run} has left no rejected events in the quarantine.`,
    others.length === 0
      ? "There are none of other runs either."
      : `Name one of these: ${others.slice(0, 10).join(", ")}${others.length > 10 ? " …" : ""}.`,
  );
}
