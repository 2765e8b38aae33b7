// The fields that a contract lists, with nested records spread out to dotted paths.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Annotation, ContractField, ContractStatement, TypeExpression } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import type { Context } from "./context.ts";
import type { ContractSchema } from "./contract-schema.ts";

export interface ListedField {
  /** From the top of the event: `reporter.accountId`. */
  readonly path: string;
  /** The path as written at this place. */
  readonly span: Span;
  readonly field: ContractField;
  readonly annotations: readonly Annotation[];
}

/** Every listed field once; a field that is listed again is reported and left out. */
export function listFields(contract: ContractStatement, context: Context): readonly ListedField[] {
  const fields = new Map<string, ListedField>();
  const collect = (listed: readonly ContractField[], prefix: string): void => {
    for (const field of listed) {
      const path = prefix + field.path.text;
      const before = fields.get(path);
      if (before === undefined) {
        fields.set(path, { path, span: field.path.span, field, annotations: field.annotations });
      } else {
        const related = [{ span: before.span, message: "first listed here" }];
        const help = "Put all annotations of the field in one line.";
        const message = `\`${path}\` is listed twice.`;
        context.report(
          diagnostic("contract.duplicate-field", field.path.span, message, { label: "again", help, related }),
        );
      }
      if (field.type !== undefined) collect(recordOf(field.type), `${path}.`);
    }
  };
  collect(contract.fields, "");
  return [...fields.values()];
}

/** The fields of a record, also of an optional one or of a list of them. */
function recordOf(type: TypeExpression): readonly ContractField[] {
  if (type.kind === "record") return type.fields;
  return type.kind === "named" ? [] : recordOf(type.of);
}

/** With a schema file the fields carry no types, but for those that they add to it, and at least one annotation each. */
export function checkListing(
  contract: ContractStatement,
  fields: readonly ListedField[],
  schema: ContractSchema | undefined,
  context: Context,
): void {
  if (contract.from === undefined) return;
  const related = [{ span: contract.from.span, message: "the types stand in this file" }];
  for (const { field, path } of fields) {
    if (field.type !== undefined) {
      // Without the file it is not known what it lacks.
      if (schema === undefined || schema.added.has(path.split(".", 1)[0] ?? "")) continue;
      const message = `\`${path}\` has a type here, although the contract's schema is a file.`;
      const extra = { ...adviceOn(path, schema), related };
      context.report(diagnostic("contract.needless-type", field.type.span, message, extra));
    } else if (field.annotations.length === 0 && !context.isBroken(field.span)) {
      const help = "Add the annotation that was meant, or remove the line: the schema has the field already.";
      const message = `\`${path}\` has no annotation, so the line says nothing.`;
      const extra = { label: "no annotation", help };
      context.report(diagnostic("contract.no-annotation", field.path.span, message, extra));
    }
  }
}

function adviceOn(path: string, schema: ContractSchema): { readonly label: string; readonly help: string } {
  if (schema.lookup(path).kind === "found") {
    return { label: "the schema says the type", help: "Remove the type. The schema file gives it." };
  }
  const end = path.includes(".")
    ? "A contract can add a dropped field only at the top of its events."
    : "If events have it and no stream shall have it, add @drop.";
  return { label: "not a field of the schema", help: `Add the field to the schema file. ${end}` };
}
