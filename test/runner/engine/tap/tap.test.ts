// What somebody who looks into a stream is shown: what its sink is given, personal values covered, and the looking recorded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunEvent, TapSample, TapWish } from "../../../../runner/index.ts";
import { Tap, tapTarget } from "../../../../runner/index.ts";
import { emptyFolder, linesOf, writeFiles } from "../../../kit/folder.ts";
import { graphOf, runProgram } from "../../../kit/run-program.ts";

const schema = {
  type: "record",
  name: "Order",
  namespace: "acme",
  fields: [
    { name: "customer", type: "string" },
    {
      name: "contact",
      type: ["null", { type: "record", name: "Contact", fields: [{ name: "email", type: "string" }] }],
      default: null,
    },
    {
      name: "items",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Item",
          fields: [
            { name: "note", type: ["null", "string"], default: null },
            { name: "price", type: "double" },
          ],
        },
      },
    },
    { name: "tags", type: { type: "map", values: "string" } },
    {
      name: "places",
      type: {
        type: "map",
        values: { type: "record", name: "Place", fields: [{ name: "town", type: "string" }] },
      },
    },
    {
      name: "tree",
      type: {
        type: "record",
        name: "Node",
        fields: [
          { name: "size", type: "int" },
          { name: "next", type: ["null", "Node"], default: null },
        ],
      },
    },
    { name: "total", type: "double" },
    { name: "choice", type: "string" },
  ],
};

const program = `
contract order as "acme/order/1.0.0" from "order.avsc" {
  @@unknown(pass)
  customer       @key @pii(1)
  contact.email  @pii(2)
  items.note     @pii(2)
  choice         @consent(map = { "all": [1, 2] }, default = [])
}
source orders of order from file { path = "in.jsonl" }
encrypt orders into safe
decrypt safe into mail for granular(1, 2)
sink safe into file { path = "safe.jsonl" }
sink mail into file { path = "mail.jsonl" }
sink mail into file { path = "mail.avro" }
sink mail into file { path = "mail.csv" }
sink safe.keys into file { path = "keys.csv" }
sink orders.rejected into file { path = "rejected.jsonl" }
`;

const order = String.raw`{"customer":"ada-planted","contact":{"email":"mail-planted"},"items":[{"note":"note-planted, \"quoted\"","price":1.50},{"note":null,"price":2}],"tags":{"a":"b"},"places":{"k":{"town":"T","more":"map-planted"}},"tree":{"size":1,"next":{"size":2,"next":null,"more":"deep-planted"}},"total":12.340,"choice":"all","extra":{"deep":"extra-planted"},"contact.email":"dotted-planted","planted@name":1}`;

function prepared(lines: readonly string[] = [order]): string {
  const folder = emptyFolder();
  writeFiles(folder, {
    "order.avsc": JSON.stringify(schema),
    "job.strm": program,
    "in.jsonl": lines.map((line) => `${line}\n`).join(""),
  });
  return folder;
}

async function tapped(wish: TapWish, folder = prepared()) {
  /** Samples and run events in the order in which they came. */
  const told: (RunEvent | TapSample)[] = [];
  const tap = new Tap((sample) => told.push(sample));
  tap.look(wish);
  const { finished } = await runProgram(folder, "job.strm", { tap, report: (event) => told.push(event) });
  expect(finished.outcome).toBe("completed");
  const samples = told.filter((one) => "wish" in one);
  const [event] = samples.flatMap(({ events }) => events);
  return { folder, told, samples, event };
}

const fieldsOf = (event: TapSample["events"][number] | undefined) =>
  Object.fromEntries((event?.fields ?? []).map(({ path, value }) => [path, value]));

