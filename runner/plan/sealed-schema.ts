// A contract's Avro schema with `strmMeta` as `encrypt` fills it, as JSON: what `sealedRoot` says, for others to read.
import type { Json } from "../../dsl/graph/job-graph.ts";
import type { SchemaField } from "../../dsl/schema/model.ts";
import { metaFields } from "../../dsl/schema/sealed.ts";
import {
  type Definition,
  Definitions,
  freeName,
  fullName,
  innerType,
  isList,
  isObject,
  type JsonObject,
  listOf,
  namespaceOf,
  objectOf,
  qualified,
} from "./schema-definitions.ts";

const META = "strmMeta";

/**
 * `schema`: an Avro record. All else stays as it is: documentation, aliases, defaults, logical types. The records of the event and of `strmMeta` keep their
 * names where nothing else refers to them. `changed`: dotted paths of the texts that are sealed or masked; these lose their logical type,
 * since a ciphertext is no UUID.
 */
export function sealedSchema(schema: Json, changed: readonly string[]): Json {
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
  const texts = changed.map((path) => names.fieldAt(path)).filter((one) => one !== undefined);
  return new Writing(names, declared?.space ?? space, meta, new Set(texts)).document(rootName, {
    ...root,
    fields: all,
  });
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

/** Writes every named type where it is first used, with its whole name. */
class Writing {
  readonly #names: Definitions;
  readonly #metaSpace: string;
  readonly #meta: JsonObject;
  /** Fields whose texts have no logical type. */
  readonly #texts: ReadonlySet<JsonObject>;
  readonly #written = new Set<string>();

  constructor(names: Definitions, metaSpace: string, meta: JsonObject, texts: ReadonlySet<JsonObject>) {
    this.#names = names;
    this.#metaSpace = metaSpace;
    this.#meta = meta;
    this.#texts = texts;
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
    return innerType(type, (inner) => this.#type(inner, space));
  }

  #definition({ name, json, space }: Definition): Json {
    const { namespace: _, ...kept } = json;
    if (json.fields === undefined) return { ...kept, name };
    const fields = listOf(json.fields).map((field) => {
      const one = objectOf(field);
      const type = this.#type(one.type ?? null, space);
      return { ...one, type: this.#texts.has(one) ? plainText(type) : type };
    });
    return { ...kept, name, fields };
  }
}

/** A text, or null, or a list of such, without logical types. */
function plainText(type: Json): Json {
  if (isList(type)) return type.map(plainText);
  if (!isObject(type)) return type;
  if (type.type === "array") return { ...type, items: plainText(type.items ?? null) };
  const { logicalType: _, ...kept } = type;
  return kept;
}
