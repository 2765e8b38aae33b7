// `strm fmt`: one way to write a program.
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { format, render } from "../../dsl/index.ts";
import { CommandFailure, type ExitCode, exitCodes, showFailure } from "../exit.ts";
import { readText } from "../read-text.ts";
import { colours } from "../terminal.ts";

export interface FmtOptions {
  readonly check?: boolean;
}

/** Every file is looked at; the worst end counts: a failure before a difference before nothing. */
export function fmt(files: readonly string[], options: FmtOptions): ExitCode {
  const codes = files.map((file) => {
    try {
      return formatOne(file, options);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      showFailure(error);
      return exitCodes.failed;
    }
  });
  if (codes.includes(exitCodes.failed)) return exitCodes.failed;
  return codes.includes(exitCodes.findings) ? exitCodes.findings : exitCodes.ok;
}

function formatOne(file: string, { check = false }: FmtOptions): ExitCode {
  const input = file === "-";
  const name = input ? "standard input" : file;
  const loaded = readText(input ? 0 : file);
  if ("problem" in loaded) {
    throw new CommandFailure(
      `${name} can't be read: ${loaded.problem}.`,
      "Give the path of a .strm file, or - for the standard input.",
    );
  }
  const result = format(name, loaded.text);
  if (!("text" in result)) {
    const options = { colour: colours(process.stderr), textOf: () => loaded.text };
    for (const finding of result.diagnostics) process.stderr.write(`${render(finding, options)}\n\n`);
    process.stderr.write(`${name}: left as it is, since it has syntax errors\n`);
    return exitCodes.findings;
  }
  const differs = result.text !== loaded.text;
  if (check) {
    if (differs) process.stdout.write(`${input ? "-" : file}\n`);
    return differs ? exitCodes.findings : exitCodes.ok;
  }
  if (input) process.stdout.write(result.text);
  else if (differs) {
    replace(file, result.text);
    process.stderr.write(`${file}: formatted\n`);
  }
  return exitCodes.ok;
}

/** The whole file at once: nobody sees a program half-written. A link stays a link, and the mode stays. */
function replace(file: string, text: string): void {
  const target = realpathSync(file);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text, { flag: "wx" });
    chmodSync(draft, statSync(target).mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    const code = error instanceof Error && "code" in error ? String(error.code) : "for an unknown reason";
    throw new CommandFailure(
      `${file} can't be written (${code}).`,
      "It is as it was. Look at its folder's rights.",
    );
  }
}
