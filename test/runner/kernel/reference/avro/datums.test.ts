// Datums against another implementation of Avro: every type, whatever the values, and whatever is broken in them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../../dsl/graph/job-graph.ts";
import type { SourcePlan } from "../../../../../runner/plan/plan.ts";
import { schemaOfStream } from "../../../../../runner/plan/stream-schema.ts";
import { avroType, plain } from "../../../../kit/avro.ts";
import { datumOf, jsonOf, planIn, runRecords, shapeOf } from "../../../../kit/avro-rig.ts";
import { compileTexts } from "../../../../kit/compile-file.ts";

const schema: Json = {
  type: "record",
  name: "Everything",
  namespace: "acme",
  fields: [
    { name: "session", type: "string" },
    { name: "phones", type: ["null", { type: "array", items: "string" }], default: null },
    { name: "int", type: "int" },
    { name: "long", type: { type: "long", logicalType: "timestamp-micros" } },
    { name: "float", type: "float" },
    { name: "double", type: "double" },
    { name: "flag", type: "boolean" },
    { name: "bytes", type: "bytes" },
    { name: "fixed", type: { type: "fixed", name: "Four", size: 4 } },
    { name: "colour", type: { type: "enum", name: "Colour", symbols: ["RED", "GREEN"] } },
    { name: "counts", type: { type: "map", values: "long" } },
    { name: "either", type: ["null", "int", "string", { type: "array", items: "double" }] },
    {
      name: "tree",
      type: [
        "null",
        {
          type: "record",
          name: "Node",
          fields: [
            { name: "label", type: "string", default: "none" },
            { name: "below", type: { type: "array", items: "Node" } },
          ],
        },
      ],
    },
    { name: "levels", type: { type: "array", items: "int" } },
    { name: "added", type: "long", default: 7 },
  ],
};

const program = `contract all as "acme/all/1.0.0" from "all.avsc" {
  session @key @pii(1)
  phones  @pii(2)
  levels  @consent
}
source events of all from file { path = "in.jsonl" }
encrypt events into safe
decrypt safe into opened for granular(1, 2)
sink events into file { path = "raw.jsonl", exposing = "a test" }
sink safe into file { path = "safe.jsonl" }
sink opened into file { path = "opened.jsonl" }
`;
const { graph } = compileTexts({ "main.strm": program, "all.avsc": JSON.stringify(schema) });
if (graph === undefined) throw new Error("the program has an error");
const plan = (input: "json" | "avro", output: "json" | "avro"): SourcePlan => planIn(graph, input, output)!;
const rawType = avroType(schema);
const sealedType = avroType(schemaOfStream(graph, "safe"));

const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n),
);
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const finite = (single: boolean) =>
  single
    ? fc.float({ noDefaultInfinity: true, noNaN: true })
    : fc.double({ noDefaultInfinity: true, noNaN: true });
const bytes = (length?: number) =>
  fc
    .uint8Array(length === undefined ? { maxLength: 9 } : { minLength: length, maxLength: length })
    .map((one) => Buffer.from(one));
interface Tree {
  readonly label: string;
  readonly below: readonly Tree[];
}
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    label: text,
    below: fc.oneof({ maxDepth: 4 }, fc.constant<Tree[]>([]), fc.array(tie("tree"), { maxLength: 2 })),
  }),
}));

/** As avsc takes it: unions in an object with their branch's name. */
const values = fc.record({
  session: text,
  phones: fc.option(fc.array(text, { maxLength: 4 }).map((array) => ({ array }))),
  int: fc.integer(),
  long,
  float: finite(true),
  double: finite(false),
  flag: fc.boolean(),
  bytes: bytes(),
  fixed: bytes(4),
  colour: fc.constantFrom("RED", "GREEN"),
  counts: fc.dictionary(text, long, { maxKeys: 4 }),
  either: fc.oneof(
    fc.constant(null),
    fc.integer().map((int) => ({ int })),
    text.map((string) => ({ string })),
    fc.array(finite(false), { maxLength: 3 }).map((array) => ({ array })),
  ),
  tree: fc.option(tree.map((node) => ({ "acme.Node": node }))),
  levels: fc.constantFrom<number[]>([1, 2], [1], [], [2, 1, 3]),
  added: long,
});
type Value = typeof values extends fc.Arbitrary<infer V> ? V : never;

/** The event as plain JSON, by rules of its own. */
function plainJson(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0.0" : String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(plainJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value);
  const [[branch, inner] = ["", null]] = members;
  if (members.length === 1 && ["int", "string", "array", "acme.Node"].includes(branch))
    return plainJson(inner);
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${plainJson(one)}`).join(",")}}`;
}

