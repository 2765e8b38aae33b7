// Reads a schema from JSON that anybody may have written: bounded in size and depth, and without a look at what JavaScript objects inherit.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { type AvroField, type AvroType, isPrimitive } from "./avro-type.ts";

/** Types in each other, within one schema's text. */
const MAX_DEPTH = 64;
/** A larger one is not made by people, and takes long to work through. */
export const MAX_SCHEMA_BYTES = 1_048_576;

/** Says why a text or JSON is no schema: `what` is a clause without a full stop. */
export class NotASchema extends Error {}

/** Named types that a schema may refer to without defining them. */
export type KnownTypes = ReadonlyMap<string, AvroType>;

/** Throws `NotASchema`. */
export function readSchemaText(text: string, known: KnownTypes = new Map()): ReadSchema {
  if (text.length > MAX_SCHEMA_BYTES) throw new NotASchema("it is larger than 1 MiB");
  return readSchema(jsonIn(text), known);
}

export interface ReadSchema {
  readonly type: AvroType;
  /** All named types that it knows or defines. */
  readonly known: KnownTypes;
}

/** Throws `NotASchema`. */
export function readSchema(json: Json, known: KnownTypes = new Map()): ReadSchema {
  const reading = new Reading(known);
  return { type: reading.type(json, "", 0), known: reading.names };
}

function jsonIn(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotASchema("it is not JSON");
  }
}

type JsonObject = { readonly [key: string]: Json };

class Reading {
  readonly names: Map<string, AvroType>;

  constructor(known: KnownTypes) {
    this.names = new Map(known);
  }

  type(json: Json, namespace: string, depth: number): AvroType {
    if (depth > MAX_DEPTH)
      throw new NotASchema(`its types stand in each other more than ${MAX_DEPTH} levels deep`);
    if (typeof json === "string") return isPrimitive(json) ? { kind: json } : this.#named(json, namespace);
    if (isList(json)) return this.#union(json, namespace, depth);
    if (!isObject(json)) throw new NotASchema("a type is neither a name, a list nor an object");
    const type = member(json, "type");
    switch (type) {
      case "record":
      case "error":
        return this.#record(json, namespace, depth);
      case "enum":
        return this.#enum(json, namespace);
      case "fixed":
        return this.#fixed(json, namespace);
      case "array":
        return { kind: "array", items: this.type(needed(json, "items"), namespace, depth + 1) };
      case "map":
        return { kind: "map", values: this.type(needed(json, "values"), namespace, depth + 1) };
      case undefined:
        throw new NotASchema("an object has no `type`");
      default:
        return this.type(type, namespace, depth + 1);
    }
  }

  #named(name: string, namespace: string): AvroType {
    const type = this.names.get(fullName(name, namespace)) ?? this.names.get(name);
    if (type === undefined) throw new NotASchema("it refers to a type that it does not define");
    return type;
  }

  #union(json: readonly Json[], namespace: string, depth: number): AvroType {
    const branches = json.map((branch) => this.type(branch, namespace, depth + 1));
    if (branches.some(({ kind }) => kind === "union")) throw new NotASchema("a union stands in a union");
    return { kind: "union", branches };
  }

  #record(json: JsonObject, namespace: string, depth: number): AvroType {
    const { name, inner, aliases } = nameOf(json, namespace);
    const fields: AvroField[] = [];
    // Known before its fields are: they may refer to it.
    const record = this.#define({ kind: "record", name, aliases, fields });
    for (const field of list(json, "fields")) fields.push(this.#field(field, inner, depth));
    if (new Set(fields.map((field) => field.name)).size < fields.length)
      throw new NotASchema("a record has two fields with one name");
    return record;
  }

  #field(json: Json, namespace: string, depth: number): AvroField {
    if (!isObject(json)) throw new NotASchema("a field is no object");
    const given = member(json, "default");
    return {
      name: text(json, "name"),
      aliases: texts(json, "aliases"),
      type: this.type(needed(json, "type"), namespace, depth + 1),
      ...(given !== undefined && { default: given }),
    };
  }

  #enum(json: JsonObject, namespace: string): AvroType {
    const { name, aliases } = nameOf(json, namespace);
    const otherwise = member(json, "default");
    return this.#define({
      kind: "enum",
      name,
      aliases,
      symbols: list(json, "symbols").map(asText),
      ...(typeof otherwise === "string" && { otherwise }),
    });
  }

  #fixed(json: JsonObject, namespace: string): AvroType {
    const { name, aliases } = nameOf(json, namespace);
    const sizeBytes = member(json, "size");
    if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
      throw new NotASchema("a fixed type has no size");
    return this.#define({ kind: "fixed", name, aliases, sizeBytes });
  }

  #define<T extends AvroType & { readonly name: string }>(type: T): T {
    if (this.names.has(type.name)) throw new NotASchema("it defines a name twice");
    this.names.set(type.name, type);
    return type;
  }
}

/** `inner`: the namespace of what stands in it. */
function nameOf(json: JsonObject, outer: string) {
  const own = text(json, "name");
  const given = member(json, "namespace");
  const name = fullName(own, typeof given === "string" ? given : outer);
  const inner = name.slice(0, Math.max(0, name.lastIndexOf(".")));
  return { name, inner, aliases: texts(json, "aliases").map((alias) => fullName(alias, inner)) };
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function member(json: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

function needed(json: JsonObject, name: string): Json {
  const value = member(json, name);
  if (value === undefined) throw new NotASchema(`\`${name}\` is missing somewhere`);
  return value;
}

function list(json: JsonObject, name: string): readonly Json[] {
  const value = needed(json, name);
  if (!isList(value)) throw new NotASchema(`\`${name}\` is no list somewhere`);
  return value;
}

function text(json: JsonObject, name: string): string {
  return asText(needed(json, name));
}

function texts(json: JsonObject, name: string): readonly string[] {
  return member(json, name) === undefined ? [] : list(json, name).map(asText);
}

function asText(json: Json): string {
  if (typeof json !== "string") throw new NotASchema("a name is no text");
  return json;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
