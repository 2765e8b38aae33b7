// Finds the type at a dotted path of a schema, and what may be done with it.
import { closest } from "../text/closest.ts";
import { type RecordType, type Schema, type SchemaType, typeText, withoutNull } from "./model.ts";

export interface FieldInfo {
  /** Without null, and without the list around it: `string` for `string`, `string?` and `string[]`. */
  readonly scalar: SchemaType["kind"];
  readonly type: SchemaType;
  /** The value itself may be null or absent, or something above it may. */
  readonly nullable: boolean;
  /** The value is a list of `scalar`. */
  readonly list: boolean;
  /** The path leads through a list of records. */
  readonly insideList: boolean;
  /** A text, or a list of texts: what can be sealed and masked. */
  readonly sealable: boolean;
  readonly text: string;
}

export type Lookup =
  | { readonly kind: "found"; readonly type: FieldInfo }
  /** `at` is the part of the path that is missing, `below` what stands before it ("" for the top). */
  | { readonly kind: "missing"; readonly at: string; readonly below: string; readonly near?: string };

/** Follows a dotted path through records, nullable records and lists of records. */
export function lookup(schema: Schema, path: string): Lookup {
  const segments = path.split(".");
  let record: RecordType = schema.root;
  let nullable = false;
  let insideList = false;
  for (const [i, segment] of segments.entries()) {
    const below = segments.slice(0, i).join(".");
    const field = record.fields.find(({ name }) => name === segment);
    if (field === undefined) {
      const near = closest(
        segment,
        record.fields.map(({ name }) => name),
      );
      return { kind: "missing", at: segment, below, ...(near === undefined ? {} : { near }) };
    }
    const { type, nullable: here } = withoutNull(field.type);
    nullable ||= here || field.hasDefault;
    if (i === segments.length - 1) return { kind: "found", type: infoOf(field.type, nullable, insideList) };
    const inner = type.kind === "array" ? withoutNull(type.items).type : type;
    insideList ||= type.kind === "array";
    if (inner.kind !== "record") {
      return { kind: "missing", at: segments[i + 1] ?? "", below: segments.slice(0, i + 1).join(".") };
    }
    record = inner;
  }
  return { kind: "missing", at: path, below: "" };
}

function infoOf(whole: SchemaType, nullable: boolean, insideList: boolean): FieldInfo {
  const { type } = withoutNull(whole);
  const list = type.kind === "array";
  const inner = type.kind === "array" ? withoutNull(type.items).type : type;
  return {
    scalar: inner.kind,
    type: whole,
    nullable,
    list,
    insideList,
    sealable: inner.kind === "string",
    text: typeText(whole),
  };
}

export interface ListedPath {
  readonly path: string;
  readonly type: SchemaType;
}

/** Every path of a schema in its order, records before their fields. A type that contains itself is not entered again. */
export function listPaths(schema: Schema): readonly ListedPath[] {
  const paths: ListedPath[] = [];
  const enter = (record: RecordType, prefix: string, above: readonly RecordType[]): void => {
    for (const { name, type } of record.fields) {
      const path = `${prefix}${name}`;
      paths.push({ path, type });
      const { type: inner } = withoutNull(type);
      const item = inner.kind === "array" ? withoutNull(inner.items).type : inner;
      if (item.kind === "record" && !above.includes(item)) enter(item, `${path}.`, [...above, item]);
    }
  };
  enter(schema.root, "", [schema.root]);
  return paths;
}
