// Datums of other schemas become the contract's, as Avro's own rules say.
import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { readSchema } from "../../../../runner/formats/avro/read-schema.ts";
import { resolver } from "../../../../runner/formats/avro/resolve.ts";
import { avroType, plain } from "../../../kit/avro.ts";
import { seeded } from "../../../kit/random.ts";
import { schemaPair } from "../../../kit/random-schemas.ts";

const MAX_BYTES = 1_048_576;

function resolveBy(writer: Json, reader: Json, maxBytes = MAX_BYTES) {
  return resolver(readSchema(writer).type, readSchema(reader).type, maxBytes);
}

/** A value that the writer wrote, as the reader's schema has it; or the code of what was refused. */
function read(writer: Json, reader: Json, value: unknown): unknown {
  const result = resolveBy(writer, reader)(avroType(writer).toBuffer(value));
  if (!(result instanceof Uint8Array)) return result.code;
  return plain(avroType(reader).fromBuffer(Buffer.from(result)));
}

const record = (...fields: readonly Json[]): Json => ({ type: "record", name: "R", fields });
const field = (name: string, type: Json, more: { readonly [key: string]: Json } = {}): Json => ({
  name,
  type,
  ...more,
});

test("gives what another implementation gives", () => {
  assert(
    property(integer(), (seed) => {
      const { writer, reader, value } = schemaPair(seeded(seed));
      const [writes, reads] = [avroType(writer), avroType(reader)];
      const resolve = resolveBy(writer, reader);
      for (let i = 0; i < 3; i++) {
        const datum = writes.toBuffer(value());
        const expected = reads.toBuffer(reads.fromBuffer(datum, reads.createResolver(writes)));
        const result = resolve(datum);
        if (!(result instanceof Uint8Array)) throw new Error(`${result.code}: ${result.reason}`);
        expect(plain(reads.fromBuffer(Buffer.from(result)))).toEqual(plain(reads.fromBuffer(expected)));
      }
    }),
    { numRuns: 500 },
  );
});

test("never fails otherwise than by a refusal, and holds no more than its bound, whatever the bytes are", () => {
  const maxBytes = 5000;
  assert(
    property(integer(), (seed) => {
      const random = seeded(seed);
      const { writer, reader, value } = schemaPair(random);
      const resolve = resolveBy(writer, reader, maxBytes);
      const datum = avroType(writer).toBuffer(value());
      for (let i = 0; i < 10; i++) {
        const bytes = Buffer.from(
          datum.subarray(0, random.below(4) === 0 ? random.below(datum.length + 1) : undefined),
        );
        for (let n = random.below(4); n > 0 && bytes.length > 0; n--)
          bytes[random.below(bytes.length)] = random.next();
        const result = resolve(bytes);
        if (result instanceof Uint8Array)
          expect(result.length).toBeLessThanOrEqual(Math.max(maxBytes, bytes.length));
        else expect(result.code).toMatch(/^event\.(not-avro|schema-mismatch|too-large|too-deep)$/);
      }
    }),
    { numRuns: 500 },
  );
});

test("gives back the very bytes where both schemas encode alike", () => {
  const inner = {
    type: "record",
    name: "Inner",
    fields: [field("n", "long"), field("next", ["null", "Inner"])],
  };
  const writer = record(
    field("a", "int", { doc: "d", order: "ignore" }),
    field("s", { type: "string", logicalType: "uuid" }),
    field("u", ["null", "string"]),
    field("e", { type: "enum", name: "E", symbols: ["A", "B"] }),
    field("i", inner),
  );
  const reader = {
    ...Object(
      record(
        field("a", "long", { default: 3 }),
        field("s", "bytes"),
        field("u", ["null", "string", "int"]),
        field("e", { type: "enum", name: "E", symbols: ["A", "B", "C"] }),
        field("i", {
          ...inner,
          name: "Other",
          namespace: "x",
          fields: [field("n", "long"), field("next", ["null", "Other"])],
        }),
      ),
    ),
    name: "Elsewhere",
  };
  const bytes = Buffer.from("anything: it is not looked at");
  expect(resolveBy(writer, reader)(bytes)).toBe(bytes);
});

