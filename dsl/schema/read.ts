// Reads an Avro schema from JSON: our own walk for the model and for clear messages, avsc as the judge of the rest.
import avsc from "avsc";
import type { Json } from "../spec/option-value.ts";
import { closest } from "../text/closest.ts";
import {
  jsonForm,
  type RecordType,
  type Schema,
  type SchemaField,
  type SchemaProblem,
  type SchemaType,
} from "./model.ts";

const primitives = ["null", "boolean", "int", "long", "float", "double", "string", "bytes"] as const;
const maxNesting = 64;

type JsonObject = { readonly [key: string]: Json };
const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

export type SchemaResult =
  | { readonly schema: Schema; readonly problems?: undefined }
  | { readonly schema?: undefined; readonly problems: readonly SchemaProblem[] };

/** Reads the text of an `.avsc` file. */
export function readSchema(text: string): SchemaResult {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const at = error instanceof SyntaxError ? /line \d+ column \d+/.exec(error.message)?.[0] : undefined;
    return { problems: [problem("the file is not JSON", at ?? "the file")] };
  }
  return schemaOfJson(json);
}

/** Reads a schema that is JSON already, such as the one in a job graph. */
export function schemaOfJson(json: Json): SchemaResult {
  const walk: Walk = { named: new Map(), problems: [] };
  const root = read(json, "", "", 0, walk);
  if (root !== undefined && root.kind !== "record") {
    walk.problems.push(problem("the schema must be a record, since events are JSON objects", "the top"));
  }
  if (walk.problems.length === 0) {
    try {
      // avsc takes a copy: it may write into what it is given.
      avsc.Type.forSchema(JSON.parse(JSON.stringify(json)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not a valid Avro schema";
      walk.problems.push(problem(reason, "the schema"));
    }
  }
  if (walk.problems.length > 0 || root?.kind !== "record") return { problems: walk.problems };
  return { schema: { root, json } };
}

interface Walk {
  readonly named: Map<string, SchemaType>;
  readonly problems: SchemaProblem[];
}

function problem(message: string, where: string, near?: string): SchemaProblem {
  return { code: "schema.invalid", message, where, ...(near === undefined ? {} : { near }) };
}

/** One type; undefined where it was reported. */
function read(
  json: Json | undefined,
  where: string,
  namespace: string,
  depth: number,
  walk: Walk,
): SchemaType | undefined {
  const fail = (message: string, near?: string): undefined => {
    walk.problems.push(problem(message, where === "" ? "the top" : where, near));
  };
  if (depth > maxNesting) return fail("types nest too deeply");
  if (typeof json === "string") return readName(json, namespace, walk, fail);
  if (Array.isArray(json)) return readUnion(json, where, namespace, depth, walk);
  if (!isObject(json)) return fail("a type is missing here");
  const kind = json.type;
  switch (kind) {
    case "record":
    case "error":
      return readRecord(json, where, namespace, depth, walk, fail);
    case "enum": {
      const name = define(json, namespace, walk, fail);
      if (name === undefined) return undefined;
      const symbols = Array.isArray(json.symbols)
        ? json.symbols.filter((symbol) => typeof symbol === "string")
        : [];
      if (symbols.length === 0) return fail("an enum needs its `symbols`, a list of texts");
      return remember(name, { kind: "enum", name, symbols }, walk);
    }
    case "fixed": {
      const name = define(json, namespace, walk, fail);
      if (name === undefined) return undefined;
      if (typeof json.size !== "number") return fail("a fixed type needs its `size` in bytes");
      return remember(name, { kind: "fixed", name, sizeBytes: json.size, ...logical(json) }, walk);
    }
    case "array": {
      const items = read(json.items, `${where}items`, namespace, depth + 1, walk);
      return items && { kind: "array", items };
    }
    case "map": {
      const values = read(json.values, `${where}values`, namespace, depth + 1, walk);
      return values && { kind: "map", values };
    }
    default: {
      const inner = read(kind, where, namespace, depth + 1, walk);
      const primitive = primitives.find((name) => name === inner?.kind);
      return primitive === undefined ? inner : { kind: primitive, ...logical(json) };
    }
  }
}

function logical(json: JsonObject): { logicalType?: string } {
  return typeof json.logicalType === "string" ? { logicalType: json.logicalType } : {};
}

type Fail = (message: string, near?: string) => undefined;

function readName(name: string, namespace: string, walk: Walk, fail: Fail): SchemaType | undefined {
  const primitive = primitives.find((one) => one === name);
  if (primitive !== undefined) return { kind: primitive };
  const found = walk.named.get(fullName(name, namespace)) ?? walk.named.get(name);
  if (found !== undefined) return found;
  const shortNames = [...walk.named.keys()].map((full) => full.slice(full.lastIndexOf(".") + 1));
  const near = closest(name, [...primitives, ...shortNames, "record", "enum", "array", "map", "fixed"]);
  return fail(`there is no type \`${name}\``, near);
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function namespaceOf(json: JsonObject, outer: string): string {
  if (typeof json.name === "string" && json.name.includes("."))
    return json.name.slice(0, json.name.lastIndexOf("."));
  return typeof json.namespace === "string" ? json.namespace : outer;
}

/** The full name of a type that is being defined. */
function define(json: JsonObject, namespace: string, walk: Walk, fail: Fail): string | undefined {
  if (typeof json.name !== "string") return fail("a named type needs its `name`");
  const name = fullName(json.name, namespaceOf(json, namespace));
  return walk.named.has(name) ? fail(`the type \`${name}\` is defined twice`) : name;
}

function remember<T extends SchemaType>(name: string, type: T, walk: Walk): T {
  walk.named.set(name, type);
  return type;
}

function readRecord(
  json: JsonObject,
  where: string,
  namespace: string,
  depth: number,
  walk: Walk,
  fail: Fail,
): RecordType | undefined {
  const name = define(json, namespace, walk, fail);
  if (name === undefined) return undefined;
  if (!Array.isArray(json.fields)) return fail("a record needs its `fields`, a list");
  // Remembered before its fields are read, since they may refer to it.
  const fields: SchemaField[] = [];
  const record = remember(name, { kind: "record", name, fields } as const, walk);
  const seen = new Set<string>();
  json.fields.forEach((field: Json, i: number) => {
    const label = isObject(field) && typeof field.name === "string" ? field.name : undefined;
    const place = `${where}fields.${label ?? i + 1}`;
    if (!isObject(field) || label === undefined) {
      walk.problems.push(problem("a field needs its `name`", place));
      return;
    }
    if (seen.has(label)) walk.problems.push(problem("the field is there twice", place));
    seen.add(label);
    const type = read(field.type, `${place}.`, namespaceOf(json, namespace), depth + 1, walk);
    if (type !== undefined) fields.push({ name: label, type, hasDefault: "default" in field });
  });
  return record;
}

function readUnion(
  json: readonly Json[],
  where: string,
  namespace: string,
  depth: number,
  walk: Walk,
): SchemaType | undefined {
  const branches = json.map((branch) => read(branch, where, namespace, depth + 1, walk));
  const known = branches.filter((branch) => branch !== undefined);
  if (known.length < branches.length) return undefined;
  const forms = known.map(jsonForm);
  const twice = forms.find((form, i) => forms.indexOf(form) < i);
  if (twice !== undefined) {
    const message = `a union with two types that JSON writes alike (as ${twice === "array" || twice === "object" ? "an" : "a"} ${twice})`;
    walk.problems.push({ code: "schema.ambiguous-union", message, where: where === "" ? "the top" : where });
    return undefined;
  }
  return { kind: "union", branches: known };
}
