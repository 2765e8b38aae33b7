// The named types of an Avro schema, as JSON: which name stands for which definition, and what each is made of.
import type { Json } from "../../dsl/graph/job-graph.ts";

export type JsonObject = { readonly [key: string]: Json };

export interface Definition {
  /** With its namespace. */
  readonly name: string;
  readonly json: JsonObject;
  /** Where names without one stand in it. */
  readonly space: string;
}

/** All named types of a schema. */
export class Definitions {
  readonly #byName = new Map<string, Definition>();
  readonly #root: Definition | undefined;

  constructor(root: JsonObject) {
    this.#collect(root, "");
    this.#root = this.of(root, "");
  }

  /** What a name, or the definition itself, stands for. */
  of(type: Json, space: string): Definition | undefined {
    if (typeof type === "string") return this.#byName.get(qualified(type, space)) ?? this.#byName.get(type);
    return isNamed(type) ? this.#byName.get(fullName(type, space)) : undefined;
  }

  /** The record that a field's type is, beside null. */
  recordIn(type: Json | undefined, space: string): Definition | undefined {
    const branches = isList(type) ? type : [type];
    return branches
      .map((branch) => (branch === undefined ? undefined : this.of(branch, space)))
      .find((definition) => definition?.json.type === "record");
  }

  /** The names of all that a type is made of. */
  usedBy(type: Json | undefined, space: string, seen = new Set<string>()): readonly string[] {
    if (type === undefined) return [...seen];
    const definition = this.of(type, space);
    if (definition !== undefined) {
      if (seen.has(definition.name)) return [...seen];
      seen.add(definition.name);
      for (const field of listOf(definition.json.fields))
        this.usedBy(objectOf(field).type, definition.space, seen);
    } else for (const inner of innerTypes(type)) this.usedBy(inner, space, seen);
    return [...seen];
  }

  /** The field at a dotted path of the root record, as it stands in the schema; the path may lead through lists. */
  fieldAt(path: string): JsonObject | undefined {
    let holder: Definition | undefined = this.#root;
    let field: JsonObject | undefined;
    for (const segment of path.split(".")) {
      field = listOf(holder?.json.fields)
        .map(objectOf)
        .find(({ name }) => name === segment);
      holder = field && this.holderIn(field.type ?? null, holder?.space ?? "");
    }
    return field;
  }

  /** The record whose fields a path through a field of this type names; it may stand in lists. */
  holderIn(type: Json, space: string): Definition | undefined {
    const found = this.of(type, space);
    if (found !== undefined) return found;
    return innerTypes(type)
      .map((inner) => this.holderIn(inner, space))
      .find((inner) => inner?.json.type === "record");
  }

  #collect(type: Json, space: string): void {
    if (isNamed(type)) {
      const name = fullName(type, space);
      const inner = namespaceOf(type, space);
      this.#byName.set(name, { name, json: type, space: inner });
      for (const field of listOf(type.fields)) this.#collect(objectOf(field).type ?? null, inner);
    } else for (const inner of innerTypes(type)) this.#collect(inner, space);
  }
}

/** A list's or map's type with another one in it. */
export function innerType(type: JsonObject, change: (inner: Json) => Json): JsonObject {
  return Object.fromEntries(
    Object.entries(type).map(([key, value]) =>
      key === "items" || key === "values" ? [key, change(value)] : [key, value],
    ),
  );
}

/** The name, or the first one like it that nothing has. */
export function freeName(wanted: string, used: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`;
  return name;
}

/** Types that stand in a type, but for the fields of records. */
function innerTypes(type: Json): readonly Json[] {
  if (isList(type)) return type;
  if (!isObject(type)) return [];
  return [type.items, type.values].filter((one) => one !== undefined);
}

function isNamed(type: Json): type is JsonObject {
  return isObject(type) && (type.type === "record" || type.type === "enum" || type.type === "fixed");
}

export function fullName({ name, namespace }: JsonObject, space: string): string {
  return qualified(String(name), typeof namespace === "string" ? namespace : space);
}

export function qualified(name: string, space: string): string {
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

export function namespaceOf(type: JsonObject, space: string): string {
  const name = fullName(type, space);
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function listOf(json: Json | undefined): readonly Json[] {
  return isList(json) ? json : [];
}

export function objectOf(json: Json): JsonObject {
  return isObject(json) ? json : {};
}
