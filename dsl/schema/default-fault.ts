// Checks the default of a field against its type, as Avro reads defaults.
import type { Json } from "../spec/option-value.ts";
import type { PrimitiveKind, SchemaField, SchemaType } from "./model.ts";

/** What a default of this type must be (`a text`), as the end of "must be …"; undefined where `value` is one. */
export function defaultFault(type: SchemaType, value: Json): string | undefined {
  switch (type.kind) {
    case "union": {
      // Avro takes the first type of a union for its default.
      const [first] = type.branches;
      return first === undefined ? undefined : defaultFault(first, value);
    }
    case "array":
      if (!isList(value)) return "a list";
      return firstFault(value.map((item) => defaultFault(type.items, item)));
    case "map":
      if (!isObject(value)) return "an object";
      return firstFault(Object.values(value).map((item) => defaultFault(type.values, item)));
    case "enum": {
      const fits = typeof value === "string" && type.symbols.includes(value);
      return fits ? undefined : `one of ${type.symbols.slice(0, 8).join(", ")}`;
    }
    case "fixed": {
      const fits = typeof value === "string" && value.length === type.sizeBytes && isBytes(value);
      return fits ? undefined : `a text of ${type.sizeBytes} characters up to U+00FF`;
    }
    case "record":
      return recordFault(type.fields, value);
    default:
      return fitsPrimitive(type.kind, value) ? undefined : primitiveNouns[type.kind];
  }
}

const primitiveNouns = {
  null: "null",
  boolean: "true or false",
  int: "a whole number within 32 bits",
  long: "a whole number within 64 bits",
  float: "a number that a float can hold",
  double: "a number",
  bytes: "a text of characters up to U+00FF",
  string: "a text",
} as const satisfies Record<PrimitiveKind, string>;

function fitsPrimitive(kind: PrimitiveKind, value: Json): boolean {
  switch (kind) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "int":
      return Number.isInteger(value) && fitsInt(Number(value));
    case "long":
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63;
    case "float":
      return typeof value === "number" && Number.isFinite(Math.fround(value));
    case "double":
      return Number.isFinite(value);
    case "bytes":
      return typeof value === "string" && isBytes(value);
    case "string":
      return typeof value === "string";
  }
}

function recordFault(fields: readonly SchemaField[], value: Json): string | undefined {
  if (!isObject(value)) return "an object";
  return firstFault(
    fields.map(({ name, type, hasDefault }) => {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined) return defaultFault(type, given);
      // The field's own default is checked where it stands.
      return hasDefault ? undefined : `an object with the field \`${name}\``;
    }),
  );
}

function firstFault(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

function fitsInt(value: number): boolean {
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function isBytes(text: string): boolean {
  return [...text].every((character) => character.charCodeAt(0) <= 0xff);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
