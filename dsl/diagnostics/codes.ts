// The table of all diagnostic codes, `namespace.subject`, each with its severity and its page.
import type { CodePage } from "./code-page.ts";
import { checkCodes } from "./codes/check.ts";
import { syntaxCodes } from "./codes/syntax.ts";

export interface DiagnosticPage extends CodePage {
  readonly severity: "error" | "warning";
}

export const diagnosticCodes = { ...syntaxCodes, ...checkCodes } as const satisfies Record<
  string,
  DiagnosticPage
>;

export type DiagnosticCode = keyof typeof diagnosticCodes;
