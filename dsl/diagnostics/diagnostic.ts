// One finding of the compiler about a program.
import type { Span } from "../text/span.ts";
import { type DiagnosticCode, diagnosticCodes } from "./codes.ts";

export type Severity = "error" | "warning";

export interface Related {
  readonly span: Span;
  readonly message: string;
}

/** A finding: `message` says what is wrong, `label` stands under the caret, `help` is the next step to take. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly label?: string;
  readonly help?: string;
  readonly related: readonly Related[];
}

/** Makes a finding; its severity is the code's. */
export function diagnostic(
  code: DiagnosticCode,
  span: Span,
  message: string,
  more: { readonly label?: string; readonly help?: string; readonly related?: readonly Related[] } = {},
): Diagnostic {
  const { severity } = diagnosticCodes[code];
  return { code, severity, message, span, related: [], ...more };
}
