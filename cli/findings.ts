// Findings of the compiler on standard error, as every command shows them.
import { render } from "../dsl/index.ts";
import type { LoadedProgram } from "./load-program.ts";
import { colours } from "./terminal.ts";

export interface FindingCounts {
  readonly errors: number;
  readonly warnings: number;
}

export function countFindings(programs: readonly LoadedProgram[]): FindingCounts {
  const all = programs.flatMap(({ result }) => result.diagnostics);
  const errors = all.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: all.length - errors };
}

export function showFindings({ result, textOf }: LoadedProgram): void {
  for (const finding of result.diagnostics) {
    process.stderr.write(`${render(finding, { colour: colours(process.stderr), textOf })}\n\n`);
  }
}

/** `2 errors and 1 warning`; empty where there is nothing. */
export function inWords({ errors, warnings }: FindingCounts): string {
  const count = (number: number, noun: string) =>
    number === 0 ? [] : [`${number} ${noun}${number === 1 ? "" : "s"}`];
  return [...count(errors, "error"), ...count(warnings, "warning")].join(" and ");
}
