// A contract's Avro schema with `strmMeta` as `encrypt` fills it, as JSON: what `sealedRoot` says, for others to read.
import type { Json } from "../../dsl/graph/job-graph.ts";
import type { SchemaField } from "../../dsl/schema/model.ts";
import { metaFields } from "../../dsl/schema/sealed.ts";

type JsonObject = { readonly [key: string]: Json };

const META = "strmMeta";

/**
 * `schema`: an Avro record. All else stays as it is: documentation, aliases, defaults, logical types. The records of the event and of `strmMeta` keep their
 * names where nothing else refers to them.
 */
export function sealedSchema(schema: Json): Json {
  const root = objectOf(schema);
  const names = new Definitions(root);
  const fields = listOf(root.fields).map(objectOf);
  const before = fields.find(({ name }) => name === META);
  const others = fields.filter((field) => field !== before);
  const space = namespaceOf(root, "");
  const declared = before === undefined ? undefined : names.recordIn(before.type, space);
  const used = new Set(others.flatMap((field) => names.usedBy(field.type, space)));
  const own = declared === undefined ? [] : listOf(declared.json.fields).map(objectOf);
  for (const field of own) {
    if (!isFilled(field))
      for (const name of names.usedBy(field.type, declared?.space ?? space)) used.add(name);
  }
  // A record that holds records of its own kind holds them as the contract has them.
  const rootName = freeName(fullName(root, ""), used);
  used.add(rootName);
  const meta: JsonObject = {
    ...declared?.json,
    type: "record",
    name: freeName(declared?.name ?? qualified("StrmMeta", space), used),
    fields: [
      ...own.map(filled),
      ...metaFields.filter(({ name }) => !own.some((one) => one.name === name)).map(fieldJson),
    ],
  };
  // A default of before would not have what is filled in.
  const { default: _, ...kept } = before ?? { name: META };
  const field = { ...kept, type: meta };
  const all = before === undefined ? [...fields, field] : fields.map((one) => (one === before ? field : one));
  return new Writing(names, declared?.space ?? space, meta).document(rootName, { ...root, fields: all });
}

function isFilled({ name }: JsonObject): boolean {
  return metaFields.some((field) => field.name === name);
}

function filled(field: JsonObject): JsonObject {
  const own = metaFields.find(({ name }) => name === field.name);
  if (own === undefined) return field;
  const { default: _, ...kept } = field;
  return { ...kept, ...fieldJson(own) };
}

function fieldJson({ name, type }: SchemaField): JsonObject {
  return { name, type: type.kind === "array" ? { type: "array", items: type.items.kind } : type.kind };
}

function freeName(wanted: string, used: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`;
  return name;
}

interface Definition {
  /** With its namespace. */
  readonly name: string;
  readonly json: JsonObject;
  /** Where names without one stand in it. */
  readonly space: string;
}

/** All named types of a schema. */
class Definitions {
  readonly #byName = new Map<string, Definition>();

  constructor(root: JsonObject) {
    this.#collect(root, "");
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

  #collect(type: Json, space: string): void {
    if (isNamed(type)) {
      const name = fullName(type, space);
      const inner = namespaceOf(type, space);
      this.#byName.set(name, { name, json: type, space: inner });
      for (const field of listOf(type.fields)) this.#collect(objectOf(field).type ?? null, inner);
    } else for (const inner of innerTypes(type)) this.#collect(inner, space);
  }
}

/** Writes every named type where it is first used, with its whole name. */
class Writing {
  readonly #names: Definitions;
  readonly #metaSpace: string;
  readonly #meta: JsonObject;
  readonly #written = new Set<string>();

  constructor(names: Definitions, metaSpace: string, meta: JsonObject) {
    this.#names = names;
    this.#metaSpace = metaSpace;
    this.#meta = meta;
  }

  document(name: string, root: JsonObject): Json {
    this.#written.add(name);
    return this.#definition({ name, json: root, space: namespaceOf(root, "") });
  }

  #type(type: Json, space: string): Json {
    if (type === this.#meta) {
      const name = String(this.#meta.name);
      this.#written.add(name);
      return this.#definition({ name, json: this.#meta, space: this.#metaSpace });
    }
    if (isList(type)) return type.map((branch) => this.#type(branch, space));
    const definition = this.#names.of(type, space);
    if (definition !== undefined) {
      if (this.#written.has(definition.name)) return definition.name;
      this.#written.add(definition.name);
      return this.#definition(definition);
    }
    if (!isObject(type)) return type;
    return Object.fromEntries(
      Object.entries(type).map(([key, value]) =>
        key === "items" || key === "values" ? [key, this.#type(value, space)] : [key, value],
      ),
    );
  }

  #definition({ name, json, space }: Definition): Json {
    const { namespace: _, ...kept } = json;
    if (json.fields === undefined) return { ...kept, name };
    const fields = listOf(json.fields).map((field) => {
      const one = objectOf(field);
      return { ...one, type: this.#type(one.type ?? null, space) };
    });
    return { ...kept, name, fields };
  }
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

function fullName({ name, namespace }: JsonObject, space: string): string {
  return qualified(String(name), typeof namespace === "string" ? namespace : space);
}

function qualified(name: string, space: string): string {
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

function namespaceOf(type: JsonObject, space: string): string {
  const name = fullName(type, space);
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function listOf(json: Json | undefined): readonly Json[] {
  return isList(json) ? json : [];
}

function objectOf(json: Json): JsonObject {
  return isObject(json) ? json : {};
}
