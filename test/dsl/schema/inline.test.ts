// The fields of an inline contract make an Avro schema that Avro's own library takes.
import avsc from "avsc";
import { expect, test } from "vitest";
import { schemaOfFields } from "../../../dsl/schema/inline.ts";
import { listPaths, lookup } from "../../../dsl/schema/lookup.ts";
import { typeText } from "../../../dsl/schema/model.ts";
import { schemaOfJson } from "../../../dsl/schema/read.ts";
import type { ContractField, Name, TypeExpression } from "../../../dsl/syntax/ast.ts";

const span = { file: "test.strm", start: 0, end: 0 };
const name = (text: string): Name => ({ span, text });
const named = (text: string): TypeExpression => ({ kind: "named", span, name: name(text) });
const optional = (of: TypeExpression): TypeExpression => ({ kind: "optional", span, of });
const list = (of: TypeExpression): TypeExpression => ({ kind: "list", span, of });
const record = (...fields: ContractField[]): TypeExpression => ({ kind: "record", span, fields });

function field(path: string, type?: TypeExpression): ContractField {
  const segments = path.split(".").map(name);
  return {
    span,
    path: { span, segments, text: path },
    annotations: [],
    ...(type === undefined ? {} : { type }),
  };
}

test("every type, nested and dotted", () => {
  const { json, problems } = schemaOfFields("click", [
    ...["string", "int", "long", "float", "double", "boolean", "bytes"].map((type) =>
      field(`a_${type}`, named(type)),
    ),
    field("note", optional(named("string"))),
    field("tags", optional(list(named("string")))),
    field(
      "customer",
      record(field("id", named("string")), field("home", optional(record(field("zip", named("string")))))),
    ),
    field("shop.id", named("string")),
    field("shop.place.city", named("string")),
    field("lines", list(record(field("product", named("long"))))),
  ]);
  expect(problems).toEqual([]);
  const { schema } = schemaOfJson(json);
  expect(listPaths(schema!).map(({ path, type }) => `${path}: ${typeText(type)}`)).toEqual([
    "a_string: string",
    "a_int: int",
    "a_long: long",
    "a_float: float",
    "a_double: double",
    "a_boolean: boolean",
    "a_bytes: bytes",
    "note: string?",
    "tags: string[]?",
    "customer: record",
    "customer.id: string",
    "customer.home: record?",
    "customer.home.zip: string",
    "shop: record",
    "shop.id: string",
    "shop.place: record",
    "shop.place.city: string",
    "lines: record[]",
    "lines.product: long",
  ]);
  expect(avsc.Type.forSchema(JSON.parse(JSON.stringify(json))).typeName).toBe("record");
});

test("dotted paths go on in a record that was written with braces, before or behind it", () => {
  const braces = field("customer", optional(record(field("id", named("string")))));
  const dotted = field("customer.name", named("string"));
  for (const fields of [
    [braces, dotted],
    [dotted, braces],
  ]) {
    const { json, problems } = schemaOfFields("click", fields);
    expect(problems).toEqual([]);
    const { schema } = schemaOfJson(json);
    expect(lookup(schema!, "customer")).toMatchObject({ type: { text: "record?" } });
    expect(lookup(schema!, "customer.id").kind).toBe("found");
    expect(lookup(schema!, "customer.name").kind).toBe("found");
  }
});

test("records at different places never share a name", () => {
  const inner = record(field("x", named("int")));
  const { json } = schemaOfFields("a", [
    field("b_C", record(field("d", inner))),
    field("b", record(field("c_D", inner))),
  ]);
  expect(schemaOfJson(json).problems).toBeUndefined();
});

test.each([
  ["unknown-type", [field("a", named("text"))]],
  ["missing-type", [field("a")]],
  ["duplicate-field", [field("a", named("int")), field("a", named("long"))]],
  ["not-a-record", [field("a", named("int")), field("a.b", named("int"))]],
  ["not-a-record", [field("a.b", named("int")), field("a", named("int"))]],
  ["bad-type", [field("a", optional(optional(named("int"))))]],
])("%s is told, and the rest still makes a schema", (kind, fields) => {
  const { json, problems } = schemaOfFields("click", [...fields, field("z", named("string"))]);
  expect(problems.map((problem) => problem.kind)).toEqual([kind]);
  const { schema } = schemaOfJson(json);
  expect(lookup(schema!, "z").kind).toBe("found");
});
