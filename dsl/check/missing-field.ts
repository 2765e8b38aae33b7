// The error of a path that a schema lacks, at the very part that is wrong.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Path } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { ContractSchema, MissingField } from "./contract-schema.ts";

/** `owner` names what lacks the field at its top: `The schema`. `prefix` stands before `path` in the schema. */
export function reportMissingField(
  path: Path,
  { at, below, near }: MissingField,
  schema: ContractSchema,
  owner: string,
  context: Context,
  prefix = "",
): void {
  const depth = below === "" ? 0 : below.split(".").length;
  const segment = path.segments[depth - (prefix === "" ? 0 : prefix.split(".").length)];
  const holder = below === "" ? owner : `\`${below}\``;
  const start = below === "" ? "" : `${below}.`;
  const siblings = schema
    .fields()
    .filter((field) => field.path.startsWith(start) && !field.path.slice(start.length).includes("."))
    .map((field) => field.path.slice(start.length));
  const rest = siblings.length > 12 ? ` and ${siblings.length - 12} more` : "";
  const help =
    near !== undefined
      ? `Did you mean \`${start}${near}\`?`
      : siblings.length === 0
        ? `${holder} has no fields inside: it is not a record.`
        : `Its fields are ${siblings.slice(0, 12).join(", ")}${rest}.`;
  const message = `${holder} has no field \`${at}\`.`;
  context.report(
    diagnostic("schema.unknown-path", segment?.span ?? path.span, message, { label: "no such field", help }),
  );
}
