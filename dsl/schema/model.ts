// An Avro schema as a closed model that the checker and the kernel share.
import type { DiagnosticCode } from "../diagnostics/codes.ts";
import type { Json } from "../spec/option-value.ts";

export const primitiveKinds = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "string",
  "bytes",
] as const;

export type PrimitiveKind = (typeof primitiveKinds)[number];

/** Named types may refer to themselves: follow fields with a bound. */
export type SchemaType =
  | { readonly kind: PrimitiveKind; readonly logicalType?: string }
  | {
      readonly kind: "fixed";
      readonly name: string;
      readonly sizeBytes: number;
      readonly logicalType?: string;
    }
  | { readonly kind: "enum"; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: SchemaType }
  | { readonly kind: "map"; readonly values: SchemaType }
  | { readonly kind: "union"; readonly branches: readonly SchemaType[] }
  | RecordType;

export interface RecordType {
  readonly kind: "record";
  /** With its namespace. */
  readonly name: string;
  readonly fields: readonly SchemaField[];
}

export interface SchemaField {
  readonly name: string;
  readonly type: SchemaType;
  /** Such a field may be absent, and so may one that can be null. */
  readonly hasDefault: boolean;
  /** As the schema has it. */
  readonly default?: Json;
}

export interface Schema {
  readonly root: RecordType;
  /** The schema's JSON, every named type defined where it is first used. */
  readonly json: Json;
}

/** Something wrong with a schema, as data: the checker makes a diagnostic of it that points into the schema's text. */
export interface SchemaProblem {
  readonly code: Extract<DiagnosticCode, `schema.${string}`>;
  /** A sentence. */
  readonly message: string;
  /** A few words for under the place. */
  readonly label: string;
  /** The next step to take. */
  readonly help: string;
  /** Where in the schema's text, in UTF-16 code units, half-open. */
  readonly start: number;
  readonly end: number;
}

/** The type without null, and whether null is allowed. */
export function withoutNull(type: SchemaType): { readonly type: SchemaType; readonly nullable: boolean } {
  if (type.kind === "null") return { type, nullable: true };
  if (type.kind !== "union") return { type, nullable: false };
  const rest = type.branches.filter((branch) => branch.kind !== "null");
  const nullable = rest.length < type.branches.length;
  const [only] = rest;
  if (rest.length === 1 && only !== undefined) return { type: only, nullable };
  return { type: { kind: "union", branches: rest }, nullable };
}

/** How JSON writes a type: two branches of a union that are written alike can't be told apart. */
export function jsonForm(
  type: SchemaType,
): "null" | "boolean" | "number" | "string" | "array" | "object" | "union" {
  switch (type.kind) {
    case "null":
    case "boolean":
    case "string":
    case "array":
    case "union":
      return type.kind;
    case "int":
    case "long":
    case "float":
    case "double":
      return "number";
    case "bytes":
    case "fixed":
    case "enum":
      return "string";
    case "record":
    case "map":
      return "object";
  }
}

/** The type in short, for people: `string?`, `long[]`, `record`, `map of string`. */
export function typeText(type: SchemaType): string {
  const { type: inner, nullable } = withoutNull(type);
  const mark = nullable ? "?" : "";
  switch (inner.kind) {
    case "array":
      return `${grouped(typeText(inner.items))}[]${mark}`;
    case "map":
      return `map of ${grouped(typeText(inner.values))}${nullable ? " or null" : ""}`;
    case "union":
      return `${inner.branches.map(typeText).join(" or ")}${nullable ? " or null" : ""}`;
    default:
      return inner.kind === "null" ? "null" : `${inner.kind}${mark}`;
  }
}

function grouped(text: string): string {
  return text.includes(" ") ? `(${text})` : text;
}
