// The schema without what a contract drops: one that every Avro library takes, with each name for one type, and nothing of what is dropped.
import avsc from "avsc";
import { describe, expect, test } from "vitest";
import type { GraphContract, Json } from "../../../dsl/graph/job-graph.ts";
import { listPaths } from "../../../dsl/schema/lookup.ts";
import { schemaOfJson } from "../../../dsl/schema/read.ts";
import { droppedPaths, keptSchema } from "../../../runner/plan/kept-schema.ts";

const record = (name: string, fields: readonly Json[], more: object = {}): Json => ({
  type: "record",
  name,
  fields,
  ...more,
});
const field = (name: string, type: Json, more: object = {}): Json => ({ name, type, ...more });

const contract = (schema: Json, dropped: readonly string[]): GraphContract => ({
  name: "click",
  ref: "acme/click/1.0.0",
  schema,
  unknown: "reject",
  key: "session",
  consent: { path: "levels", cumulative: false },
  personal: [],
  dropped: dropped.map((path) => ({ path })),
  matches: [],
});

const pathsOf = (schema: Json): readonly string[] => {
  const found = schemaOfJson(schema).schema;
  return found === undefined ? [] : listPaths(found).map(({ path }) => path);
};

const address = record("Address", [field("street", "string"), field("city", "string")]);
const node = record("Node", [field("label", "string"), field("below", { type: "array", items: "Node" })]);

const cases: readonly (readonly [string, Json, readonly string[]])[] = [
  ["a field at the top", record("Click", [field("session", "string"), field("vote", "int")]), ["vote"]],
  [
    "a record whose type is used behind it",
    record("a.Click", [field("home", address), field("work", ["null", "Address"], { default: null })]),
    ["home"],
  ],
  [
    "a field of a record that stands elsewhere as well",
    record("a.Click", [field("home", address), field("work", "Address"), field("old", "a.Address")]),
    ["home.street"],
  ],
  [
    "different fields of one record at two places",
    record("Click", [field("home", address), field("work", "Address")]),
    ["home.street", "work.city"],
  ],
  [
    "the same field of one record at two places",
    record("Click", [field("home", address), field("work", "Address")]),
    ["home.street", "work.street"],
  ],
  [
    "through lists and null",
    record("Click", [
      field("lines", ["null", { type: "array", items: ["null", address] }]),
      field("n", "int"),
    ]),
    ["lines.street"],
  ],
  [
    "a record that holds one that contains itself",
    record("Click", [field("n", "int"), field("tree", ["null", node]), field("other", ["null", "Node"])]),
    ["tree"],
  ],
  [
    "a name that ours would take",
    record("Click", [
      field("home", address),
      field("x", record("Address_2", [field("y", "int")])),
      field("w", "Address"),
    ]),
    ["home.street"],
  ],
];

describe.each(cases)("%s", (_, schema, dropped) => {
  const kept = keptSchema(contract(schema, dropped));

  test("is taken by another implementation, and lacks those paths alone", () => {
    avsc.Type.forSchema(JSON.parse(JSON.stringify(kept)));
    expect(schemaOfJson(kept).problems).toBeUndefined();
    const isLeft = (path: string) => !dropped.some((one) => path === one || path.startsWith(`${one}.`));
    expect(pathsOf(kept)).toEqual(pathsOf(schema).filter(isLeft));
  });

  test("has no field that is dropped everywhere, not even by name", () => {
    const names = dropped.map((path) => path.split(".").at(-1) ?? "");
    const left = pathsOf(kept).map((path) => path.split(".").at(-1));
    for (const name of names)
      if (!left.includes(name)) expect(JSON.stringify(kept)).not.toContain(`"${name}"`);
  });
});

test("a schema without dropped fields is the contract's own", () => {
  const schema = record("Click", [field("session", "string")]);
  expect(keptSchema(contract(schema, []))).toBe(schema);
});

test("a record keeps its name where nothing else has its type", () => {
  const schema = record("Click", [field("home", address, { doc: "d" })], { namespace: "a", doc: "clicks" });
  expect(keptSchema(contract(schema, ["home.street"]))).toEqual(
    record("a.Click", [field("home", record("a.Address", [field("city", "string")]), { doc: "d" })], {
      doc: "clicks",
    }),
  );
});

test("defaults lose what is dropped", () => {
  const many = record("Click", [
    field("home", address, { default: { street: "s", city: "c" } }),
    field(
      "lines",
      { type: "array", items: record("Line", [field("a", "int"), field("b", "int")]) },
      { default: [{ a: 1, b: 2 }] },
    ),
  ]);
  const kept = Object(keptSchema(contract(many, ["home.street", "lines.a"])));
  expect(kept.fields.map((one: { default: Json }) => one.default)).toEqual([{ city: "c" }, [{ b: 2 }]]);
});

test("what stands in a dropped record goes with it", () => {
  expect(droppedPaths(contract(null, ["home", "home.street", "homes"]))).toEqual(["home", "homes"]);
});
