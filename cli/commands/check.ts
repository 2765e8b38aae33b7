// `strm check`: all findings about programs.
import { toJson } from "../../dsl/index.ts";
import { CommandFailure, type ExitCode, exitCodes, showFailure } from "../exit.ts";
import { countFindings, findingsOf, inWords, showFindings } from "../findings.ts";
import { type LoadedProgram, loadProgram, parseSet } from "../load-program.ts";
import { styleOf } from "../terminal.ts";

export interface CheckOptions {
  readonly json?: boolean;
  readonly set?: readonly string[];
}

/** A file that can't be read is told on standard error and doesn't keep the others from being checked. */
export function check(files: readonly string[], options: CheckOptions): ExitCode {
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
  if (options.json === true) {
    const diagnostics = findingsOf(programs).flatMap(({ finding, textOf }) => toJson([finding], textOf));
    process.stdout.write(`${JSON.stringify({ diagnostics }, null, 2)}\n`);
  } else {
    showFindings(programs);
    if (programs.length > 0) process.stderr.write(`${verdict(programs)}\n`);
  }
  for (const failure of failures) showFailure(failure);
  if (failures.length > 0) return exitCodes.failed;
  return countFindings(programs).errors > 0 ? exitCodes.findings : exitCodes.ok;
}

function verdict(programs: readonly LoadedProgram[]): string {
  const style = styleOf(process.stderr);
  const counts = countFindings(programs);
  const checked = programs.length === 1 ? (programs[0]?.entry ?? "") : `${programs.length} programs`;
  const found = inWords(counts);
  if (counts.errors > 0) return `${checked}: ${style.bad(found)}`;
  return `${checked}: ${found === "" ? style.good("no errors, no warnings") : `${style.good("no errors")}, ${style.warn(found)}`}`;
}
