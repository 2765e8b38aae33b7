// `strm check`: all findings about programs.
import { dirname, resolve } from "node:path";
import { toJson } from "../../dsl/index.ts";
import { tryConnections } from "../../runner/index.ts";
import { CommandFailure, type ExitCode, exitCodes, showFailure } from "../exit.ts";
import { countFindings, findingsOf, inWords, showFindings } from "../findings.ts";
import { type LoadedProgram, loadProgram, parseSet } from "../load-program.ts";
import { isFailed, showConnections, type TriedProgram } from "../output/connections.ts";
import { stateFolderOf } from "../state-folder.ts";
import { styleOf } from "../terminal.ts";

export interface CheckOptions {
  readonly json?: boolean;
  readonly set?: readonly string[];
  /** Try what a run will need. */
  readonly connect?: boolean;
  readonly state?: string;
}

/** A file that can't be read is told on standard error and doesn't keep the others from being checked. Programs with errors are not tried. */
export async function check(files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const set = parseSet(options.set);
  const failures: CommandFailure[] = [];
  const programs = [...new Set(files)].flatMap((file): LoadedProgram[] => {
    try {
      return [loadProgram(file, set)];
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
      return [];
    }
  });
  const json = options.json === true;
  if (!json) {
    showFindings(programs);
    if (programs.length > 0) process.stderr.write(`${verdict(programs)}\n`);
  }
  const tried = options.connect === true ? await tryAll(programs, options.state) : undefined;
  if (json) {
    const diagnostics = findingsOf(programs).flatMap(({ finding, textOf }) => toJson([finding], textOf));
    process.stdout.write(`${JSON.stringify({ diagnostics, ...(tried && { programs: tried }) }, null, 2)}\n`);
  } else for (const one of tried ?? []) showConnections(one, process.stderr);
  for (const failure of failures) showFailure(failure);
  if (failures.length > 0) return exitCodes.failed;
  if (countFindings(programs).errors > 0) return exitCodes.findings;
  const failed = (tried ?? []).some(({ connections }) => connections.some(isFailed));
  return failed ? exitCodes.failed : exitCodes.ok;
}

async function tryAll(
  programs: readonly LoadedProgram[],
  state: string | undefined,
): Promise<readonly TriedProgram[]> {
  const tried: TriedProgram[] = [];
  for (const { entry, result } of programs) {
    const { graph } = result;
    if (graph === undefined) continue;
    const connections = await tryConnections({
      graph,
      baseDir: dirname(resolve(entry)),
      stateDir: stateFolderOf(entry, state),
      environment: process.env,
    });
    tried.push({ file: entry, connections });
  }
  return tried;
}

function verdict(programs: readonly LoadedProgram[]): string {
  const style = styleOf(process.stderr);
  const counts = countFindings(programs);
  const checked = programs.length === 1 ? (programs[0]?.entry ?? "") : `${programs.length} programs`;
  const found = inWords(counts);
  if (counts.errors > 0) return `${checked}: ${style.bad(found)}`;
  return `${checked}: ${found === "" ? style.good("no errors, no warnings") : `${style.good("no errors")}, ${style.warn(found)}`}`;
}
