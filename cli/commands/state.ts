// `strm state`: what a state folder holds, also while its pipelines run.
import { dirname, resolve } from "node:path";
import { readState } from "../../runner/index.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { stateReport } from "../output/state-report.ts";
import { failingPlainly, pipelineName, stateFolderOf } from "../state-folder.ts";
import { styleOf } from "../terminal.ts";

export interface StateOptions {
  readonly state?: string;
  readonly json?: boolean;
}

/** `file` limits it to one pipeline. */
export async function state(file: string | undefined, options: StateOptions): Promise<ExitCode> {
  const report = await failingPlainly(() =>
    readState({
      stateDir: stateFolderOf(file, options.state),
      environment: process.env,
      ...(file !== undefined && { pipeline: pipelineName(file), baseDir: dirname(resolve(file)) }),
    }),
  );
  const lines =
    options.json === true ? [JSON.stringify(report, null, 2)] : stateReport(report, styleOf(process.stdout));
  process.stdout.write(`${lines.join("\n")}\n`);
  return exitCodes.ok;
}
