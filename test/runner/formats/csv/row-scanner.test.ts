// Rows and cells are found as other implementations find them, however the bytes come.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellFlag, RowScanner } from "../../../../runner/formats/csv/row-scanner.ts";
import type { CsvDialect } from "../../../../runner/plan/csv-plan.ts";
import { type Cell, plainDialect, rowsIn } from "../../../kit/csv.ts";

interface Row {
  readonly cells: readonly Cell[];
  readonly fault: string | undefined;
  readonly lineFeeds: number;
}

/** `cuts`: after how many bytes more come, again and again. */
function scanned(text: string, dialect = plainDialect, cuts: readonly number[] = [1 << 20]): readonly Row[] {
  const bytes = Buffer.from(text);
  const scanner = new RowScanner(dialect);
  const rows: Row[] = [];
  let row = 0;
  const take = (end: number): void => {
    const { cells, starts, ends, flags, fault, lineFeeds, contentEnd } = scanner;
    expect(contentEnd).toBeLessThanOrEqual(end - row);
    rows.push({
      cells: Array.from({ length: cells }, (_, i) => {
        const cell = bytes.subarray(row + starts[i]!, row + ends[i]!).toString();
        const doubled = (flags[i]! & cellFlag.doubled) !== 0;
        return {
          text: doubled ? cell.replaceAll(dialect.quote + dialect.quote, dialect.quote) : cell,
          quoted: (flags[i]! & cellFlag.quoted) !== 0,
        };
      }),
      fault,
      lineFeeds,
    });
    scanner.begin();
    row = end;
  };
  let used = 0;
  for (let i = 0; used < bytes.length; i++) {
    used = Math.min(bytes.length, used + cuts[i % cuts.length]!);
    for (let end = scanner.scan(bytes, row, used); end >= 0; end = scanner.scan(bytes, row, used)) take(end);
  }
  if (row < bytes.length) {
    scanner.end(bytes, row, bytes.length);
    take(bytes.length);
  }
  return rows;
}

const dialects = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  quote: fc.constantFrom('"', "'"),
  nullText: fc.constant(""),
});
const text = fc.string({
  unit: fc.constantFrom("a", "ä", "🎉", " ", ",", ";", "\t", "|", '"', "'", "\n", "\r\n", "\\"),
  maxLength: 8,
});
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

/** Well-formed: what needs quotes has them, and other cells now and then. */
function written(
  rows: readonly (readonly string[])[],
  lineEnd: string,
  always: boolean,
  d: CsvDialect,
): string {
  const cell = (value: string) =>
    always || [d.delimiter, d.quote, "\n", "\r"].some((sign) => value.includes(sign)) || value === ""
      ? d.quote + value.replaceAll(d.quote, d.quote + d.quote) + d.quote
      : value;
  return rows.map((row) => row.map(cell).join(d.delimiter) + lineEnd).join("");
}

describe("rows", () => {
  test("have the cells that csv-parse finds, in quotes or not", () => {
    const tables = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) =>
        fc.array(fc.array(text, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(
        tables,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        dialects,
        cuts,
        (table, lineEnd, always, dialect, cut) => {
          const input = written(table, lineEnd, always, dialect);
          const rows = scanned(input, dialect, cut);
          expect(rows.map(({ cells }) => cells)).toEqual(rowsIn(input, dialect));
          expect(rows.map(({ cells }) => cells.map((cell) => cell.text))).toEqual(table);
          expect(rows.every(({ fault }) => fault === undefined)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("are the same however the bytes come, whatever they are, and hold all of them", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), dialects, cuts, (parts, dialect, cut) => {
        const input = parts.join("");
        const rows = scanned(input, dialect, cut);
        expect(rows).toEqual(scanned(input, dialect));
        const lineFeeds = rows.reduce((sum, row) => sum + row.lineFeeds, 0);
        expect(lineFeeds).toBe(input.split("\n").length - 1);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a,b"c,d\ne,f\n', "strayQuote", ["a", 'b"c', "d"]],
    ['a,"b"c,"d\n",e\nf,g\n', "afterQuote", undefined],
    ['a,"b" ,c\nd,e\n', "afterQuote", undefined],
    ["a,b\rc,d\ne,f\n", "loneReturn", ["a", "b\rc", "d"]],
    ['a,"b"\rc\nd,e\n', "afterQuote", undefined],
  ] as const)("%j is wrong, and the next row is not", (input, fault, cells) => {
    const [bad, good, ...more] = scanned(input);
    expect(bad?.fault).toBe(fault);
    if (cells !== undefined) expect(bad?.cells.map(({ text: one }) => one)).toEqual(cells);
    expect(good?.fault).toBeUndefined();
    expect(good?.cells.length).toBe(2);
    expect(more).toEqual([]);
  });

  test.each([
    ["a,b", ["a", "b"]],
    ["a,", ["a", ""]],
    ["a,b\r", ["a", "b"]],
    ['a,"b\n"', ["a", "b\n"]],
    ['a,"b"\r', ["a", "b"]],
  ] as const)("%j needs no line end", (input, cells) => {
    expect(scanned(input)).toMatchObject([{ fault: undefined }]);
    expect(scanned(input)[0]?.cells.map(({ text: one }) => one)).toEqual(cells);
  });

  test("with a quote that is never closed end with the bytes", () => {
    expect(scanned('a,"b\nc,d\n')).toMatchObject([{ fault: "openQuote", lineFeeds: 2 }]);
  });
});
