// Findings as plain data for editors and scripts.
import { LineIndex } from "../text/line-index.ts";
import type { Position, Span } from "../text/span.ts";
import type { Diagnostic, Severity } from "./diagnostic.ts";

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The shape of `strm check --json`; lines and columns count from 1, `help` is null where there is none. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  readonly help: string | null;
  readonly related: readonly { readonly message: string; readonly file: string; readonly range: Range }[];
}

/** Brings findings into that shape; `textOf` gives the text of a file, from which lines and columns are counted. */
export function toJson(
  diagnostics: readonly Diagnostic[],
  textOf: (file: string) => string | undefined,
): readonly DiagnosticJson[] {
  const indices = new Map<string, LineIndex>();
  const rangeOf = ({ file, start, end }: Span): Range => {
    const index = indices.get(file) ?? new LineIndex(textOf(file) ?? "");
    indices.set(file, index);
    return { start: index.position(start), end: index.position(end) };
  };
  return diagnostics.map(({ code, severity, message, span, help, related }) => ({
    code,
    severity,
    message,
    file: span.file,
    range: rangeOf(span),
    help: help ?? null,
    related: related.map((other) => ({
      message: other.message,
      file: other.span.file,
      range: rangeOf(other.span),
    })),
  }));
}
