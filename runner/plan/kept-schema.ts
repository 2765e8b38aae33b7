// A contract's Avro schema without the fields that it drops: what its streams have.
import type { GraphContract, Json } from "../../dsl/graph/job-graph.ts";
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
} from "./schema-definitions.ts";

/** The dropped fields, without those that stand in a dropped record. */
export function droppedPaths({ dropped = [] }: GraphContract): readonly string[] {
  const paths = dropped.map(({ path }) => path);
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`)));
}

/**
 * Nothing else changes. A record that is used elsewhere as well, where all of it is kept, gets another name where it loses a field: one
 * name can't stand for two types.
 */
export function keptSchema(contract: GraphContract): Json {
  const dropped = droppedPaths(contract);
  return dropped.length === 0 ? contract.schema : new Writing(objectOf(contract.schema)).document(dropped);
}

/** Writes every named type where it is first used, with its whole name. */
class Writing {
  readonly #root: JsonObject;
  readonly #names: Definitions;
  /** By name of a definition and what it loses: the name it is written with. */
  readonly #written = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor(root: JsonObject) {
    this.#root = root;
    this.#names = new Definitions(root);
    this.#taken = new Set();
  }

  /** `dropped`: dotted paths. */
  document(dropped: readonly string[]): Json {
    const name = fullName(this.#root, "");
    // Names of what is kept whole somewhere are left to that.
    this.#noteWhole(this.#root, namespaceOf(this.#root, ""), dropped);
    return this.#definition({ name, json: this.#root, space: namespaceOf(this.#root, "") }, dropped);
  }

  /** Notes the names of all types that stand somewhere whole. */
  #noteWhole(record: JsonObject, space: string, dropped: readonly string[]): void {
    for (const one of listOf(record.fields)) {
      const { name, type = null } = objectOf(one);
      const inside = below(String(name), dropped);
      if (dropped.includes(String(name))) continue;
      if (inside.length === 0) for (const used of this.#names.usedBy(type, space)) this.#taken.add(used);
      else {
        const holder = this.#names.holderIn(type, space);
        if (holder !== undefined) this.#noteWhole(holder.json, holder.space, inside);
      }
    }
  }

  #type(type: Json, space: string, dropped: readonly string[]): Json {
    if (isList(type)) return type.map((branch) => this.#type(branch, space, dropped));
    const definition = this.#names.of(type, space);
    if (definition !== undefined) {
      const known = this.#written.get(keyOf(definition.name, dropped));
      return known ?? this.#definition(definition, dropped);
    }
    if (!isObject(type)) return type;
    return innerType(type, (inner) => this.#type(inner, space, dropped));
  }

  #definition({ name, json, space }: Definition, dropped: readonly string[]): Json {
    const { namespace: _, ...kept } = json;
    const loses = json.fields === undefined ? [] : dropped;
    const written = loses.length === 0 ? name : freeName(name, this.#taken);
    this.#taken.add(written);
    this.#written.set(keyOf(name, dropped), written);
    if (json.fields === undefined) return { ...kept, name: written };
    const fields = listOf(json.fields)
      .map(objectOf)
      .filter((field) => !dropped.includes(String(field.name)))
      .map((field) => {
        const inside = below(String(field.name), dropped);
        const otherwise = field.default === undefined ? {} : { default: without(field.default, inside) };
        return { ...field, type: this.#type(field.type ?? null, space, inside), ...otherwise };
      });
    return { ...kept, name: written, fields };
  }
}

function keyOf(name: string, dropped: readonly string[]): string {
  return JSON.stringify([name, ...dropped]);
}

/** The paths that lead into a field, from there on. */
function below(field: string, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => (path.startsWith(`${field}.`) ? [path.slice(field.length + 1)] : []));
}

/** A default without the members that are dropped. */
function without(value: Json, dropped: readonly string[]): Json {
  if (dropped.length === 0) return value;
  if (isList(value)) return value.map((item) => without(item, dropped));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      dropped.includes(name) ? [] : [[name, without(inner, below(name, dropped))]],
    ),
  );
}
