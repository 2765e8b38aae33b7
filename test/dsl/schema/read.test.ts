// Schemas are read into the model, and every mistake is found, named and pointed at.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listPaths, lookup } from "../../../dsl/schema/lookup.ts";
import { type SchemaProblem, typeText } from "../../../dsl/schema/model.ts";
import { readSchema, schemaOfJson } from "../../../dsl/schema/read.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";

const fixture = new URL("../../fixtures/schemas/", import.meta.url).pathname;

function read(text: string) {
  const { schema, problems } = readSchema(text);
  if (schema === undefined) throw new Error(problems.map(({ message }) => message).join("\n"));
  return schema;
}

function record(fields: string): string {
  return `{ "type": "record", "name": "Click", "namespace": "com.acme", "fields": [${fields}] }`;
}

/** What is wrong, and the very text that the problem points at. */
function faults(text: string): readonly (readonly [SchemaProblem["code"], string])[] {
  const { problems = [] } = readSchema(text);
  return problems.map(({ code, start, end }) => [code, text.slice(start, end)]);
}

const everything = readFileSync(`${fixture}everything.avsc`, "utf8");

describe("a schema with everything", () => {
  const schema = read(everything);

  test("lists every path with its type", () => {
    const paths = listPaths(schema).map(({ path, type }) => `${path}: ${typeText(type)}`);
    expect(paths).toMatchInlineSnapshot(`
      [
        "id: string",
        "note: string?",
        "last: string?",
        "small: int",
        "big: long",
        "ratio: float",
        "exact: double",
        "yes: boolean",
        "raw: bytes",
        "price: bytes",
        "hash: fixed",
        "kind: enum",
        "tags: string[]",
        "grid: int[][]",
        "counts: map of long",
        "home: record",
        "home.city: string",
        "home.kind: enum",
        "home.zip: string?",
        "other: record",
        "other.city: string",
        "other.kind: enum",
        "other.zip: string?",
        "seen: enum",
        "lines: record?[]",
        "lines.product: long",
        "lines.notes: string?[]",
        "choice: boolean or long or string or int[] or null",
        "tree: record",
        "tree.label: string",
        "tree.children: record[]",
      ]
    `);
  });

  test("resolves names by their namespaces", () => {
    expect(schema.root.name).toBe("com.acme.Everything");
    expect(lookup(schema, "home.city")).toMatchObject({ kind: "found", type: { text: "string" } });
    expect(lookup(schema, "other.city")).toMatchObject({ kind: "found", type: { text: "string" } });
  });

  test("a field may be absent where it has a default", () => {
    const absent = schema.root.fields.filter(({ hasDefault }) => hasDefault).map(({ name }) => name);
    expect(absent).toEqual(["note", "kind", "tags", "home", "choice"]);
  });

  test("is the same when it comes from the graph", () => {
    expect(schemaOfJson(schema.json).schema).toEqual(schema);
  });
});

