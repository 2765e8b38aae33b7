// Random Avro types with values of them, and an encoder of our own that cuts lists and maps into blocks at random.
import fc from "fast-check";
import type { Json } from "../../dsl/graph/job-graph.ts";
import { long, prefixed, string } from "../../runner/plan/encode-default.ts";

/** A type with a value of it in every form that tests compare. */
export interface RandomValue {
  readonly schema: Json;
  /** What a union calls it. */
  readonly name: string;
  /** As avsc has it, unions wrapped. */
  readonly value: unknown;
  /** As plain JSON has it. */
  readonly text: string;
  /** `cut` answers yes or no, as it likes. */
  readonly encode: (cut: () => boolean) => Buffer;
}

type Arb = fc.Arbitrary<RandomValue>;

const simple = (name: string, value: unknown, text: string, bytes: Buffer): RandomValue => ({
  schema: name,
  name,
  value,
  text,
  encode: () => bytes,
});

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

const numberText = (value: number) => (Object.is(value, -0) ? "-0.0" : String(value));
const finite = { noNaN: true, noDefaultInfinity: true } as const;

const ints: Arb = fc.integer().map((value) => simple("int", value, String(value), long(value)));
const longs: Arb = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))
  .map((value) => simple("long", value, String(value), long(value)));
const doubles: Arb = fc
  .double(finite)
  .map((value) => simple("double", value, numberText(value), double(value)));
/** Halves and quarters: floats whose shortest text is that of the double. */
const floats: Arb = fc
  .integer({ min: -1000, max: 1000 })
  .map((value) => simple("float", value / 4, numberText(value / 4), float(value / 4)));
const booleans: Arb = fc
  .boolean()
  .map((value) => simple("boolean", value, String(value), Buffer.from([value ? 1 : 0])));
const nulls: Arb = fc.constant(simple("null", null, "null", Buffer.alloc(0)));
const texts = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom("", '"\\', "\ufeffa", "\u0000"),
);
const strings: Arb = texts.map(textOf);
const byteStrings: Arb = fc.uint8Array({ maxLength: 9 }).map((bytes) => {
  const value = Buffer.from(bytes);
  return simple("bytes", value, JSON.stringify(value.toString("base64")), prefixed(value));
});

let names = 0;
const fresh = (what: string) => `x.${what}${names++}`;

const fixeds: Arb = fc.uint8Array({ minLength: 1, maxLength: 5 }).map((bytes) => {
  const value = Buffer.from(bytes);
  const name = fresh("Fixed");
  const schema = { type: "fixed", name, size: value.length };
  return { ...simple(name, value, JSON.stringify(value.toString("base64")), value), schema };
});
const enums: Arb = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.nat()).map(([count, pick]) => {
  const symbols = Array.from({ length: count }, (_, i) => `S${i}`);
  const at = pick % count;
  const name = fresh("Enum");
  const schema = { type: "enum", name, symbols };
  return { ...simple(name, symbols[at], `"${symbols[at]}"`, long(at)), schema };
});

/** A text. */
export function textOf(value: string): RandomValue {
  return simple("string", value, JSON.stringify(value), string(value));
}

/** A list of values that are all of that schema. */
export function listOf(schema: Json, items: readonly RandomValue[]): RandomValue {
  return {
    schema: { type: "array", items: schema },
    name: "array",
    value: items.map(({ value }) => value),
    text: `[${items.map(({ text }) => text).join(",")}]`,
    encode: (cut) =>
      blocks(
        items.map((item) => item.encode(cut)),
        cut,
      ),
  };
}

/** The items of one list are of one schema: they are one value, repeated. */
const repeated = (item: Arb): Arb =>
  fc
    .tuple(item, fc.integer({ min: 0, max: 5 }))
    .map(([one, count]) => listOf(one.schema, Array<RandomValue>(count).fill(one)));

const mapOf = (item: Arb): Arb =>
  fc.tuple(item, fc.uniqueArray(texts, { maxLength: 4 })).map(([one, keys]) => {
    const names = keys.filter((key) => key !== "__proto__");
    return {
      schema: { type: "map", values: one.schema },
      name: "map",
      value: Object.fromEntries(names.map((key) => [key, one.value])),
      text: `{${names.map((key) => `${JSON.stringify(key)}:${one.text}`).join(",")}}`,
      encode: (cut) =>
        blocks(
          names.map((key) => Buffer.concat([string(key), one.encode(cut)])),
          cut,
        ),
    };
  });

/** A record of fields `f0`, `f1` and so on. */
export function recordOf(fields: readonly RandomValue[], name = fresh("Record")): RandomValue {
  return {
    schema: {
      type: "record",
      name,
      fields: fields.map(({ schema }, i) => ({ name: `f${i}`, type: schema })),
    },
    name,
    value: Object.fromEntries(fields.map(({ value }, i) => [`f${i}`, value])),
    text: `{${fields.map(({ text }, i) => `"f${i}":${text}`).join(",")}}`,
    encode: (cut) => Buffer.concat(fields.map(({ encode }) => encode(cut))),
  };
}

const unionOf = (...forms: readonly Arb[]): Arb =>
  fc
    .tuple(fc.shuffledSubarray([nulls, ...forms], { minLength: 1 }), fc.nat())
    .chain(([branches, pick]) => fc.tuple(fc.tuple(...branches), fc.constant(pick % branches.length)))
    .map(([branches, at]) => {
      const { name, value, text, encode } = branches[at]!;
      return {
        schema: branches.map((branch) => branch.schema),
        name: "union",
        value: value === null ? null : { [name]: value },
        text,
        encode: (cut) => Buffer.concat([long(at), encode(cut)]),
      };
    });

/** Several blocks or one, each with its size or without. */
function blocks(items: readonly Buffer[], cut: () => boolean): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < items.length; ) {
    let to = from + 1;
    while (to < items.length && !cut()) to++;
    const block = Buffer.concat(items.slice(from, to));
    parts.push(cut() ? Buffer.concat([long(from - to), long(block.length)]) : long(to - from), block);
    from = to;
  }
  return Buffer.concat([...parts, long(0)]);
}

const { type } = fc.letrec<{ type: RandomValue; inner: RandomValue }>((tie) => {
  const numbers = fc.oneof(ints, longs, floats, doubles);
  const words = fc.oneof(strings, byteStrings, fixeds, enums);
  const lists = repeated(tie("inner"));
  const objects = fc.oneof(
    mapOf(tie("inner")),
    fc.array(tie("inner"), { maxLength: 4 }).map((fields) => recordOf(fields)),
  );
  return {
    type: fc.oneof(tie("inner"), unionOf(numbers, words, booleans, lists, objects)),
    inner: fc.oneof({ maxDepth: 3 }, numbers, words, booleans, nulls, lists, objects, tie("type")),
  };
});

/** Any type, but no union in a union: no schema has that. */
export const randomAvro: Arb = type;
