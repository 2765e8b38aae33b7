// A row becomes an event by the contract's types, with its cells' own spelling; what is no row is refused alone.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { schemaOfJson } from "../../../../dsl/schema/read.ts";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { Buffers } from "../../../../runner/formats/buffers.ts";
import { CsvFault } from "../../../../runner/formats/csv/fault.ts";
import { Rows, type RowsOptions } from "../../../../runner/formats/csv/rows.ts";
import type { Framed } from "../../../../runner/formats/lines.ts";
import { plainDialect } from "../../../kit/csv.ts";

const inner = (fields: readonly Json[]): Json => ({
  type: "record",
  name: `R${JSON.stringify(fields).length}`,
  fields,
});

function rowsOf(fields: readonly Json[], more: Partial<RowsOptions> = {}): Rows {
  const { schema } = schemaOfJson({ type: "record", name: "Event", fields });
  if (schema === undefined) throw new Error("no schema");
  return new Rows({
    origin: "in.csv",
    maxEventBytes: 1 << 20,
    buffers: new Buffers(2),
    dialect: plainDialect,
    root: schema.root,
    skip: 0,
    replaced: false,
    warn: () => {},
    ...more,
  });
}

/** `held`: called with the size of what the rows are read into. */
function framed(rows: Rows, text: string, held: (sizeBytes: number) => void = () => {}): readonly Framed[] {
  const bytes = Buffer.from(text);
  const all: Framed[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = rows.space();
    const part = bytes.subarray(at, at + space.length);
    held(space.buffer.byteLength);
    space.set(part);
    all.push(...rows.filled(part.length));
    at += part.length;
  }
  return [...all, ...rows.end()];
}

interface Given {
  readonly text: string;
  readonly line: number;
  readonly offsetBytes: number;
  readonly refused: boolean;
}

/** Events and refused rows, pieces put together. */
function given(all: readonly Framed[]): readonly Given[] {
  const rows: Given[] = [];
  for (const { content } of all) {
    if (content.kind === "piece") {
      const { bytes, line, offsetBytes, piece } = content.piece;
      const before = piece === 1 ? "" : (rows.pop()?.text ?? "");
      const text = before + Buffer.from(bytes).toString("latin1");
      rows.push({ text, line, offsetBytes, refused: true });
      continue;
    }
    const { bytes, records } = content.batch;
    for (const [i, end] of [...(records?.ends ?? [])].entries()) {
      rows.push({
        text: Buffer.from(bytes.subarray(records?.ends[i - 1] ?? 0, end)).toString("latin1"),
        line: records?.lines?.[i] ?? 0,
        offsetBytes: records?.offsets[i] ?? 0,
        refused: records?.refused?.some(({ record }) => record === i) === true,
      });
    }
  }
  return rows;
}

interface Event {
  readonly text: string;
  readonly line: number;
  readonly reason?: string;
}

function eventsOf(fields: readonly Json[], text: string, more: Partial<RowsOptions> = {}): readonly Event[] {
  return framed(rowsOf(fields, more), text).flatMap(({ content }) => {
    if (content.kind === "piece") throw new Error("a piece");
    const { bytes, records } = content.batch;
    return Array.from(records?.ends ?? [], (end, i) => {
      const reason = records?.refused?.find(({ record }) => record === i)?.reason;
      return {
        text: Buffer.from(bytes.subarray(records?.ends[i - 1] ?? 0, end)).toString(),
        line: records?.lines?.[i] ?? 0,
        ...(reason !== undefined && { reason }),
      };
    });
  });
}

/** The event that one row under the fields' names makes. */
const eventOf = (fields: readonly { readonly name: string; readonly type: Json }[], row: string): string =>
  eventsOf(fields, `${fields.map(({ name }) => name).join()}\n${row}\n`)[0]?.text ?? "";

const field = (type: Json, row: string) =>
  eventOf(
    [
      { name: "x", type },
      { name: "y", type: ["null", "int"] },
    ],
    `${row},`,
  );

