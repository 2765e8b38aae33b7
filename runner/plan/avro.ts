// Reads the Avro schema of a job graph: its named types, and each type's parts without the spellings JSON allows for it.
import type { Json } from "../../dsl/graph/job-graph.ts";

type Members = { readonly [key: string]: Json };

/** A type as the shape's compiler wants it: references followed, `null` taken out of unions. */
export type AvroType =
  | {
      readonly kind: "scalar";
      readonly name: string;
      readonly logicalType?: string;
      readonly nullable: boolean;
    }
  | { readonly kind: "enum"; readonly symbols: readonly string[]; readonly nullable: boolean }
  | { readonly kind: "list"; readonly items: AvroRef; readonly nullable: boolean }
  | { readonly kind: "map"; readonly values: AvroRef; readonly nullable: boolean }
  | {
      readonly kind: "record";
      readonly name: string;
      readonly fields: readonly AvroField[];
      readonly nullable: boolean;
    }
  | { readonly kind: "union"; readonly branches: readonly AvroRef[]; readonly nullable: boolean };

export interface AvroField {
  readonly name: string;
  readonly type: AvroRef;
  readonly hasDefault: boolean;
}

/** A type as it stands, with the namespace it stands in. */
export interface AvroRef {
  readonly schema: Json;
  readonly namespace: string;
}

/** The schema's named types by full name. */
export class AvroTypes {
  private readonly named = new Map<string, AvroRef>();

  constructor(schema: Json) {
    this.collect({ schema, namespace: "" });
  }

  resolve({ schema, namespace }: AvroRef): AvroType {
    if (typeof schema === "string") {
      const definition = this.named.get(fullName(schema, namespace)) ?? this.named.get(schema);
      return definition === undefined
        ? { kind: "scalar", name: schema, nullable: schema === "null" }
        : this.resolve(definition);
    }
    if (isList(schema)) return this.union(schema, namespace);
    if (!isMembers(schema)) throw new Error("The job graph's schema is no Avro schema.");
    const { type } = schema;
    switch (type) {
      case "array":
        return { kind: "list", items: { schema: schema.items ?? "null", namespace }, nullable: false };
      case "map":
        return { kind: "map", values: { schema: schema.values ?? "null", namespace }, nullable: false };
      case "enum":
        return { kind: "enum", symbols: texts(schema.symbols), nullable: false };
      case "fixed":
        return { kind: "scalar", name: "fixed", nullable: false };
      case "record":
      case "error": {
        const name = nameOf(schema, namespace);
        const inner = namespaceOf(name);
        const fields = list(schema.fields).map((field) => fieldOf(field, inner));
        return { kind: "record", name, fields, nullable: false };
      }
      default: {
        const inner = this.resolve({ schema: type ?? "null", namespace });
        const { logicalType } = schema;
        return inner.kind === "scalar" && typeof logicalType === "string" ? { ...inner, logicalType } : inner;
      }
    }
  }

  private union(branches: readonly Json[], namespace: string): AvroType {
    const others = branches.filter((branch) => branch !== "null");
    const nullable = others.length < branches.length;
    const refs = others.map((schema) => ({ schema, namespace }));
    const [only] = refs;
    if (only === undefined) return { kind: "scalar", name: "null", nullable: true };
    if (refs.length > 1) return { kind: "union", branches: refs, nullable };
    const inner = this.resolve(only);
    return { ...inner, nullable: nullable || inner.nullable };
  }

  private collect({ schema, namespace }: AvroRef): void {
    if (isList(schema)) {
      for (const branch of schema) this.collect({ schema: branch, namespace });
    }
    if (!isMembers(schema)) return;
    let inner = namespace;
    if (typeof schema.name === "string" && typeof schema.type === "string") {
      const name = nameOf(schema, namespace);
      this.named.set(name, { schema, namespace });
      inner = namespaceOf(name);
    }
    for (const part of [schema.items, schema.values]) {
      if (part !== undefined) this.collect({ schema: part, namespace: inner });
    }
    if (typeof schema.type === "object") this.collect({ schema: schema.type, namespace: inner });
    if (schema.fields !== undefined) {
      for (const field of list(schema.fields)) this.collect(fieldOf(field, inner).type);
    }
  }
}

function fieldOf(field: Json, namespace: string): AvroField {
  if (!isMembers(field) || typeof field.name !== "string" || field.type === undefined) {
    throw new Error("The job graph's schema has a field without a name or a type.");
  }
  return {
    name: field.name,
    type: { schema: field.type, namespace },
    hasDefault: field.default !== undefined,
  };
}

function nameOf(schema: Members, namespace: string): string {
  const own = typeof schema.namespace === "string" ? schema.namespace : namespace;
  return fullName(typeof schema.name === "string" ? schema.name : "", own);
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function texts(value: Json | undefined): readonly string[] {
  return list(value).filter((each) => typeof each === "string");
}

function list(value: Json | undefined): readonly Json[] {
  return value !== undefined && isList(value) ? value : [];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isMembers(value: Json): value is Members {
  return typeof value === "object" && value !== null && !isList(value);
}
