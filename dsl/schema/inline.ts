// Makes an Avro schema of the fields of an inline contract.
import type { Json } from "../spec/option-value.ts";
import type { ContractField, TypeExpression } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";

export const inlineTypes = ["string", "int", "long", "float", "double", "boolean", "bytes"] as const;

export interface InlineProblem {
  readonly kind: "unknown-type" | "missing-type" | "duplicate-field" | "not-a-record" | "bad-type";
  readonly span: Span;
  readonly message: string;
  readonly help: string;
}

interface Draft {
  readonly fields: Map<string, DraftField>;
}

interface DraftField {
  readonly span: Span;
  /** A record that was opened by dotted paths can take more of them. */
  readonly record?: Draft;
  readonly type?: TypeExpression;
}

/** The schema's JSON, with what is wrong; fields that are wrong are left out of it. */
export function schemaOfFields(
  name: string,
  fields: readonly ContractField[],
): { readonly json: Json; readonly problems: readonly InlineProblem[] } {
  const problems: InlineProblem[] = [];
  return { json: recordJson(capital(name), draftOf(fields, problems), problems), problems };
}

function draftOf(fields: readonly ContractField[], problems: InlineProblem[]): Draft {
  const root: Draft = { fields: new Map() };
  for (const field of fields) place(field, root, problems);
  return root;
}

/** Puts one line where its path says; `customer.id: string` opens a record `customer`. */
function place(field: ContractField, root: Draft, problems: InlineProblem[]): void {
  const span = field.path.span;
  const segments = field.path.segments.map((segment) => segment.text);
  const last = segments.pop() ?? "";
  let draft = root;
  for (const segment of segments) {
    const next = draft.fields.get(segment) ?? { span, record: { fields: new Map() } };
    if (next.record === undefined) {
      const message = `\`${segment}\` is given a type of its own, so it has no field \`${last}\`.`;
      problems.push({
        kind: "not-a-record",
        span,
        message,
        help: "Write the fields of a record in one place.",
      });
      return;
    }
    draft.fields.set(segment, next);
    draft = next.record;
  }
  if (draft.fields.has(last)) {
    const message = `The field \`${field.path.text}\` is declared twice.`;
    problems.push({ kind: "duplicate-field", span, message, help: "Put all its annotations on one line." });
  } else if (field.type === undefined) {
    const message = `\`${field.path.text}\` has no type.`;
    const help = `Write its type behind the path, such as ${field.path.text}: string. With \`from "file.avsc"\` the schema would give it.`;
    problems.push({ kind: "missing-type", span, message, help });
  } else {
    draft.fields.set(last, { span, type: field.type });
  }
}

function recordJson(name: string, draft: Draft, problems: InlineProblem[]): Json {
  const fields = [...draft.fields].flatMap(([fieldName, field]): Json[] => {
    const inner = `${name}_${capital(fieldName)}`;
    const type =
      field.record === undefined
        ? field.type && typeJson(field.type, inner, problems)
        : recordJson(inner, field.record, problems);
    if (type === undefined) return [];
    const optional = field.type?.kind === "optional";
    return [{ name: fieldName, type, ...(optional ? { default: null } : {}) }];
  });
  return { type: "record", name, fields };
}

function typeJson(type: TypeExpression, name: string, problems: InlineProblem[]): Json | undefined {
  switch (type.kind) {
    case "named": {
      const known = inlineTypes.find((one) => one === type.name.text);
      if (known !== undefined) return known;
      const near = closest(type.name.text, inlineTypes);
      const help =
        near === undefined
          ? `Types are ${inlineTypes.join(", ")}, and records in braces.`
          : `Did you mean \`${near}\`?`;
      problems.push({
        kind: "unknown-type",
        span: type.span,
        message: `There is no type \`${type.name.text}\`.`,
        help,
      });
      return undefined;
    }
    case "optional": {
      if (type.of.kind === "optional") {
        const help = "One question mark is enough.";
        problems.push({ kind: "bad-type", span: type.span, message: "This type is optional already.", help });
        return undefined;
      }
      const of = typeJson(type.of, name, problems);
      return of === undefined ? undefined : ["null", of];
    }
    case "list": {
      const items = typeJson(type.of, name, problems);
      return items === undefined ? undefined : { type: "array", items };
    }
    case "record":
      return recordJson(name, draftOf(type.fields, problems), problems);
  }
}

/** Names of types start with a capital letter; the contract's name and the path make them unique. */
function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