describe("a tap", () => {
  test("covers personal values in clear, and what the contract does not know, with their length", async () => {
    const { samples, event, told } = await tapped({ step: "mail", uncovered: false });
    expect(samples.length).toBe(1);
    expect(JSON.stringify(samples)).not.toMatch(/planted/);
    expect(fieldsOf(event)).toMatchObject({
      customer: undefined,
      "contact.email": undefined,
      "items[0].note": undefined,
      "items[0].price": "1.50",
      "items[1].note": undefined,
      tags: '{"a":"b"}',
      total: "12.340",
      places: undefined,
      "tree.size": "1",
      "tree.next": undefined,
      "strmMeta.consentLevels": "[1,2]",
    });
    expect(event?.fields?.filter(({ path }) => path === "(undeclared)")).toEqual(
      Array(3).fill({ path: "(undeclared)", value: undefined }),
    );
    expect(Object.keys(fieldsOf(event))).toContain("strmMeta.keyLink");
    expect(told.some((one) => "type" in one && one.type === "uncovered")).toBe(false);
  });

  test("shows all that a reader gets when it is uncovered, and says so first, without a value", async () => {
    const { folder, told, event } = await tapped({ step: "mail", uncovered: true });
    const fields = fieldsOf(event);
    expect(fields).toMatchObject({
      customer: '"ada-planted"',
      "contact.email": '"mail-planted"',
      "items[0].note": String.raw`"note-planted, \"quoted\""`,
      extra: '{"deep":"extra-planted"}',
      "contact\\.email": '"dotted-planted"',
      "planted@name": "1",
    });
    const [line = ""] = linesOf(join(folder, "mail.jsonl"));
    for (const value of Object.values(fields)) expect(line).toContain(value);

    const recorded = told.findIndex((one) => "type" in one && one.type === "uncovered");
    expect(told[recorded]).toMatchObject({
      stream: "mail",
      fields: ["customer", "contact.email", "items.note", "*"],
      by: expect.stringMatching(/./),
    });
    expect(recorded).toBeLessThan(told.findIndex((one) => "wish" in one));
    expect(JSON.stringify(told.filter((one) => "type" in one))).not.toMatch(/planted/);
  });

  test("shows what is sealed as it is, and records nothing where there was nothing to uncover", async () => {
    const folder = prepared();
    const text = readFileSync(join(folder, "job.strm"), "utf8");
    writeFiles(folder, { "job.strm": text.replace("@@unknown(pass)", "@@unknown(drop)") });
    const { told, event } = await tapped({ step: "safe", uncovered: true }, folder);
    const [line = ""] = linesOf(join(folder, "safe.jsonl"));
    const { customer } = JSON.parse(line);
    expect(fieldsOf(event).customer).toBe(JSON.stringify(customer));
    expect(customer).not.toMatch(/planted/);
    expect(told.some((one) => "type" in one && one.type === "uncovered")).toBe(false);
  });

  test.each([
    ["mail->file#2", '"ada-planted"'],
    ["mail->file#3", "ada-planted"],
  ])("reads what %s is given in that form", async (step, customer) => {
    const covered = await tapped({ step, uncovered: false });
    expect(covered.samples.length).toBe(1);
    expect(JSON.stringify(covered.samples)).not.toMatch(/planted/);
    expect(Object.keys(fieldsOf(covered.event))).toContain("strmMeta.keyLink");
    const { event } = await tapped({ step, uncovered: true });
    expect(fieldsOf(event).customer).toBe(customer);
  });

  test.each(["safe.keys->file", "orders.rejected->file", "orders", "nothing"])(
    "shows nothing of %s",
    async (step) => {
      expect(tapTarget(graphOf(prepared(), "job.strm"), step)).toBeUndefined();
      const { samples, told } = await tapped({ step, uncovered: true });
      expect(samples).toEqual([]);
      expect(told.some((one) => "type" in one && one.type === "uncovered")).toBe(false);
    },
  );

  test("takes a few events of many, and tells of a large one only its size", async () => {
    const large = order.replace('"a":"b"', `"a":"${"b".repeat(70_000)}"`);
    const { samples } = await tapped(
      { step: "mail", uncovered: false },
      prepared([large, order, order, order, order]),
    );
    const events = samples.flatMap((one) => one.events);
    expect(events[0]?.sizeBytes).toBeGreaterThan(70_000);
    expect(events[0]?.fields).toBeUndefined();
    expect(events.length).toBeLessThanOrEqual(3 * samples.length);
    expect(events[1]?.fields?.length).toBeGreaterThan(5);
  });

  test.each(["mail->file#2", "mail->file#3"])("tells of a large event only its size in %s", async (step) => {
    const large = order.replace('"a":"b"', `"a":"${"b".repeat(70_000)}"`);
    const { event } = await tapped({ step, uncovered: false }, prepared([large, order]));
    expect(event).toMatchObject({ fields: undefined, more: 0 });
    expect(event?.sizeBytes).toBeGreaterThan(65_536);
  });

  test("counts the fields for which there is no room", async () => {
    const items = Array.from({ length: 400 }, () => '{"note":null,"price":1}').join(",");
    const many = order.replace(/"items":\[.*?\]/, `"items":[${items}]`);
    const { event } = await tapped({ step: "mail", uncovered: false }, prepared([many]));
    expect(event?.fields?.length).toBe(500);
    expect(event?.more).toBeGreaterThan(300);
    expect(JSON.stringify(event)).not.toMatch(/planted/);
  });

  test("is shown nothing before it looks and after it looked away", async () => {
    const samples: TapSample[] = [];
    const tap = new Tap((sample) => samples.push(sample));
    tap.look({ step: "mail", uncovered: false });
    tap.look(undefined);
    await runProgram(prepared(), "job.strm", { tap });
    expect(samples).toEqual([]);
  });

  test("records each uncovering once, also where the run is opened again", () => {
    const graph = graphOf(prepared(), "job.strm");
    const recorded: string[] = [];
    const run = {
      graph,
      reader: () => () => [],
      report: ({ stream }: { readonly stream: string }) => recorded.push(stream),
    };
    const tap = new Tap(() => {});
    tap.look({ step: "mail", uncovered: true });
    expect(recorded).toEqual([]);
    tap.attach(run);
    tap.detach();
    tap.attach(run);
    tap.look({ step: "mail", uncovered: true });
    expect(recorded).toEqual(["mail"]);
    tap.look({ step: "mail", uncovered: false });
    tap.look({ step: "mail", uncovered: true });
    expect(recorded).toEqual(["mail", "mail"]);
  });
});