describe("what is refused", () => {
  test.each<[string, string, SchemaProblem["code"], string]>([
    ["a comma too many", '{ "type": "record", }', "schema.json", ","],
    ["a comment", '{ // why\n "type": "record" }', "schema.json", "/"],
    ["a bare word", '{ "type": record }', "schema.json", "record"],
    ["an open end", '{ "type": "record"', "schema.json", ""],
    ["a text without end", '{ "type": "rec\n" }', "schema.json", '"'],
    ["something behind the end", `${record("")} x`, "schema.json", "x"],
    ["a member twice", '{ "type": "record", "type": "record" }', "schema.json", '"type"'],
    ["no text at all", " ", "schema.json", ""],
    ["no record", '{ "type": "array", "items": "string" }', "schema.not-a-record", "{"],
    ["a list of types", '[{ "type": "record", "name": "A", "fields": [] }]', "schema.not-a-record", "["],
    ["an unknown type", record('{ "name": "a", "type": "strng" }'), "schema.unknown-type", '"strng"'],
    [
      "a later type",
      record(
        '{ "name": "a", "type": "B" }, { "name": "b", "type": { "type": "enum", "name": "B", "symbols": ["X"] } }',
      ),
      "schema.unknown-type",
      '"B"',
    ],
    ["a constructor as a type", record('{ "name": "a", "type": "array" }'), "schema.invalid", '"array"'],
    ["a number as a type", record('{ "name": "a", "type": 3 }'), "schema.invalid", "3"],
    [
      "a field twice",
      record('{ "name": "a", "type": "int" }, { "name": "a", "type": "long" }'),
      "schema.duplicate-name",
      '"a"',
    ],
    [
      "a type twice",
      record('{ "name": "a", "type": { "type": "fixed", "name": "Click", "size": 2 } }'),
      "schema.duplicate-name",
      '"Click"',
    ],
    [
      "a symbol twice",
      record('{ "name": "a", "type": { "type": "enum", "name": "E", "symbols": ["X", "X"] } }'),
      "schema.duplicate-name",
      '"X"',
    ],
    [
      "no items",
      record('{ "name": "a", "type": { "type": "array", "item": "int" } }'),
      "schema.missing-member",
      "{",
    ],
    ["no type", record('{ "name": "a", "typ": "int" }'), "schema.missing-member", "{"],
    ["no name", record('{ "type": "int" }'), "schema.missing-member", "{"],
    ["no fields", '{ "type": "record", "name": "A" }', "schema.missing-member", "{"],
    ["a bad name", record('{ "name": "a-b", "type": "int" }'), "schema.invalid", '"a-b"'],
    [
      "no symbols",
      record('{ "name": "a", "type": { "type": "enum", "name": "E", "symbols": 3 } }'),
      "schema.invalid",
      "3",
    ],
    [
      "a size below 1",
      record('{ "name": "a", "type": { "type": "fixed", "name": "F", "size": 0 } }'),
      "schema.invalid",
      "0",
    ],
    [
      "null last",
      record('{ "name": "a", "type": ["string", "null"], "default": null }'),
      "schema.bad-default",
      "null",
    ],
    [
      "a default of another type",
      record('{ "name": "a", "type": "int", "default": "1" }'),
      "schema.bad-default",
      '"1"',
    ],
    [
      "a default beyond int",
      record('{ "name": "a", "type": "int", "default": 2147483648 }'),
      "schema.bad-default",
      "2147483648",
    ],
    [
      "a default beyond double",
      record('{ "name": "a", "type": "double", "default": 1e400 }'),
      "schema.bad-default",
      "1e400",
    ],
    [
      "a default that is no symbol",
      record('{ "name": "a", "type": { "type": "enum", "name": "E", "symbols": ["X"] }, "default": "Y" }'),
      "schema.bad-default",
      '"Y"',
    ],
    [
      "a default record with a gap",
      record(
        '{ "name": "a", "type": { "type": "record", "name": "R", "fields": [{ "name": "b", "type": "int" }] }, "default": {} }',
      ),
      "schema.bad-default",
      "{",
    ],
    [
      "two numbers in a union",
      record('{ "name": "a", "type": ["null", "int", "double"] }'),
      "schema.ambiguous-union",
      '"double"',
    ],
    [
      "a text twice in a union",
      record('{ "name": "a", "type": ["string", "bytes"] }'),
      "schema.ambiguous-union",
      '"bytes"',
    ],
    [
      "a record and a map in a union",
      record('{ "name": "a", "type": ["Click", { "type": "map", "values": "int" }] }'),
      "schema.ambiguous-union",
      "{",
    ],
    [
      "a union in a union",
      record('{ "name": "a", "type": ["null", ["int", "string"]] }'),
      "schema.invalid",
      "[",
    ],
    ["an empty union", record('{ "name": "a", "type": [] }'), "schema.invalid", "["],
  ])("%s", (_, text, code, at) => {
    expect(faults(text)).toEqual([[code, at]]);
  });

  test("everything that is wrong, at once and in order", () => {
    const text = record(
      '{ "name": "a", "type": "strng" }, { "name": "b", "type": ["int", "long"] }, { "name": "a", "type": "int" }',
    );
    expect(faults(text).map(([code]) => code)).toEqual([
      "schema.unknown-type",
      "schema.ambiguous-union",
      "schema.duplicate-name",
    ]);
  });

  test("says what was probably meant", () => {
    const { problems } = readSchema(record('{ "name": "a", "type": "strng" }'));
    expect(problems?.[0]).toMatchObject({
      message: "The type of `a` is `strng`, which does not exist.",
      help: "Did you mean `string`?",
    });
  });

  test("a schema that stands for more fields than any event has", () => {
    let type = '"string"';
    for (let i = 0; i < 16; i++) {
      const name = `T${i}`;
      type = `{ "type": "record", "name": "${name}", "fields": [{ "name": "a", "type": ${type} }, { "name": "b", "type": ${i === 0 ? '"string"' : `"T${i - 1}"`} }] }`;
    }
    expect(faults(record(`{ "name": "a", "type": ${type} }`))).toEqual([["schema.invalid", "{"]]);
  });

  test.each([100, 100_000])("nesting %d deep", (depth) => {
    const deep = `${'{ "type": "array", "items": '.repeat(depth)}"int"${" }".repeat(depth)}`;
    expect(faults(record(`{ "name": "a", "type": ${deep} }`))).toHaveLength(1);
  });

  test("no prefix of a good schema is good, and none throws", () => {
    for (let end = 0; end < everything.trimEnd().length; end += 7) {
      expect(readSchema(everything.slice(0, end)).schema).toBeUndefined();
    }
  });
});

