// The schema of a sealed stream is what sealed events are checked by, and one that every Avro library takes.
import avsc from "avsc";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../dsl/graph/job-graph.ts";
import { schemaOfJson } from "../../../dsl/schema/read.ts";
import { sealedRoot } from "../../../dsl/schema/sealed.ts";
import { sealedSchema } from "../../../runner/plan/sealed-schema.ts";

const record = (name: string, fields: readonly Json[], more: object = {}): Json => ({
  type: "record",
  name,
  fields,
  ...more,
});
const field = (name: string, type: Json, more: object = {}): Json => ({ name, type, ...more });

const levels = field("consentLevels", { type: "array", items: "int" });
const meta = record("Meta", [
  levels,
  field("keyLink", ["null", "string"], { default: null }),
  field("note", "string"),
]);

const schemas: readonly [string, Json][] = [
  ["without strmMeta", record("Click", [field("session", "string"), field("n", "long", { default: 3 })])],
  ["with a namespace", record("Click", [field("session", "string")], { namespace: "a.b", doc: "clicks" })],
  [
    "with a type that is named as ours would be",
    record("Click", [field("x", record("StrmMeta", [field("y", "int")]))]),
  ],
  ["with strmMeta of its own", record("Click", [field("strmMeta", meta, { doc: "why" }), field("a", "int")])],
  ["with strmMeta that may be null", record("Click", [field("strmMeta", ["null", meta], { default: null })])],
  [
    "with strmMeta's type used before",
    record("Click", [field("old", meta), field("strmMeta", ["Meta", "null"])]),
  ],
  [
    "with strmMeta's type used behind",
    record("x.Click", [field("strmMeta", meta), field("old", ["null", "Meta"])]),
  ],
  [
    "with strmMeta that holds a type which is used behind it",
    record("Click", [
      field("strmMeta", record("M", [levels, field("k", { type: "enum", name: "K", symbols: ["A"] })])),
      field("k", "K"),
    ]),
  ],
  [
    "with records of its own kind",
    record("Click", [field("strmMeta", meta), field("before", ["null", "Click"], { default: null })]),
  ],
  [
    "without null in strmMeta's filled fields",
    record("Click", [field("strmMeta", record("M", [field("nonce", "int", { default: 0 })]))]),
  ],
];

describe.each(schemas)("%s", (_, json) => {
  const sealed = sealedSchema(json, []);

  test("is taken by another implementation, and is what sealed events are checked by", () => {
    avsc.Type.forSchema(JSON.parse(JSON.stringify(sealed)));
    const { schema } = schemaOfJson(json);
    const { schema: made, problems } = schemaOfJson(sealed);
    expect(problems).toBeUndefined();
    expect(withoutNames(made?.root)).toEqual(withoutNames(schema && sealedRoot(schema)));
  });

  test("comes out the same again", () => {
    expect(sealedSchema(sealed, [])).toEqual(sealed);
  });
});

test("keeps what else stands in the schema", () => {
  const uuid = { type: "string", logicalType: "uuid" };
  const fields = [
    field("s", uuid, { doc: "d", aliases: ["t"], order: "ignore" }),
    field("n", "long", { default: 3 }),
  ];
  const sealed = Object(
    sealedSchema(record("Click", fields, { namespace: "a", doc: "clicks", aliases: ["Old"] }), []),
  );
  expect(sealed).toMatchObject({ name: "a.Click", doc: "clicks", aliases: ["Old"] });
  expect(sealed.fields.slice(0, 2)).toEqual(fields);
  expect(sealed.fields[2]).toMatchObject({ name: "strmMeta", type: { type: "record", name: "a.StrmMeta" } });
});

test("takes the logical type from texts that are sealed, wherever they stand, and from no others", () => {
  const uuid: Json = { type: "string", logicalType: "uuid" };
  const text: Json = { type: "string" };
  const click = (sealedText: Json): Json =>
    record("Click", [
      field("id", ["null", sealedText], { default: null }),
      field("other", uuid),
      field("lines", {
        type: "array",
        items: record("Line", [field("ids", { type: "array", items: sealedText })]),
      }),
      field("strmMeta", record("M", [field("by", sealedText), field("at", uuid)])),
    ]);
  const sealed = sealedSchema(click(uuid), ["id", "lines.ids", "strmMeta.by"]);
  expect(sealed).toEqual(sealedSchema(click(text), []));
  expect(JSON.stringify(sealed).split("uuid")).toHaveLength(3);
});

/** To a depth at which types that refer to themselves have said all. */
function withoutNames(value: unknown, depth = 0): unknown {
  if (depth > 12 || typeof value !== "object" || value === null) return depth > 12 ? "…" : value;
  if (Array.isArray(value)) return value.map((one) => withoutNames(one, depth + 1));
  const isType = "kind" in value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      isType && key === "name" ? [] : [[key, withoutNames(one, depth + 1)]],
    ),
  );
}