describe("refuses", () => {
  const refused: readonly [string, Json, Json, unknown][] = [
    ["a type that can't be widened", record(field("a", "long")), record(field("a", "int")), { a: 1n }],
    ["a field that is missing", record(), record(field("a", "string")), {}],
    [
      "a branch that the contract lacks",
      record(field("a", ["null", "int"])),
      record(field("a", "int")),
      { a: null },
    ],
    [
      "a symbol that the contract lacks",
      record(field("a", { type: "enum", name: "E", symbols: ["A", "B"] })),
      record(field("a", { type: "enum", name: "E", symbols: ["A"] })),
      { a: "B" },
    ],
    [
      "a fixed type of another size",
      record(field("a", { type: "fixed", name: "F", size: 2 })),
      record(field("a", { type: "fixed", name: "F", size: 3 })),
      { a: Buffer.alloc(2) },
    ],
  ];
  test.each(refused)("%s, and says where", (_, writer, reader, value) => {
    const result = resolveBy(writer, reader)(avroType(writer).toBuffer(value));
    expect(result).toMatchObject({ code: "event.schema-mismatch", reason: expect.stringContaining("`a`") });
  });

  test("only the values that come to such a place", () => {
    const [writer, reader] = [record(field("a", ["null", "int"])), record(field("a", "int"))];
    expect(read(writer, reader, { a: { int: 5 } })).toEqual({ a: 5 });
    const symbols = (...names: string[]) => record(field("a", { type: "enum", name: "E", symbols: names }));
    expect(read(symbols("A", "B"), symbols("B"), { a: "B" })).toEqual({ a: "B" });
  });

  test("a datum with bytes behind it, or nested without end", () => {
    const [writer, reader] = [record(field("a", "int")), record(field("b", "int", { default: 1 }))];
    expect(resolveBy(writer, reader)(Buffer.from([2, 2]))).toMatchObject({ code: "event.not-avro" });
    const list = (type: Json) => record(field("a", type), field("l", { type: "array", items: "R" }));
    const deep = Buffer.from([...Array(100).fill([0, 2]).flat(), 0, 0, ...Array(100).fill(0)]);
    expect(resolveBy(list("int"), list("double"))(deep)).toMatchObject({ code: "event.too-deep" });
  });

  test("a list that would grow over the bound", () => {
    const items = (...fields: Json[]): Json => ({
      type: "array",
      items: { type: "record", name: "I", fields },
    });
    const writer = record(field("l", items(field("a", "boolean"))));
    const reader = record(
      field("l", items(field("a", "boolean"), field("b", "string", { default: "x".repeat(1000) }))),
    );
    const datum = avroType(writer).toBuffer({ l: Array(100).fill({ a: true }) });
    expect(resolveBy(writer, reader, 10_000)(datum)).toMatchObject({ code: "event.too-large" });
    expect(resolveBy(writer, reader, 110_000)(datum)).toBeInstanceOf(Uint8Array);
  });
});

test("leaves out what only the writer has, and fills in what it lacks", () => {
  const writer = record(
    field("secret", "string"),
    field("a", "int"),
    field("more", { type: "map", values: "bytes" }),
  );
  const reader = record(
    field("a", "int"),
    field("n", ["string", "null"]),
    field("d", "string", { default: "none" }),
  );
  const value = { secret: "S", a: 1, more: { k: Buffer.from("S") } };
  expect(read(writer, reader, value)).toEqual({ a: 1, n: null, d: "none" });
});

test("finds a field by its name before it looks at aliases, and each once", () => {
  const writer = record(field("a", "int"), field("b", "int"));
  const aliased = { aliases: ["a", "b"], default: 9 };
  const reader = record(field("x", "int", aliased), field("a", "int"), field("y", "int", aliased));
  expect(read(writer, reader, { a: 1, b: 2 })).toEqual({ x: 2, a: 1, y: 9 });
});

test("takes the default of an enum for a symbol that the contract lacks", () => {
  const writer = record(field("a", { type: "enum", name: "E", symbols: ["A", "B"] }));
  const reader = record(field("a", { type: "enum", name: "E", symbols: ["X", "A"], default: "X" }));
  expect(read(writer, reader, { a: "B" })).toEqual({ a: "X" });
});

test("widens the largest numbers to the nearest double", () => {
  const [writer, reader] = [record(field("a", "long")), record(field("a", "double"))];
  for (const a of [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n]) {
    expect(read(writer, reader, { a })).toEqual({ a: Number(a) });
  }
});

test("keeps every bit of texts, bytes and numbers", () => {
  const writer = record(field("t", "string"), field("l", "long"), field("d", "double"), field("z", "int"));
  const reader = record(field("z", "long"), field("d", "double"), field("l", "long"), field("t", "string"));
  const datum = Buffer.from("08edb08041ffffffffffffffffff01010000000000f87f02", "hex");
  const expected = Buffer.from("02010000000000f87fffffffffffffffffff0108edb08041", "hex");
  expect(resolveBy(writer, reader)(datum)).toEqual(expected);
});

test("reads blocks that tell their size in bytes", () => {
  const list = (items: Json) =>
    record(field("l", { type: "array", items }), field("m", { type: "map", values: items }));
  const whole = Buffer.from([3, 4, 2, 4, 2, 6, 0, 1, 6, 2, 0x6b, 8, 0]);
  const resolved = resolveBy(list("int"), list("double"))(whole);
  if (!(resolved instanceof Uint8Array)) throw new Error(resolved.reason);
  expect(plain(avroType(list("double")).fromBuffer(Buffer.from(resolved)))).toEqual({
    l: [1, 2, 3],
    m: { k: 4 },
  });
});
