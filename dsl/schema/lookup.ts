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
  /** The field stands in a record that contains itself: no list of paths names every place it can stand at. */
  readonly insideRecursion: boolean;
  /** A text, or a list of texts, that its path names fully: what can be sealed and masked. */
  readonly sealable: boolean;
  /** For people: `string?`, `int[]`, `string in a record that contains itself`. */
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
  let insideRecursion = false;
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
    insideRecursion ||= containsItself(record);
    const { type, nullable: here } = withoutNull(field.type);
    nullable ||= here || field.hasDefault;
    if (i === segments.length - 1) {
      return { kind: "found", type: infoOf(field.type, { nullable, insideList, insideRecursion }) };
    }
    const inner = type.kind === "array" ? withoutNull(type.items).type : type;
    insideList ||= type.kind === "array";
    if (inner.kind !== "record") {
      return { kind: "missing", at: segments[i + 1] ?? "", below: segments.slice(0, i + 1).join(".") };
    }
    record = inner;
  }
  return { kind: "missing", at: path, below: "" };
}

function infoOf(
  whole: SchemaType,
  place: Pick<FieldInfo, "nullable" | "insideList" | "insideRecursion">,
): FieldInfo {
  const { type } = withoutNull(whole);
  const inner = type.kind === "array" ? withoutNull(type.items).type : type;
  return {
    ...place,
    scalar: inner.kind,
    type: whole,
    list: type.kind === "array",
    sealable: inner.kind === "string" && !place.insideRecursion,
    text: place.insideRecursion ? `${typeText(whole)} in a record that contains itself` : typeText(whole),
  };
}

/** The walk below is as long as the schema, and each lookup asks for it. */
const recursive = new WeakMap<RecordType, boolean>();

/** True where a value of the record may hold another value of the same record, at any depth. */
function containsItself(record: RecordType): boolean {
  const known = recursive.get(record) ?? reachesItself(record);
  recursive.set(record, known);
  return known;
}

function reachesItself(record: RecordType): boolean {
  const seen = new Set<SchemaType>();
  const reaches = (type: SchemaType): boolean => {
    switch (type.kind) {
      case "array":
        return reaches(type.items);
      case "map":
        return reaches(type.values);
      case "union":
        return type.branches.some(reaches);
      case "record":
        if (type === record) return true;
        if (seen.has(type)) return false;
        seen.add(type);
        return type.fields.some((field) => reaches(field.type));
      default:
        return false;
    }
  };
  return record.fields.some((field) => reaches(field.type));
}

export interface ListedPath {
  readonly path: string;
  readonly type: SchemaType;
}

/** Schemas with more are refused when they are read, so that every list of paths is complete. */
export const maxPaths = 10_000;

/** Every path of a schema in its order, records before their fields. A type that contains itself is not entered again. */
export function listPaths(schema: Schema): readonly ListedPath[] {
  const paths: ListedPath[] = [];
  visit(schema, (path, type) => {
    paths.push({ path, type });
    return true;
  });
  return paths;
}

/** True where a schema has more than `maxPaths`; a few nested types can stand for millions. */
export function hasTooManyPaths(schema: Schema): boolean {
  let count = 0;
  visit(schema, () => ++count <= maxPaths);
  return count > maxPaths;
}

/** Calls `see` for every path until it answers false. */
function visit(schema: Schema, see: (path: string, type: SchemaType) => boolean): void {
  const enter = (record: RecordType, prefix: string, above: readonly RecordType[]): boolean =>
    record.fields.every(({ name, type }) => {
      const path = `${prefix}${name}`;
      if (!see(path, type)) return false;
      const { type: inner } = withoutNull(type);
      const item = inner.kind === "array" ? withoutNull(inner.items).type : inner;
      if (item.kind !== "record" || above.includes(item)) return true;
      return enter(item, `${path}.`, [...above, item]);
    });
  enter(schema.root, "", [schema.root]);
}
