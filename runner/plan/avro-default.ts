// Encodes a field's default, as Avro 1.11 says for schemas: that of a union is of its first branch, bytes are characters up to U+00FF.
import type { Json } from "../../dsl/graph/job-graph.ts";
import type { RecordType, SchemaType } from "../../dsl/schema/model.ts";

/** The schema's reader made sure that the default is of the type. */
export function avroDefault(type: SchemaType, value: Json): readonly number[] {
  switch (type.kind) {
    case "null":
      return [];
    case "boolean":
      return [value === true ? 1 : 0];
    case "int":
    case "long":
      return zigzag(BigInt(Math.trunc(Number(value))));
    case "float":
      return [...new Uint8Array(Float32Array.of(Number(value)).buffer)];
    case "double":
      return [...new Uint8Array(Float64Array.of(Number(value)).buffer)];
    case "string":
      return sized(Buffer.from(String(value)));
    case "bytes":
      return sized(Buffer.from(String(value), "latin1"));
    case "fixed":
      return [...Buffer.from(String(value), "latin1")];
    case "enum":
      return zigzag(BigInt(type.symbols.indexOf(String(value))));
    case "array":
      return block(itemsOf(value).map((item) => avroDefault(type.items, item)));
    case "map":
      return block(
        Object.entries(membersOf(value)).map(([key, item]) => [
          ...sized(Buffer.from(key)),
          ...avroDefault(type.values, item),
        ]),
      );
    case "union": {
      const [first] = type.branches;
      return first === undefined ? [] : [0, ...avroDefault(first, value)];
    }
    case "record":
      return recordDefault(type, membersOf(value));
  }
}

function recordDefault(
  { fields }: RecordType,
  members: { readonly [name: string]: Json },
): readonly number[] {
  return fields.flatMap(({ name, type, default: otherwise }) => {
    const value = Object.hasOwn(members, name) ? members[name] : otherwise;
    return value === undefined ? [] : avroDefault(type, value);
  });
}

function block(items: readonly (readonly number[])[]): readonly number[] {
  return items.length === 0 ? [0] : [...zigzag(BigInt(items.length)), ...items.flat(), 0];
}

function sized(bytes: Uint8Array): readonly number[] {
  return [...zigzag(BigInt(bytes.length)), ...bytes];
}

function zigzag(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

function itemsOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function membersOf(value: Json): { readonly [name: string]: Json } {
  return isMembers(value) ? value : {};
}

function isMembers(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
