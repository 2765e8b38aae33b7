// The schema of a contract: read from its file, or made of its inline fields.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import { type InlineProblem, schemaOfFields } from "../schema/inline.ts";
import { type FieldInfo, type Lookup, listPaths, lookup } from "../schema/lookup.ts";
import { type Schema, type SchemaProblem, typeText } from "../schema/model.ts";
import { readSchema, type SchemaResult, schemaOfJson } from "../schema/read.ts";
import { textOf } from "../spec/bind-scope.ts";
import type { Json } from "../spec/option-value.ts";
import type { ContractField, ContractStatement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { isMarked } from "./rule-drop.ts";
import { type LoadedFile, resolveFile } from "./unit.ts";

export type FieldType = FieldInfo;
export type MissingField = Extract<Lookup, { kind: "missing" }>;

export interface ContractSchema {
  readonly json: Json;
  /** Fields that the contract adds to its schema file: events have them, and no stream does. */
  readonly added: ReadonlySet<string>;
  lookup(path: string): Lookup;
  /** Every path of the schema, records before their fields, with its type in short. */
  fields(): readonly { readonly path: string; readonly type: string }[];
}

/** Undefined where there is none that can be used, which was reported then (or its file is not at hand yet). */
export function schemaOf(contract: ContractStatement, context: Context): ContractSchema | undefined {
  if (contract.from === undefined) {
    const schema = inlineSchema(contract, context);
    return schema && view(schema, []);
  }
  const schema = schemaOfFile(contract, context);
  return schema && withAdded(contract, schema, context);
}

/** The file that a contract names, as a key of the program's files; undefined where it names none. */
export function schemaFileOf({ from }: ContractStatement, context: Context): string | undefined {
  const text = from === undefined ? undefined : textOf(from, context.scopeOf(from.span.file));
  return from === undefined || text === undefined ? undefined : resolveFile(from.span.file, text);
}

function view(schema: Schema, added: readonly ContractField[]): ContractSchema {
  let fields: ReturnType<ContractSchema["fields"]> | undefined;
  return {
    json: schema.json,
    added: new Set(added.map(({ path }) => path.text)),
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

/** The file's schema with the dropped fields that have a type in the contract and that the file lacks. */
function withAdded(contract: ContractStatement, schema: Schema, context: Context): ContractSchema {
  const names = new Set(schema.root.fields.map(({ name }) => name));
  const added = contract.fields.filter(
    ({ path, type, annotations }) =>
      type !== undefined && path.segments.length === 1 && !names.has(path.text) && isMarked(annotations),
  );
  if (added.length === 0) return view(schema, []);
  const { json, problems } = schemaOfFields(`${contract.name.text}_dropped`, added);
  for (const problem of problems) reportInline(problem, context);
  const merged = schemaOfJson(withFields(schema.json, json));
  if (merged.schema === undefined) reportForm(contract, merged.problems[0], context);
  return view(merged.schema ?? schema, added);
}

/** Records of their own kind: the fields of the second behind those of the first. */
function withFields(record: Json, more: Json): Json {
  if (!isRecord(record) || !isRecord(more)) return record;
  return { ...record, fields: [...record.fields, ...more.fields] };
}

function isRecord(json: Json): json is { readonly fields: readonly Json[] } {
  return typeof json === "object" && json !== null && "fields" in json && Array.isArray(json.fields);
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
  if (problems.length === 0) reportForm(contract, rest?.[0], context);
  return schema;
}

function reportForm(contract: ContractStatement, problem: SchemaProblem | undefined, context: Context): void {
  if (problem === undefined) return;
  const text = `The fields of \`${contract.name.text}\` make no valid schema: ${problem.message}`;
  const extra = { label: "can't be written as a schema", help: problem.help };
  context.report(diagnostic("contract.type-form", contract.name.span, text, extra));
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
