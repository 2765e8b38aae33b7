// `strm rejected replay`: lets a pipeline take its rejected events again.
import type { ExitCode } from "../../exit.ts";
import { type RunFlags, runGraph } from "../../run-graph.ts";

export interface ReplayCommandOptions extends RunFlags {
  readonly run?: readonly string[];
}

export function replay(file: string, { run, ...flags }: ReplayCommandOptions): Promise<ExitCode> {
  return runGraph(file, flags, { replay: run === undefined ? {} : { runs: [...new Set(run)] } });
}
