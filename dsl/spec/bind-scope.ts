// What a value in a program may refer to while its options are bound: params, folders, and where errors go.
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { StringValue, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";

export interface BindScope {
  /**
   * The literal behind a param (after `--set`); undefined: there is none of that name; "failed": there is, and what is
   * wrong with it was reported. Counts as a use.
   */
  param(name: string): Value | "failed" | undefined;
  readonly paramNames: readonly string[];
  /** A path of the file at hand, relative to the entry file's folder. */
  rebase(path: string): string;
  report(diagnostic: Diagnostic): void;
  /** True where the parser skipped something inside: what is missing there may have been written. */
  isBroken(span: Span): boolean;
}

/** Where a value stands, for errors. */
export interface Place {
  /** The option's name, as errors say it. */
  readonly option: string;
  /** True where no reference may stand. */
  readonly fixed: boolean;
  /** Set where the value is that of a param: the param's use, which errors point to. */
  readonly use?: { readonly param: string; readonly span: Span };
}

/** The text of a string with its params filled in; undefined (and reported) where one can't be. */
export function textOf(value: StringValue, scope: BindScope): string | undefined {
  let text = "";
  let whole = true;
  for (const part of value.parts) {
    const piece = part.kind === "text" ? part.text : interpolated(part.name, scope);
    if (piece === undefined) whole = false;
    else text += piece;
  }
  return whole ? text : undefined;
}

function interpolated(
  name: { readonly text: string; readonly span: Span },
  scope: BindScope,
): string | undefined {
  const value = scope.param(name.text);
  if (value === "failed") return undefined;
  if (value === undefined) {
    const near = closest(name.text, scope.paramNames);
    const message = `There is no param \`${name.text}\`.`;
    const help =
      near === undefined
        ? `Declare it: param ${name.text} = "…". For a plain dollar sign write \\$.`
        : `Did you mean \`${near}\`?`;
    scope.report(diagnostic("name.unknown", name.span, message, { label: "no such param", help }));
    return undefined;
  }
  const text = literalText(value, scope);
  if (text === undefined && (value.kind === "list" || value.kind === "object")) {
    const message = `\`${name.text}\` is a list, which has no single text.`;
    scope.report(
      diagnostic("param.not-text", name.span, message, {
        label: "a list",
        help: "Use a param that is a text, a number, a duration or a size.",
        related: [{ span: value.span, message: "its value stands here" }],
      }),
    );
  }
  return text;
}

/** A literal as text, as it was written. */
function literalText(value: Value, scope: BindScope): string | undefined {
  switch (value.kind) {
    case "string":
      return textOf(value, scope);
    case "number":
    case "duration":
    case "size":
      return value.text;
    case "boolean":
      return String(value.value);
    default:
      return undefined;
  }
}
