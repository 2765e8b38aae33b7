// Encodes a field's default, as JSON in the schema, as a datum.

import type { PrimitiveKind } from "../../dsl/schema/model.ts";
import type { Json } from "../../dsl/spec/option-value.ts";

/** What any model of a schema says of a type, as far as its values' encoding goes. */
export type Encodable =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: "fixed"; readonly sizeBytes: number }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: Encodable }
  | { readonly kind: "map"; readonly values: Encodable }
  | { readonly kind: "union"; readonly branches: readonly Encodable[] }
  | EncodableRecord;

interface EncodableRecord {
  readonly kind: "record";
  readonly fields: readonly { readonly name: string; readonly type: Encodable; readonly default?: Json }[];
}

/**
 * Avro 1.11, "Schema Record": the form of defaults. Undefined where `json` is none of `type`, also for numbers that JSON can't hold
 * exactly.
 */
export function encodeDefault(type: Encodable, json: Json): Buffer | undefined {
  switch (type.kind) {
    case "union": {
      // A union's default is of its first branch.
      const [first] = type.branches;
      return first && joined([long(0), encodeDefault(first, json)]);
    }
    case "array":
      return isList(json) ? blockOf(json.map((item) => encodeDefault(type.items, item))) : undefined;
    case "map":
      if (!isObject(json)) return undefined;
      return blockOf(
        Object.entries(json).map(([key, value]) => joined([string(key), encodeDefault(type.values, value)])),
      );
    case "enum": {
      const index = type.symbols.indexOf(String(json));
      return typeof json === "string" && index >= 0 ? long(index) : undefined;
    }
    case "fixed": {
      const bytes = latin1(json);
      return bytes?.length === type.sizeBytes ? bytes : undefined;
    }
    case "record":
      return isObject(json) ? recordOf(type, json) : undefined;
    default:
      return primitiveOf(type.kind, json);
  }
}

/** A whole number in Avro's variable-length zig-zag coding. */
export function long(value: number | bigint): Buffer {
  const bytes: number[] = [];
  const big = BigInt(value);
  let rest = BigInt.asUintN(64, (big << 1n) ^ (big >> 63n));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A text, or a key of a map. */
export function string(text: string): Buffer {
  return prefixed(Buffer.from(text));
}

/** Bytes behind their length. */
export function prefixed(bytes: Uint8Array): Buffer {
  return Buffer.concat([long(bytes.length), bytes]);
}

function primitiveOf(kind: PrimitiveKind, json: Json): Buffer | undefined {
  switch (kind) {
    case "null":
      return json === null ? Buffer.alloc(0) : undefined;
    case "boolean":
      return typeof json === "boolean" ? Buffer.from([json ? 1 : 0]) : undefined;
    case "int":
      return typeof json === "number" && (json | 0) === json ? long(json) : undefined;
    case "long":
      return typeof json === "number" && Number.isSafeInteger(json) ? long(json) : undefined;
    case "float":
      return typeof json === "number" ? float(json) : undefined;
    case "double":
      return typeof json === "number" ? double(json) : undefined;
    case "string":
      return typeof json === "string" ? string(json) : undefined;
    case "bytes": {
      const bytes = latin1(json);
      return bytes && prefixed(bytes);
    }
  }
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** The characters up to U+00FF stand for bytes. */
function latin1(json: Json): Buffer | undefined {
  if (typeof json !== "string") return undefined;
  const bytes = Buffer.from(json, "latin1");
  return bytes.toString("latin1") === json ? bytes : undefined;
}

function recordOf({ fields }: EncodableRecord, json: { readonly [key: string]: Json }): Buffer | undefined {
  return joined(
    fields.map(({ name, type, default: otherwise }) => {
      const value = Object.hasOwn(json, name) ? json[name] : otherwise;
      return value === undefined ? undefined : encodeDefault(type, value);
    }),
  );
}

/** Items of an array or map, in one block and the empty one that ends it. */
function blockOf(items: readonly (Buffer | undefined)[]): Buffer | undefined {
  if (items.length === 0) return long(0);
  return joined([long(items.length), ...items, long(0)]);
}

function joined(parts: readonly (Buffer | undefined)[]): Buffer | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === parts.length ? Buffer.concat(present) : undefined;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
