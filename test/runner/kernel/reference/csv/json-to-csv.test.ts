// An event becomes a row: the columns' fields in their order, spelled as they were, and in quotes where they would be misread.
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../../dsl/graph/job-graph.ts";
import { schemaOfJson } from "../../../../../dsl/schema/read.ts";
import { JsonToCsv } from "../../../../../runner/kernel/reference/csv/json-to-csv.ts";
import { Output } from "../../../../../runner/kernel/reference/output.ts";
import { columnName, csvColumns } from "../../../../../runner/plan/csv-plan.ts";
import { plainDialect } from "../../../../kit/csv.ts";

function columnsOf(...fields: Json[]) {
  const { schema, problems } = schemaOfJson({ type: "record", name: "Event", fields });
  if (schema === undefined) throw new Error(problems.map(({ message }) => message).join());
  return csvColumns(schema.root);
}

const nullable = (type: Json) => ["null", type];
const customer = {
  type: "record",
  name: "Customer",
  fields: [
    { name: "id", type: nullable("string") },
    { name: "level", type: nullable("long") },
  ],
};
const columns = columnsOf(
  { name: "strmMeta", type: { type: "record", name: "Meta", fields: [{ name: "nonce", type: "int" }] } },
  { name: "t", type: nullable("string") },
  { name: "n", type: nullable("double") },
  { name: "ok", type: nullable("boolean") },
  { name: "customer", type: nullable(customer) },
  { name: "list", type: nullable({ type: "array", items: "string" }) },
  { name: "either", type: ["null", "string", "long"] },
);

function rowOf(event: string, dialect = plainDialect, of = columns): string {
  const source = new Output();
  source.ascii("xyz");
  const bytes = Buffer.from(event);
  source.copy(bytes, 0, bytes.length);
  const target = new Output(1);
  new JsonToCsv({ ...dialect, columns: of }).write(source, 3, target);
  return Buffer.from(target.bytes.subarray(0, target.at)).toString();
}

test("columns are the fields that hold no others, and strmMeta's come last", () => {
  expect(columns.map(columnName)).toEqual([
    "t",
    "n",
    "ok",
    "customer.id",
    "customer.level",
    "list",
    "either",
    "strmMeta.nonce",
  ]);
});

test("a record within one of its own kind is one column", () => {
  const node = {
    type: "record",
    name: "Node",
    fields: [
      { name: "v", type: "int" },
      { name: "next", type: ["null", "Node"] },
    ],
  };
  const own = columnsOf({ name: "first", type: node });
  expect(own.map(columnName)).toEqual(["first.v", "first.next"]);
  expect(rowOf('{"first":{"v":1,"next":{"v":2,"next":null}}}', plainDialect, own)).toBe(
    '1,"{""v"":2,""next"":null}"\n',
  );
});

describe("a row", () => {
  test.each([
    [
      '{"t":"a","n":1.50E+3,"ok":true,"customer":{"id":"c","level":9007199254740993},"list":["x","y"],"either":5,"strmMeta":{"nonce":7}}',
      'a,1.50E+3,true,c,9007199254740993,"[""x"",""y""]",5,7',
    ],
    [
      '{"strmMeta":{"nonce":7},"either":"5","more":{"t":"z"},"customer":{"level":1,"more":[],"id":"c"},"t":"a"}',
      'a,,,c,1,,"""5""",7',
    ],
    ['{ "t" : "a" , "customer" : null , "n" : null , "strmMeta" : { "nonce" : 7 } }', "a,,,,,,,7"],
    ['{"\\u0074":"a","strmMeta":{"nonce":7}}', "a,,,,,,,7"],
    ['{"t":"","strmMeta":{"nonce":7}}', '"",,,,,,,7'],
    ['{"t":"say \\"no\\", K\\u00e4se\\n","strmMeta":{"nonce":7}}', '"say ""no"", Käse\n",,,,,,,7'],
    ['{"t":"a\\rb","strmMeta":{"nonce":7}}', '"a\rb",,,,,,,7'],
    ['{"t":"\\ufeffa","strmMeta":{"nonce":7}}', '"\ufeffa",,,,,,,7'],
    // What a spreadsheet would take for a formula is data, too.
    ['{"t":"=1+1","n":-1,"strmMeta":{"nonce":7}}', "=1+1,-1,,,,,,7"],
  ])("of %s", (event, row) => {
    expect(rowOf(event)).toBe(`${row}\n`);
  });

  test("tells what is null from what says the same, whatever its type", () => {
    const dialect = { delimiter: ";", quote: "'", nullText: "5" };
    expect(
      rowOf('{"t":"5","n":5,"ok":null,"either":5,"list":["a;b","it\'s"],"strmMeta":{"nonce":5}}', dialect),
    ).toBe("'5';'5';5;5;5;'[\"a;b\",\"it''s\"]';'5';'5'\n");
  });
});
