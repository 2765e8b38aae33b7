// Finds what there is to replay: quarantine files, as far as a checkpoint holds them, and the steps that refused what is in them.
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { StrmFailure } from "../../failure.ts";
import type { Job } from "../job/job.ts";
import { QUARANTINE } from "../ledger.ts";
import { quarantineFolder } from "../quarantine.ts";
import type { QuarantineFile } from "./quarantine-source.ts";
import { readRecords } from "./records.ts";

/** Runs whose refused events are replayed, by id; absent: the job's last run from a start to its end, with those that continued it. */
export interface ReplayOptions {
  readonly runs?: readonly string[];
}

/** Throws `run.nothing-to-replay` where a run that was named has left nothing. */
export async function filesToReplay(job: Job, { runs }: ReplayOptions): Promise<readonly QuarantineFile[]> {
  const folder = quarantineFolder(job.state.folder);
  const there = await readdir(folder).catch((): string[] => []);
  const wanted = runs ?? [job.found.firstRun];
  return Promise.all(
    wanted.map(async (run) => {
      const name = `${run}.jsonl`;
      if (!there.includes(name)) throw nothingLeft(run, there);
      const path = join(folder, name);
      const sizeBytes = run === job.found.firstRun ? sizeIn(job) : (await stat(path)).size;
      return { path, sizeBytes };
    }),
  );
}

/** The steps with records in the files. */
export async function refusingSteps(files: readonly QuarantineFile[]): Promise<readonly string[]> {
  const steps = new Set<string>();
  for (const { path, sizeBytes } of files) {
    for await (const { step } of readRecords(path, sizeBytes)) steps.add(step);
  }
  return [...steps];
}

/** What is behind it in the file, no checkpoint holds. */
function sizeIn(job: Job): number {
  const state = job.state.sinkState(QUARANTINE);
  const size = typeof state === "object" && state !== null && "size_bytes" in state ? state.size_bytes : 0;
  return typeof size === "number" ? size : 0;
}

function nothingLeft(run: string, there: readonly string[]): StrmFailure {
  const others = there.map((name) => basename(name, ".jsonl"));
  return new StrmFailure(
    "run.nothing-to-replay",
    `The run ${run} has left no rejected events in the quarantine.`,
    others.length === 0
      ? "There are none of other runs either."
      : `Name one of these: ${others.slice(0, 10).join(", ")}${others.length > 10 ? " …" : ""}.`,
  );
}