test("a byte order mark and CRLF are fine", () => {
  expect(read(`\ufeff${everything.replaceAll("\n", "\r\n")}`)).toEqual(read(everything));
});

test("a record may contain itself, also in its default", () => {
  const schema = read(
    record(
      '{ "name": "next", "type": ["null", "Click"], "default": null }, { "name": "id", "type": "string" }',
    ),
  );
  expect(listPaths(schema).map(({ path }) => path)).toEqual(["next", "id"]);
});

describe("a schema that was changed at random", () => {
  const words = [
    "null",
    "int",
    "Kind",
    "Node",
    "record",
    "array",
    "__proto__",
    "constructor",
    "type",
    "",
    0,
    -1,
    1.5,
    true,
    [],
    {},
  ];
  const mutation = fc.record({ at: fc.nat(), word: fc.constantFrom(...words), drop: fc.boolean() });

  /** Replaces or drops the value that comes `at` places from the top, of all there are. */
  function mutate(json: Json, { at, word, drop }: { at: number; word: unknown; drop: boolean }): unknown {
    const copy = JSON.parse(JSON.stringify(json));
    const places: { holder: Record<string, unknown>; key: string }[] = [];
    const visit = (holder: Record<string, unknown>): void => {
      for (const [key, value] of Object.entries(holder)) {
        places.push({ holder, key });
        if (typeof value === "object" && value !== null) visit(Object.assign(value));
      }
    };
    visit(copy);
    const { holder, key } = places[at % places.length]!;
    if (drop) delete holder[key];
    else holder[key] = word;
    return copy;
  }

  test("is read or refused with places in its text, and never throws", () => {
    const original = read(everything).json;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const json = mutations.reduce<unknown>(
          (before, one) => mutate(JSON.parse(JSON.stringify(before)), one),
          original,
        );
        const text = JSON.stringify(json);
        const { schema, problems } = readSchema(text);
        if (schema !== undefined) {
          for (const { path } of listPaths(schema)) expect(lookup(schema, path).kind).toBe("found");
        } else {
          expect(problems.length).toBeGreaterThan(0);
          for (const { start, end, message } of problems) {
            expect(start <= end && end <= text.length).toBe(true);
            expect(message).toMatch(/\.$/);
          }
        }
      }),
      { numRuns: 700 },
    );
  });
});
