// `strm run`: executes a pipeline and shows what happens.
import type { ExitCode } from "../exit.ts";
import { type RunFlags, runGraph } from "../run-graph.ts";

export interface RunCommandOptions extends RunFlags {
  readonly fromStart?: boolean;
}

export function run(file: string, { fromStart = false, ...flags }: RunCommandOptions): Promise<ExitCode> {
  return runGraph(file, flags, { fromStart });
}