describe("a cell", () => {
  test.each([
    // Numbers keep their spelling; what JSON does not call a number is a text, which the contract's reader refuses.
    ["long", "9007199254740993", "9007199254740993"],
    ["double", "1.50E+3", "1.50E+3"],
    ["double", "-0.0", "-0.0"],
    ["int", '"12"', "12"],
    ["int", "01", '"01"'],
    ["int", " 1", '" 1"'],
    ["int", "+1", '"+1"'],
    ["int", "1.", '"1."'],
    ["double", "NaN", '"NaN"'],
    ["int", "true", '"true"'],
    ["boolean", "true", "true"],
    ["boolean", "TRUE", '"TRUE"'],
    ["boolean", "1", '"1"'],
    ["string", "true", '"true"'],
    ["string", '"a ""b"" \\ \t\r\nc"', '"a \\"b\\" \\\\ \\t\\r\\nc"'],
    ["string", '""', '""'],
    ["string", "", '""'],
    [["null", "string"], "", "null"],
    [["null", "string"], '""', '""'],
    [["null", "int"], "", "null"],
    [["null", "int"], '""', '""'],
    // JSON text.
    [{ type: "array", items: "int" }, '"[1, 2]"', "[1, 2]"],
    [{ type: "array", items: "int" }, "[1]", "[1]"],
    [{ type: "array", items: "int" }, '"[1,\n2]"', "[1, 2]"],
    [["null", { type: "array", items: "int" }], "null", "null"],
    [{ type: "map", values: "string" }, '"{""a"":""]}""}"', '{"a":"]}"}'],
    [["string", "long"], "5", "5"],
    [["string", "long"], '"""5"""', '"5"'],
    [["string", "long"], "word", '"word"'],
    // Nothing of it reaches beyond its cell.
    [{ type: "array", items: "int" }, '"[1],""y"":[2]"', '"[1],\\"y\\":[2]"'],
    [{ type: "array", items: "int" }, '"[1"', '"[1"'],
    [{ type: "array", items: "int" }, '"[""]"', '"[\\"]"'],
    [{ type: "array", items: "int" }, '"[""\n""]"', '"[\\"\\n\\"]"'],
    [{ type: "array", items: "int" }, '"1,2"', '"1,2"'],
  ] as readonly (readonly [Json, string, string])[])("of %j that says %j is %s", (type, cell, json) => {
    expect(field(type, cell)).toBe(`{"x":${json},"y":null}`);
  });

  test.each([
    ["int", ""],
    ["bytes", ""],
    [{ type: "enum", name: "E", symbols: ["A"] }, ""],
  ] as readonly (readonly [Json, string])[])(
    "of %j that can't be null and says %j is no field",
    (type, cell) => {
      expect(field(type, cell)).toBe('{"y":null}');
    },
  );

  test("that says what stands for null, in a text that can't be null, is no field unless it is empty", () => {
    const dialect = { ...plainDialect, nullText: "NULL" };
    const fields = [
      { name: "x", type: "string" },
      { name: "y", type: "string" },
    ];
    expect(eventsOf(fields, 'x,y\nNULL,\n"NULL",a\n', { dialect }).map(({ text }) => text)).toEqual([
      '{"y":""}',
      '{"x":"NULL","y":"a"}',
    ]);
  });
});

