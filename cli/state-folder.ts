// Where a pipeline keeps its state, and what the runner can't do with that, as failures of the command.
import { basename, dirname, extname, resolve } from "node:path";
import { StrmFailure } from "../runner/index.ts";
import { CommandFailure } from "./exit.ts";

/** The state folder of a pipeline, absolute: what `--state` says, else `.strm` beside it, or here where no pipeline is named. */
export function stateFolderOf(file: string | undefined, state: string | undefined): string {
  return resolve(state ?? resolve(file === undefined ? "." : dirname(file), ".strm"));
}

/** The name under which a pipeline runs. */
export function pipelineName(file: string): string {
  return basename(file, extname(file));
}

/** Does `work`; what the runner says it can't do becomes a failure of the command. */
export async function failingPlainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StrmFailure)) throw error;
    throw new CommandFailure(error.message, error.help, error.code);
  }
}