describe("datums", () => {
  test("become JSON and JSON becomes datums as another implementation has them", () => {
    const shape = shapeOf(plan("avro", "json"), "events");
    fc.assert(
      fc.property(values, (value) => {
        const datum = rawType.toBuffer(value);
        const json = jsonOf(shape, datum);
        expect(plain(rawType.fromBuffer(datumOf(shape, json)))).toEqual(plain(rawType.fromBuffer(datum)));
        const { counts, float: _, ...rest } = value;
        const parsed = JSON.parse(json);
        const expected = JSON.parse(plainJson(rest));
        for (const [name, one] of Object.entries(expected)) expect(parsed[name]).toEqual(one);
        expect(Math.fround(parsed.float)).toBe(value.float === 0 ? value.float : Math.fround(value.float));
        for (const [name, one] of Object.entries(counts))
          expect(json).toContain(`${JSON.stringify(name)}:${one}`);
      }),
      { numRuns: 500 },
    );
  });

  test("that nobody changes are copied byte by byte, and changed ones read well elsewhere", async () => {
    const sealing = plan("avro", "avro");
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 4 }), async (all) => {
        const datums = all.map((value) => rawType.toBuffer(value));
        const { streams, result } = await runRecords(sealing, datums);
        expect(result.rejected).toEqual([]);
        expect(streams.events).toEqual(datums);
        const personal = ["session", "phones", "strmMeta"];
        const others = (value: Record<string, unknown>) =>
          plain(Object.fromEntries(Object.entries(value).filter(([name]) => !personal.includes(name))));
        for (const [i, event] of (streams.safe ?? []).entries()) {
          const sealed = sealedType.fromBuffer(event);
          expect(others(sealed)).toEqual(others(all[i]!));
          expect(sealed.session).toMatch(/^A[Q-Za-f]/);
          expect(sealed.phones?.array.length).toBe(all[i]?.phones?.array.length);
          expect(sealed.strmMeta).toMatchObject({
            eventContractRef: "acme/all/1.0.0",
            consentLevels: [...all[i]!.levels].sort(),
          });
        }
        const consenting = all.filter(({ levels }) => levels.includes(1) && levels.includes(2));
        expect(streams.opened?.length).toBe(consenting.length);
        for (const [i, event] of (streams.opened ?? []).entries()) {
          const opened = sealedType.fromBuffer(event);
          expect([opened.session, opened.phones]).toEqual([consenting[i]?.session, consenting[i]?.phones]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("lists in blocks that carry their size lose it where their items change", async () => {
    const list = Buffer.concat([rawType.toBuffer(sample)]);
    // One block of two texts: count 4 (two, in zigzag), each of one byte, and the end.
    const plainBlock = Buffer.from([0x04, 0x02, 0x61, 0x02, 0x62, 0x00]);
    const at = list.indexOf(plainBlock);
    expect(at).toBeGreaterThan(0);
    // Minus two items in four bytes.
    const sized = Buffer.concat([list.subarray(0, at), Buffer.from([0x03, 0x08]), list.subarray(at + 1)]);
    const { streams, result } = await runRecords(plan("avro", "avro"), [sized]);
    expect(result.rejected).toEqual([]);
    expect(sealedType.fromBuffer(streams.safe![0]!).phones.array).toHaveLength(2);
    expect(sealedType.fromBuffer(streams.opened![0]!).phones).toEqual({ array: ["a", "b"] });
  });

  test("members in any order, with any spelling of their names, make the same datum", () => {
    const shape = shapeOf(plan("json", "avro"), "events");
    const members = Object.keys(sample).length;
    const spelled = (member: string, isEscaped: boolean) =>
      isEscaped ? member.replace(/^"(.)/, (_, c: string) => `"\\u00${c.charCodeAt(0).toString(16)}`) : member;
    fc.assert(
      fc.property(
        values,
        fc.shuffledSubarray([...Array(members).keys()], { minLength: members }),
        fc.array(fc.boolean(), { minLength: members, maxLength: members }),
        (value, order, escapes) => {
          const parts = Object.entries(value).map(([name, one]) => `"${name}": ${plainJson(one)}`);
          const shuffled = order.map((at) => spelled(parts[at]!, escapes[at]!));
          expect(datumOf(shape, `{\t${shuffled.join(" , ")}}`)).toEqual(datumOf(shape, plainJson(value)));
        },
      ),
    );
  });

  test("lists in blocks with a wrong size are refused, whether they change or not", async () => {
    const datum = rawType.toBuffer({ ...sample, counts: { a: 1n } });
    const resized = (block: readonly number[], sized: readonly number[]) => {
      const at = datum.indexOf(Buffer.from(block));
      expect(at).toBeGreaterThan(0);
      return Buffer.concat([datum.subarray(0, at), Buffer.from(sized), datum.subarray(at + block.length)]);
    };
    // A map of one entry in three bytes, and two texts in four.
    const entry = [0x02, 0x61, 0x02];
    const texts = [0x02, 0x61, 0x02, 0x62];
    const { streams, result } = await runRecords(plan("avro", "avro"), [
      resized([0x02, ...entry, 0x00], [0x01, 0x06, ...entry, 0x00]),
      resized([0x02, ...entry, 0x00], [0x01, 0x04, ...entry, 0x00]),
      resized([0x04, ...texts, 0x00], [0x03, 0x0a, ...texts, 0x00]),
    ]);
    expect(streams.events).toHaveLength(1);
    expect(result.rejected).toMatchObject([
      { code: "event.not-avro", path: "counts" },
      { code: "event.not-avro", path: "phones" },
    ]);
  });

  test("few bytes can't stand for very many items", async () => {
    const fields: Json = [
      { name: "session", type: "string" },
      { name: "levels", type: { type: "array", items: "int" } },
      { name: "nothing", type: { type: "array", items: { type: "array", items: "null" } } },
    ];
    const { graph: empty } = compileTexts({
      "main.strm": program.replace(/ {2}phones.*\n/, "").replace("(1, 2)", "(1)"),
      "all.avsc": JSON.stringify({ type: "record", name: "Empty", fields }),
    });
    const type = avroType({ type: "record", name: "Empty", fields });
    const lists = (count: number, each: number) =>
      type.toBuffer({
        session: "s",
        levels: [],
        nothing: Array.from({ length: count }, () => Array(each).fill(null)),
      });
    const { streams, result } = await runRecords(planIn(empty!, "avro", "json")!, [
      lists(16, 4096),
      lists(17, 4096),
    ]);
    expect(JSON.parse(streams.events![0]!.toString()).nothing).toHaveLength(16);
    expect(result.rejected).toMatchObject([{ code: "event.not-avro", path: "nothing" }]);
  });

  test("what the event lacks gets its default", () => {
    const shape = shapeOf(plan("json", "avro"), "events");
    const { phones: _, added: __, ...rest } = sample;
    const datum = datumOf(shape, plainJson(rest));
    expect(plain(rawType.fromBuffer(datum))).toMatchObject({ phones: null, added: "7n" });
  });

  test("whatever is broken is refused, or reads well: nothing crashes, hangs or slips through", async () => {
    const reading = plan("avro", "json");
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.nat(),
        fc.oneof(fc.constant("cut"), fc.constant("more"), fc.integer({ min: 0, max: 255 })),
        async (value, place, how) => {
          const datum = rawType.toBuffer(value);
          const at = place % datum.length;
          const broken =
            how === "cut"
              ? datum.subarray(0, at)
              : how === "more"
                ? Buffer.concat([datum, Buffer.from([1])])
                : Buffer.concat([datum.subarray(0, at), Buffer.from([Number(how)]), datum.subarray(at + 1)]);
          const { streams, result } = await runRecords(reading, [broken, datum]);
          const [first] = result.tally;
          expect(first).toMatchObject({ in: 2, out: 2 - result.rejected.length });
          for (const { code } of result.rejected) codes.add(code);
          for (const event of streams.events ?? []) JSON.parse(event.toString());
          // The one behind is as it was.
          expect(JSON.parse(streams.events!.at(-1)!.toString()).session).toBe(value.session);
          if (how !== "cut" && how !== "more") return;
          expect(result.rejected).toHaveLength(1);
        },
      ),
      { numRuns: 1500 },
    );
    expect([...codes].every((code) => code.startsWith("event."))).toBe(true);
    expect(codes).toContain("event.not-avro");
    expect(codes).toContain("event.invalid-utf8");
  }, 60_000);

  test.each([
    ["a list of more items than there are bytes", [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ["a length beyond the end", [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ["an integer without an end", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])("%s is refused", async (_, start) => {
    const { result } = await runRecords(plan("avro", "json"), [Buffer.from(start)]);
    expect(result.rejected).toMatchObject([{ code: "event.not-avro" }]);
  });

  test("bytes in JSON must be base64, and of the right number, where they are to be Avro", async () => {
    const reading = plan("json", "avro");
    const good = JSON.parse(plainJson(sample));
    const withMember = (more: object) => Buffer.from(JSON.stringify({ ...good, ...more }));
    const { result } = await runRecords(reading, [
      withMember({}),
      withMember({ bytes: "a=b" }),
      withMember({ fixed: "AAAA" }),
    ]);
    expect(result.rejected.map(({ code, path }) => [code, path])).toEqual([
      ["event.wrong-type", "bytes"],
      ["event.wrong-type", "fixed"],
    ]);
  });
});

const sample: Value = {
  session: "s-1",
  phones: { array: ["a", "b"] },
  int: 1,
  long: 2n,
  float: 0.5,
  double: 0.25,
  flag: true,
  bytes: Buffer.from("xyz"),
  fixed: Buffer.from("1234"),
  colour: "RED",
  counts: {},
  either: null,
  tree: null,
  levels: [1, 2],
  added: 3n,
};
