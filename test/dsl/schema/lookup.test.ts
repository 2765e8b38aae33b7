// Fields are found by path, with what may be done with them; what is missing is told where it stops.
import { describe, expect, test } from "vitest";
import { listPaths, lookup } from "../../../dsl/schema/lookup.ts";
import { schemaOfJson } from "../../../dsl/schema/read.ts";

const strings = { type: "array", items: "string" } as const;

const { schema } = schemaOfJson({
  type: "record",
  name: "Order",
  fields: [
    { name: "id", type: "string" },
    { name: "mail", type: ["null", "string"], default: null },
    { name: "mails", type: ["null", strings], default: null },
    { name: "aliases", type: { type: "array", items: ["null", "string"] } },
    { name: "kind", type: { type: "enum", name: "Kind", symbols: ["A"] } },
    { name: "amount", type: "int" },
    { name: "grid", type: { type: "array", items: strings } },
    { name: "extra", type: { type: "map", values: "string" } },
    { name: "either", type: ["string", "int"] },
    { name: "eithers", type: { type: "array", items: ["string", "int", "null"] } },
    { name: "maps", type: ["null", { type: "map", values: { type: "map", values: "int" } }], default: null },
    {
      name: "customer",
      type: ["null", { type: "record", name: "Customer", fields: [{ name: "name", type: "string" }] }],
      default: null,
    },
    {
      name: "lines",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Line",
          fields: [
            { name: "notes", type: strings },
            { name: "for", type: "Customer" },
          ],
        },
      },
    },
    {
      name: "thread",
      type: {
        type: "record",
        name: "Post",
        fields: [
          { name: "author", type: "string" },
          { name: "replies", type: { type: "array", items: "Post" } },
        ],
      },
    },
  ],
});
if (schema === undefined) throw new Error("the test's own schema is wrong");

function typeAt(path: string) {
  const found = lookup(schema!, path);
  return found.kind === "found" ? found.type : undefined;
}

test.each([
  ["id", "string", true],
  ["mail", "string?", true],
  ["mails", "string[]?", true],
  ["aliases", "string?[]", true],
  ["customer.name", "string", true],
  ["lines.notes", "string[]", true],
  ["lines.for.name", "string", true],
  ["kind", "enum", false],
  ["amount", "int", false],
  ["grid", "string[][]", false],
  ["extra", "map of string", false],
  ["either", "string or int", false],
  ["eithers", "(string or int or null)[]", false],
  ["maps", "map of (map of int) or null", false],
  ["customer", "record?", false],
  ["lines", "record[]", false],
  ["thread.author", "string in a record that contains itself", false],
  ["thread.replies.author", "string in a record that contains itself", false],
])("%s is %s, sealable: %s", (path, text, sealable) => {
  expect(typeAt(path)).toMatchObject({ text, sealable });
});

test("a field is nullable where anything above it is", () => {
  expect(typeAt("customer.name")?.nullable).toBe(true);
  expect(typeAt("id")?.nullable).toBe(false);
});

test("a field inside a list is known to be", () => {
  expect(typeAt("lines.for.name")).toMatchObject({ insideList: true, list: false });
  expect(typeAt("mails")).toMatchObject({ insideList: false, list: true });
});

describe("what is missing", () => {
  test.each([
    ["idd", { at: "idd", below: "", near: "id" }],
    ["customer.nam", { at: "nam", below: "customer", near: "name" }],
    ["custmer.name", { at: "custmer", below: "", near: "customer" }],
    ["id.value", { at: "value", below: "id" }],
    ["extra.value", { at: "value", below: "extra" }],
    ["lines.product", { at: "product", below: "lines" }],
    ["", { at: "", below: "" }],
    ["constructor", { at: "constructor", below: "" }],
  ])("%s", (path, where) => {
    expect(lookup(schema, path)).toMatchObject({ kind: "missing", ...where });
  });
});

test("every listed path is found", () => {
  const paths = listPaths(schema).map(({ path }) => path);
  expect(paths).toContain("lines.for.name");
  expect(paths.filter((path) => typeAt(path) === undefined)).toEqual([]);
  expect(new Set(paths).size).toBe(paths.length);
});
