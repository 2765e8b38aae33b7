// The quarantine files of a job: one for each run from a start to its end, as far as a checkpoint holds them.
import { existsSync, rmSync, truncateSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Fields } from "../../formats/fields.ts";
import type { JobState } from "../job/job-state.ts";
import { QUARANTINE } from "../ledger.ts";
import { quarantineFolder } from "../quarantine.ts";

const EXTENSION = ".jsonl";

export interface QuarantineFile {
  /** The run that began it. */
  readonly run: string;
  readonly path: string;
  /** What a checkpoint holds of it. */
  readonly sizeBytes: number;
  readonly writtenMs: number;
}

/** In the order of the runs. `firstRun`: the job's present one, whose file may be longer than the checkpoint says. */
export async function quarantineFiles(state: JobState, firstRun: string): Promise<readonly QuarantineFile[]> {
  const folder = quarantineFolder(state.folder);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith(EXTENSION));
  return Promise.all(
    names.sort().map(async (name) => {
      const run = basename(name, EXTENSION);
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      const sizeBytes = run === firstRun ? heldBytes(state) : size;
      return { run, path, sizeBytes, writtenMs: mtimeMs };
    }),
  );
}

/** For a job that will start over: what no checkpoint holds is cut off, since its events will be read again. */
export function cutQuarantine(state: JobState, firstRun: string): void {
  const path = join(quarantineFolder(state.folder), `${firstRun}${EXTENSION}`);
  const sizeBytes = heldBytes(state);
  if (sizeBytes === 0) rmSync(path, { force: true });
  else if (existsSync(path)) truncateSync(path, sizeBytes);
}

function heldBytes(job: JobState): number {
  return new Fields(job.sinkState(QUARANTINE)).number("size_bytes");
}
