// An Avro schema as a closed model, of any schema that Avro allows: a writer may use what no contract does.
import { type PrimitiveKind, primitiveKinds } from "../../../dsl/schema/model.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";

/** Logical types are left out: they don't change how a datum is encoded. Named types may refer to themselves. */
export type AvroType =
  | { readonly kind: PrimitiveKind }
  | FixedType
  | EnumType
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] }
  | RecordType;

interface Named {
  /** With its namespace. */
  readonly name: string;
  /** With their namespaces. */
  readonly aliases: readonly string[];
}

export interface FixedType extends Named {
  readonly kind: "fixed";
  readonly sizeBytes: number;
}

export interface EnumType extends Named {
  readonly kind: "enum";
  readonly symbols: readonly string[];
  /** Taken for a writer's symbol that is not among these. */
  readonly otherwise?: string;
}

export interface RecordType extends Named {
  readonly kind: "record";
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** As the schema has it; undefined where it has none. */
  readonly default?: Json;
}

const primitives: ReadonlySet<string> = new Set(primitiveKinds);

export function isPrimitive(name: string): name is PrimitiveKind {
  return primitives.has(name);
}

/** A name without its namespace. */
export function simpleName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