describe("a row", () => {
  const customer = inner([
    { name: "id", type: ["null", "string"] },
    { name: "n", type: "int" },
  ]);

  test.each([
    ["null", ["null", customer], undefined, "null"],
    ["left out, for its default", customer, { id: null, n: 1 }, undefined],
    ["a record still", customer, undefined, '{"id":null}'],
  ] as readonly (readonly [string, Json, Json | undefined, string | undefined])[])(
    "whose record's columns are all null has it %s",
    (_, type, otherwise, json) => {
      const fields = [
        { name: "a", type: "int" },
        { name: "c", type, ...(otherwise !== undefined && { default: otherwise }) },
      ];
      const [event] = eventsOf(fields, "c.id,a,c.n\n,1,\n");
      expect(event?.text).toBe(json === undefined ? '{"a":1}' : `{"c":${json},"a":1}`);
    },
  );

  test("has what the contract does not declare as texts, beside what it does", () => {
    const fields = [
      { name: "a", type: "int" },
      { name: "c", type: customer },
    ];
    const [event] = eventsOf(fields, "a,more,c.n,c.more,a.b,\n1,2,3,,true,x\n");
    expect(JSON.parse(event?.text ?? "")).toEqual({
      a: 1,
      more: "2",
      c: { n: 3, more: null },
      "a.b": "true",
      "": "x",
    });
  });

  test("of one column may be empty; where there are more, an empty line is no row", () => {
    const one = [{ name: "a", type: ["null", "string"] }];
    expect(eventsOf(one, "a\n\nx\n").map(({ text }) => text)).toEqual(['{"a":null}', '{"a":"x"}']);
    const two = [...one, { name: "b", type: ["null", "string"] }];
    expect(eventsOf(two, "\na,b\n\n\r\nx,y\n").map(({ text, line }) => [text, line])).toEqual([
      ['{"a":"x","b":"y"}', 5],
    ]);
  });

  test("that is none is refused with its place, as it stands, and those around it are not", () => {
    const fields = [
      { name: "a", type: "string" },
      { name: "b", type: "string" },
    ];
    const events = eventsOf(fields, 'a,b\n1,2\n"x\ny"\n3,4,5\n6,"7"8\n9,"\n"\n');
    expect(events).toEqual([
      { line: 2, text: '{"a":"1","b":"2"}' },
      { line: 3, text: '"x\ny"', reason: "The row has fewer cells than there are columns." },
      { line: 5, text: "3,4,5", reason: "The row has more cells than there are columns." },
      {
        line: 6,
        text: '6,"7"8',
        reason: "Something stands between a cell's closing quote and the next delimiter.",
      },
      { line: 7, text: '{"a":"9","b":"\\n"}' },
    ]);
  });

  test("over the bound comes in pieces that are bounded, whatever is in it, and what is held does not grow", () => {
    const fields = [
      { name: "a", type: "string" },
      { name: "b", type: "string" },
    ];
    const rows = rowsOf(fields, { maxEventBytes: 4096 });
    const open = `1,"${"x,\n".repeat(400_000)}`;
    let heldBytes = 0;
    const all = framed(rows, `a,b\n${open}",2\n3,4\n`, (sizeBytes) => {
      heldBytes = Math.max(heldBytes, sizeBytes);
    });
    expect(heldBytes).toBeLessThanOrEqual(512 * 1024);
    const pieces = all.flatMap(({ content }) => (content.kind === "piece" ? [content.piece] : []));
    expect(pieces.length).toBeGreaterThan(100);
    expect(Math.max(...pieces.map(({ bytes }) => bytes.length))).toBe(4096);
    expect(pieces.map(({ last }) => last).lastIndexOf(false)).toBe(pieces.length - 2);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe(`${open}",2`);
    expect(all.at(-1)?.content).toMatchObject({ batch: { records: { lines: Float64Array.of(400_003) } } });
  });

  test("is the same however the bytes come, and none of them is lost", () => {
    const fields = [
      { name: "a", type: "string" },
      { name: "b", type: ["null", "string"] },
    ];
    const parts = fc.array(
      fc.constantFrom("a", ",", '"', '""', "\n", "\r\n", "\r", "ä", "x".repeat(9), '"b\n",'),
      {
        maxLength: 40,
      },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, sizes, (texts, cuts) => {
        const bytes = Buffer.from(`a,b\n${texts.join("")}`);
        const read = (cut: readonly number[]) => {
          const rows = rowsOf(fields, { maxEventBytes: 24 });
          const all: Framed[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const part = bytes.subarray(at, at + cut[i % cut.length]!);
            rows.space().set(part);
            all.push(...rows.filled(part.length));
            at += part.length;
          }
          return given([...all, ...rows.end()]);
        };
        const whole = read([bytes.length]);
        expect(read(cuts)).toEqual(whole);
        for (const { text: row, line, offsetBytes, refused } of whole) {
          expect(bytes.subarray(0, offsetBytes).toString().split("\n").length).toBe(line);
          if (refused) expect(bytes.subarray(offsetBytes).toString("latin1").startsWith(row)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("has names before it", () => {
    expect(() => eventsOf([{ name: "a", type: "int" }], "a,a\n")).toThrow(CsvFault);
  });
});
