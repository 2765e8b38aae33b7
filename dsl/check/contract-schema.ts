// The schema of a contract: read from its file, or made of its inline fields.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import { type InlineProblem, schemaOfFields } from "../schema/inline.ts";
import { type FieldInfo, type Lookup, listPaths, lookup } from "../schema/lookup.ts";
import { type Schema, typeText } from "../schema/model.ts";
import { readSchema, type SchemaResult, schemaOfJson } from "../schema/read.ts";
import { textOf } from "../spec/bind-scope.ts";
import type { Json } from "../spec/option-value.ts";
import type { ContractStatement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { type LoadedFile, resolveFile } from "./unit.ts";

export type FieldType = FieldInfo;
export type MissingField = Extract<Lookup, { kind: "missing" }>;

export interface ContractSchema {
  readonly json: Json;
  lookup(path: string): Lookup;
  /** Every path of the schema, records before their fields, with its type in short. */
  fields(): readonly { readonly path: string; readonly type: string }[];
}

/** Undefined where there is none that can be used, which was reported then (or its file is not at hand yet). */
export function schemaOf(contract: ContractStatement, context: Context): ContractSchema | undefined {
  const schema =
    contract.from === undefined ? inlineSchema(contract, context) : schemaOfFile(contract, context);
  return schema === undefined ? undefined : view(schema);
}

/** The file that a contract names, as a key of the program's files; undefined where it names none. */
export function schemaFileOf({ from }: ContractStatement, context: Context): string | undefined {
  const text = from === undefined ? undefined : textOf(from, context.scopeOf(from.span.file));
  return from === undefined || text === undefined ? undefined : resolveFile(from.span.file, text);
}

function view(schema: Schema): ContractSchema {
  let fields: ReturnType<ContractSchema["fields"]> | undefined;
  return {
    json: schema.json,
    lookup: (path) => lookup(schema, path),
    fields: () => {
      fields ??= listPaths(schema).map(({ path, type }) => ({ path, type: typeText(type) }));
      return fields;
    },
  };
}

/** Compiling is repeated while files are fetched; a schema that is there already is read only once. */
const readFiles = new WeakMap<LoadedFile, SchemaResult>();

function schemaOfFile(contract: ContractStatement, context: Context): Schema | undefined {
  const { from } = contract;
  const file = schemaFileOf(contract, context);
  const loaded = file === undefined ? undefined : context.files.get(file);
  if (from === undefined || file === undefined || loaded === undefined) return undefined;
  if ("problem" in loaded) {
    const message = `\`${file}\` can't be read: ${loaded.problem}.`;
    const help = "Check the path. It is relative to the file that the contract stands in.";
    context.report(diagnostic("schema.not-found", from.span, message, { label: "the schema's file", help }));
    return undefined;
  }
  const result = readFiles.get(loaded) ?? readSchema(loaded.text);
  readFiles.set(loaded, result);
  for (const { code, message, label, help, start, end } of result.problems ?? []) {
    const related = [{ span: from.span, message: "the contract takes its types from this file" }];
    context.report(diagnostic(code, { file, start, end }, message, { label, help, related }));
  }
  return result.schema;
}

const inlineCodes = {
  "unknown-type": "contract.unknown-type",
  "missing-type": "contract.missing-type",
  "not-a-record": "contract.type-form",
  "bad-type": "contract.type-form",
} as const;

function inlineSchema(contract: ContractStatement, context: Context): Schema | undefined {
  if (contract.fields.length === 0) {
    if (context.isBroken(contract.span)) return undefined;
    const message = `The contract \`${contract.name.text}\` has neither a schema file nor fields.`;
    const help = 'Add from "schema.avsc" before the brace, or list the fields with their types.';
    context.report(
      diagnostic("contract.no-fields", contract.name.span, message, { label: "no fields", help }),
    );
    return undefined;
  }
  const { json, problems } = schemaOfFields(contract.name.text, contract.fields);
  for (const problem of problems) reportInline(problem, context);
  const { schema, problems: rest } = schemaOfJson(json);
  if (problems.length === 0 && rest?.[0] !== undefined) {
    const { message, help } = rest[0];
    const text = `The fields of \`${contract.name.text}\` make no valid schema: ${message}`;
    const extra = { label: "can't be written as a schema", help };
    context.report(diagnostic("contract.type-form", contract.name.span, text, extra));
  }
  return schema;
}

function reportInline({ kind, span, message, help }: InlineProblem, context: Context): void {
  // Fields that are listed twice are reported where the fields are listed, for both kinds of contracts.
  if (kind === "duplicate-field" || (kind === "missing-type" && context.isBroken(span))) return;
  context.report(diagnostic(inlineCodes[kind], span, message, { label: labels[kind], help }));
}

const labels = {
  "unknown-type": "no such type",
  "missing-type": "its type is missing",
  "not-a-record": "not a record",
  "bad-type": "can't be written this way",
} as const;
