// A column of consent that no output has, through whole files in every format, in and out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../dsl/spec/option-value.ts";
import { avroType } from "../../kit/avro.ts";
import { containerIn, containerOf, valuesIn } from "../../kit/avro-files.ts";
import { emptyFolder, linesOf, writeFiles } from "../../kit/folder.ts";
import { runProgram } from "../../kit/run-program.ts";

const schema = {
  type: "record",
  name: "Order",
  namespace: "acme",
  fields: [
    { name: "customer", type: "string" },
    { name: "email", type: ["null", "string"], default: null },
    { name: "birthday", type: ["null", "string"], default: null },
    { name: "total", type: "double" },
  ],
} as const;
/** What producers write: the contract's file lacks the last two. */
const written = {
  ...schema,
  fields: [
    ...schema.fields,
    { name: "choice", type: ["null", "string"], default: null },
    { name: "ordered", type: "string" },
  ],
} as const;

const program = (input: string) => `
contract order as "acme/order/1.0.0" from "order.avsc" {
  customer  @key @pii(1)
  email     @pii(2)
  birthday  @pii(3) @drop
  choice: string?  @consent(map = { "all": [1, 2], "some": [1] }, default = []) @drop
  ordered: string  @time(format = "yyyy-MM-dd HH:mm", zone = "Europe/Amsterdam") @drop
}
source orders of order from file { path = "${input}" }
encrypt orders into safe { rotate = daily }
decrypt safe into mail for granular(1, 2)
sink safe into file { path = "safe.jsonl" }
sink safe into file { path = "safe.avro" }
sink safe into file { path = "safe.csv" }
sink mail into file { path = "mail.jsonl" }
sink mail into file { path = "mail.avro" }
sink mail into file { path = "mail.csv" }
sink orders into file { path = "raw.avro", exposing = "a test" }
`;

const orders = [
  {
    customer: "c-1",
    email: "a@b.example",
    birthday: "2000-01-01",
    total: 1.5,
    choice: "all",
    ordered: "2026-10-25 02:30",
  },
  { customer: "c-2", email: null, birthday: null, total: 2, choice: "some", ordered: "2026-10-25 03:30" },
  {
    customer: "c-3",
    email: "c@d.example",
    birthday: null,
    total: 3,
    choice: "nothing",
    ordered: "2026-10-26 12:00",
  },
  {
    customer: "c-4",
    email: "e@f.example",
    birthday: "1999-12-31",
    total: 4,
    choice: null,
    ordered: "2026-10-26 12:00",
  },
];

function avroFile(): Buffer {
  const type = avroType(written);
  const text = (value: string | null) => (value === null ? null : { string: value });
  const datums = orders.map(({ email, birthday, choice, ...order }) =>
    type.toBuffer({ ...order, email: text(email), birthday: text(birthday), choice: text(choice) }),
  );
  return containerOf(written, [datums.slice(0, 1), datums.slice(1)], "deflate");
}

async function readAvro(
  path: string,
): Promise<{ readonly schema: Json; readonly values: readonly unknown[] }> {
  return { schema: containerIn(readFileSync(path)).schema, values: await valuesIn(path) };
}

const cell = (value: string | number | null) => (value === null ? "" : `"${value}"`);

describe.each(["orders.jsonl", "orders.csv", "orders.avro"])("from %s", (input) => {
  test("consent and time count, and no output knows of their columns", async () => {
    const folder = emptyFolder();
    const names = Object.keys(orders[0] ?? {});
    writeFiles(folder, {
      "order.avsc": JSON.stringify(schema),
      "p.strm": program(input),
      "orders.jsonl": orders.map((order) => `${JSON.stringify(order)}\n`).join(""),
      "orders.avro": avroFile(),
      "orders.csv": `${names.join(",")}\n${orders.map((order) => `${Object.values(order).map(cell).join(",")}\n`).join("")}`,
    });
    const { finished } = await runProgram(folder, "p.strm");
    expect(finished).toMatchObject({ outcome: "completed", summary: { read: 4, withheld: 3, rejected: 0 } });

    const safe = linesOf(folder, "safe.jsonl").map((line) => JSON.parse(line));
    expect(safe.map(({ strmMeta }) => strmMeta.consentLevels)).toEqual([[1, 2], [1], [], []]);
    // The first of the two half past two of that night.
    expect(safe.map(({ strmMeta }) => new Date(strmMeta.timestamp).toISOString())).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T02:30:00.000Z",
      "2026-10-26T11:00:00.000Z",
      "2026-10-26T11:00:00.000Z",
    ]);
    expect(linesOf(folder, "mail.jsonl").map((line) => JSON.parse(line))).toMatchObject([
      { customer: "c-1", email: "a@b.example", total: 1.5 },
    ]);
    const [header] = linesOf(folder, "safe.csv");
    expect(header?.split(",").filter((name) => !name.startsWith("strmMeta."))).toEqual([
      "customer",
      "email",
      "total",
    ]);
    expect(linesOf(folder, "mail.csv")).toHaveLength(2);

    const sealed = await readAvro(join(folder, "safe.avro"));
    const raw = await readAvro(join(folder, "raw.avro"));
    expect(sealed.values).toMatchObject(orders.map(({ total }) => ({ total })));
    expect(raw.values).toMatchObject(orders.map(({ customer, total }) => ({ customer, total })));
    for (const found of [sealed, raw, await readAvro(join(folder, "mail.avro"))]) {
      expect(JSON.stringify(found)).not.toMatch(/birthday|choice|ordered/);
    }
    for (const name of ["safe.jsonl", "mail.jsonl", "safe.csv", "mail.csv"]) {
      expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/birthday|choice|ordered|1999|02:30/);
    }
  });
});
