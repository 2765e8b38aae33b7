// `strm fmt`: one way to write a program.
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { format, render } from "../../dsl/index.ts";
import { CommandFailure, type ExitCode, exitCodes } from "../exit.ts";
import { colours } from "../terminal.ts";

export interface FmtOptions {
  readonly check?: boolean;
}

export function fmt(files: readonly string[], options: FmtOptions): ExitCode {
  const codes = files.map((file) => (file === "-" ? formatInput(options) : formatFile(file, options)));
  return codes.find((code) => code !== exitCodes.ok) ?? exitCodes.ok;
}

function read(file: string | number): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : "unreadable";
    throw new CommandFailure(
      `${file} can't be read (${reason}).`,
      "Give the path of a .strm file, or - for the standard input.",
    );
  }
}

/** The formatted text; undefined where the program has syntax errors, which are shown. */
function formatted(file: string, text: string): string | undefined {
  const result = format(file, text);
  if ("text" in result) return result.text;
  for (const finding of result.diagnostics) {
    process.stderr.write(`${render(finding, { colour: colours(process.stderr), textOf: () => text })}\n\n`);
  }
  process.stderr.write(`${file}: not formatted, since it has syntax errors\n`);
  return undefined;
}

function formatInput({ check }: FmtOptions): ExitCode {
  const before = read(0);
  const after = formatted("standard input", before);
  if (after === undefined) return exitCodes.findings;
  if (check === true) return after === before ? exitCodes.ok : exitCodes.findings;
  process.stdout.write(after);
  return exitCodes.ok;
}

function formatFile(file: string, { check }: FmtOptions): ExitCode {
  const before = read(file);
  const after = formatted(file, before);
  if (after === undefined) return exitCodes.findings;
  if (after === before) return exitCodes.ok;
  if (check === true) {
    process.stdout.write(`${file}\n`);
    return exitCodes.findings;
  }
  // The whole file at once: a program is never seen half-written.
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, after, { mode: statSync(file).mode });
  renameSync(draft, file);
  process.stderr.write(`${file}: formatted\n`);
  return exitCodes.ok;
}
