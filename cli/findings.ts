// Findings of the compiler on standard error, as every command shows them.
import { type Diagnostic, render } from "../dsl/index.ts";
import type { LoadedProgram } from "./load-program.ts";
import { colours } from "./terminal.ts";

export interface FindingCounts {
  readonly errors: number;
  readonly warnings: number;
}

export interface PlacedFinding {
  readonly finding: Diagnostic;
  readonly textOf: LoadedProgram["textOf"];
}

/** All findings in order; what several programs find in a file that they share stands there once. */
export function findingsOf(programs: readonly LoadedProgram[]): readonly PlacedFinding[] {
  const seen = new Set<string>();
  return programs.flatMap(({ result, textOf }) =>
    result.diagnostics.flatMap((finding) => {
      const key = JSON.stringify([finding.code, finding.span, finding.message]);
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ finding, textOf }];
    }),
  );
}

export function countFindings(programs: readonly LoadedProgram[]): FindingCounts {
  const all = findingsOf(programs);
  const errors = all.filter(({ finding }) => finding.severity === "error").length;
  return { errors, warnings: all.length - errors };
}

export function showFindings(programs: readonly LoadedProgram[]): void {
  const colour = colours(process.stderr);
  for (const { finding, textOf } of findingsOf(programs)) {
    process.stderr.write(`${render(finding, { colour, textOf })}\n\n`);
  }
}

/** `2 errors and 1 warning`; empty where there is nothing. */
export function inWords({ errors, warnings }: FindingCounts): string {
  const count = (number: number, noun: string) =>
    number === 0 ? [] : [`${number} ${noun}${number === 1 ? "" : "s"}`];
  return [...count(errors, "error"), ...count(warnings, "warning")].join(" and ");
}
