// `strm check`: all findings about programs.
import { toJson } from "../../dsl/index.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { countFindings, inWords, showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";
import { styleOf } from "../terminal.ts";

export interface CheckOptions {
  readonly json?: boolean;
  readonly set: readonly string[];
}

export function check(files: readonly string[], options: CheckOptions): ExitCode {
  const set = parseSet(options.set);
  const programs = files.map((file) => loadProgram(file, set));
  const counts = countFindings(programs);
  if (options.json === true) {
    const diagnostics = programs.flatMap(({ result, textOf }) => toJson(result.diagnostics, textOf));
    process.stdout.write(`${JSON.stringify({ diagnostics }, null, 2)}\n`);
  } else {
    const style = styleOf(process.stderr);
    for (const program of programs) showFindings(program);
    const checked = files.length === 1 ? (files[0] ?? "") : `${files.length} files`;
    const found = inWords(counts);
    const verdict =
      counts.errors > 0 ? style.bad(found) : found === "" ? style.good("no errors") : style.warn(found);
    process.stderr.write(`${checked}: ${verdict}\n`);
  }
  return counts.errors > 0 ? exitCodes.findings : exitCodes.ok;
}
