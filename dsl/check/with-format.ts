// The format of a source or sink: as the program says, else by the extension of its path or pattern, else the connector's first.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Bound } from "../spec/bind.ts";
import { alternatives } from "../spec/describe.ts";
import { formatOfPath } from "../spec/format.ts";
import type { OptionValues } from "../spec/option-value.ts";
import type { OptionTable } from "../spec/options.ts";
import type { Name } from "../syntax/ast.ts";
import type { Context } from "./context.ts";

export interface FormatUse {
  readonly connector: Name;
  /** Completes "`file` can't … csv": `read events as`. */
  readonly does: string;
  /** The formats that are possible; the first is the default. */
  readonly formats: readonly string[];
  /** The connector's. */
  readonly options: OptionTable;
  /** Events are read or written; other things have one way in each format. */
  readonly events: boolean;
}

/** The options with their format filled in; a format that is not possible is reported, and so is an option that is of another one. */
export function withFormat(bound: Bound, use: FormatUse, context: Context): OptionValues {
  const { values, given } = bound;
  const { formats, connector, does } = use;
  const [first] = formats;
  if (first === undefined) return values;
  const explicit = given.get("format");
  const path = values.path ?? values.pattern;
  const implied = typeof path === "string" ? formatOfPath(path) : undefined;
  const format = explicit === undefined ? (implied ?? first) : values.format;
  if (typeof format !== "string") return values;
  if (!formats.includes(format)) {
    const span = (explicit ?? given.get("path") ?? given.get("pattern"))?.value.span ?? connector.span;
    const message = `\`${connector.text}\` can't ${does} ${format}.`;
    const possible = alternatives(formats);
    const help =
      explicit === undefined
        ? `The extension of the path means ${format}. Possible is ${possible}: choose another extension, or add format = ${first}.`
        : `Possible is ${possible}.`;
    context.report(diagnostic("option.format", span, message, { label: `means ${format}`, help }));
  } else reportOthers(bound, format, use, context);
  return { ...values, format };
}

/** Options that would say nothing. */
function reportOthers(
  { given }: Bound,
  format: string,
  { options, events, does }: FormatUse,
  context: Context,
): void {
  for (const [name, { name: place }] of given) {
    const own = options[name]?.format;
    if (own === undefined || (own === format && events)) continue;
    const message = `\`${name}\` says nothing here: it is about events in ${own}, and this is to ${does} ${format}.`;
    const help = own === format ? "Leave it out." : `Leave it out, or add format = ${own}.`;
    context.report(diagnostic("option.other-format", place.span, message, { label: `of ${own} only`, help }));
  }
}
