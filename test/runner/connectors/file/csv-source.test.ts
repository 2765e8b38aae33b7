// Files of CSV are read row by row, however they are packed and in whatever charset, and on from where the last run left them.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import type { CsvReading } from "../../../../runner/connectors/reading/csv-reader.ts";
import type { RefusedRecord } from "../../../../runner/kernel/kernel.ts";
import { type SourceSubject, sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";
import { seeded } from "../../../kit/random.ts";
import { type Line, Taken } from "../../../kit/taken.ts";

const MAX_EVENT_BYTES = 300_000;

const schema: Json = {
  type: "record",
  name: "Click",
  fields: [
    { name: "n", type: "long" },
    { name: "t", type: ["null", "string"] },
    {
      name: "customer",
      type: {
        type: "record",
        name: "Customer",
        fields: [
          { name: "id", type: "string" },
          { name: "ok", type: ["null", "boolean"] },
        ],
      },
    },
  ],
};

const plain: CsvReading = { delimiter: ",", quote: '"', null: "", skip: 0, charset: "utf-8" };
const header = "customer.id,n,customer.ok,t";

/** A file as it grows, with what is expected of it. */
class FileDraft {
  readonly lines: Line[] = [];
  readonly #origin: string;
  readonly #parts: string[] = [];
  #line = 1;
  #offsetBytes = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get text(): string {
    return this.#parts.join("");
  }

  add(row: string, event?: string): this {
    if (event !== undefined) {
      const text = Buffer.from(event).toString("latin1");
      this.lines.push({ origin: this.#origin, line: this.#line, offsetBytes: this.#offsetBytes, text });
    }
    this.#parts.push(row);
    this.#line += row.split("\n").length - 1;
    this.#offsetBytes += Buffer.byteLength(row);
    return this;
  }

  click(n: number, text: string, lineEnd = "\n"): this {
    const quoted = text.replaceAll('"', '""');
    const event = `{"customer":{"id":"c${n}","ok":${n % 3 === 0 ? "null" : n % 3 === 1}},"n":${n},"t":${JSON.stringify(text)}}`;
    return this.add(`c${n},${n},${n % 3 === 0 ? "" : n % 3 === 1},"${quoted}"${lineEnd}`, event);
  }
}

const random = seeded(17);
const texts = ["", "a", 'say "no"', "two\nlines", "three\r\nlines,\n\n", "käse", "\t|;'"];

function drafts(): readonly FileDraft[] {
  const many = new FileDraft("b.csv").add(`\ufeff${header}\n`);
  for (let n = 0; n < 6000; n++)
    many.click(n, random.pick(texts).repeat(1 + random.below(8)), n % 2 === 0 ? "\n" : "\r\n");
  const bad = new FileDraft("a.csv").add(`"customer.id","n",customer.ok,t\r\n`);
  for (let n = 0; n < 300; n++) {
    bad.click(n, random.pick(texts));
    if (n % 5 === 0) bad.add(`x${n},1,true\n`, `x${n},1,true`);
    if (n % 7 === 0) bad.add(`x${n},1,"true"!,"a\nb"\n`, `x${n},1,"true"!,"a\nb"`);
    if (n % 11 === 0) bad.add("\n").add("\r\n");
  }
  const long = new FileDraft("c.csv").add(`${header}\n`);
  for (const sizeBytes of [10, 299_980, 300_000, 700_000, 20, 1_000_000]) {
    const row = `c,1,,"${'x\n""y'.repeat(sizeBytes / 5).slice(0, sizeBytes)}"`.replace(/"+$/, '"');
    if (row.length > MAX_EVENT_BYTES) long.add(`${row}\r\n`, row);
    else {
      const text = row.slice(6, -1).replaceAll('""', '"');
      long.add(`${row}\r\n`, `{"customer":{"id":"c","ok":null},"n":1,"t":${JSON.stringify(text)}}`);
    }
  }
  // Without a line end.
  long.click(7, "the last", "");
  return [many, bad, long, new FileDraft("d.csv").add(`${header}\n`), new FileDraft("e.csv")];
}

const files = drafts();

function subjectOf(pack: (text: string) => Buffer, csv: CsvReading = plain) {
  return async (): Promise<SourceSubject> => {
    const folder = emptyFolder();
    for (const [i, { text }] of files.entries()) writeFiles(folder, { [`${"bacde"[i]}.csv`]: pack(text) });
    return {
      open: (resume, buffers) =>
        openFileSource(
          { path: "*.csv", follow: false, csv },
          sourceContext(folder, { resume, buffers, maxEventBytes: MAX_EVENT_BYTES, format: "csv", schema }),
        ),
      expected: files.flatMap(({ lines }) => lines),
    };
  };
}

describe("the file source of CSV", () => {
  describe("as it is", () => sourceConformance(subjectOf(Buffer.from), { resumes: true }));
  describe("packed by gzip", () => sourceConformance(subjectOf(gzipSync), { resumes: true }));
  describe("packed by zstd", () =>
    sourceConformance(
      subjectOf((text) => zstdCompressSync(text)),
      { resumes: true },
    ));
});

interface Read {
  readonly texts: readonly string[];
  readonly lines: readonly Line[];
  readonly refused: readonly RefusedRecord[];
  readonly positions: Positions;
  readonly warnings: readonly string[];
}

async function read(
  folder: string,
  csv: Partial<CsvReading> = {},
  {
    resume = new Map(),
    maxEventBytes = MAX_EVENT_BYTES,
  }: { resume?: Positions; maxEventBytes?: number } = {},
): Promise<Read> {
  const taken = new Taken();
  const refused: RefusedRecord[] = [];
  const context = sourceContext(folder, { resume, maxEventBytes, format: "csv", schema });
  const source = await openFileSource({ path: "in.csv", follow: false, csv: { ...plain, ...csv } }, context);
  try {
    for await (const item of source.items(new AbortController().signal)) {
      if (item.content.kind === "batch") refused.push(...(item.content.batch.records?.refused ?? []));
      taken.take(item);
    }
  } finally {
    await source.close();
  }
  const { lines, positions } = taken;
  return { texts: taken.texts, lines, refused, positions, warnings: context.warnings };
}

function folderWith(content: string | Uint8Array): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, "in.csv"), content);
  return folder;
}

describe("a file", () => {
  test.each([
    ["utf-16le", Buffer.from("\ufeffn,t,customer.id\r\n1,kä\u{1f600},a\r\n", "utf16le")],
    ["utf-16be", Buffer.from("\ufeffn,t,customer.id\r\n1,kä\u{1f600},a\r\n", "utf16le").swap16()],
    ["windows-1252", Buffer.from("n,t,customer.id\n1,k\u00e4\u0080,a\n", "latin1")],
    [
      "shift_jis",
      Buffer.from([...Buffer.from("n,t,customer.id\n1,"), 0x83, 0x7c, 0x2c, ...Buffer.from("a\n")]),
    ],
  ] as const)("in %s is read", async (charset, content) => {
    const { texts: events, refused } = await read(folderWith(content), { charset });
    const text = { "windows-1252": "kä€", shift_jis: "ポ" }[String(charset)] ?? "kä\u{1f600}";
    expect(Buffer.from(events.join(), "latin1").toString()).toBe(
      `{"n":1,"t":"${text}","customer":{"id":"a"}}`,
    );
    expect(refused).toEqual([]);
  });

  test("with bytes that are no text in its charset loses no row but that", async () => {
    const content = Buffer.from([
      ...Buffer.from("n,t,customer.id\n1,a,b\n2,"),
      0x81,
      ...Buffer.from(",b\n3,a,b\n"),
    ]);
    const { texts: events, refused } = await read(folderWith(content), { charset: "shift_jis" });
    expect(events.length).toBe(3);
    expect(refused.map(({ record, reason }) => [record, reason])).toEqual([
      [1, "The row holds bytes that are no text in the file's charset."],
    ]);
  });

  test("in another charset goes on behind any row", async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => `${n},käse ${n},c\r\n`);
    const folder = folderWith(Buffer.from(`n,t,customer.id\r\n${rows.join("")}`, "utf16le"));
    const whole = await read(folder, { charset: "utf-16le" });
    expect(whole.lines.at(-1)).toMatchObject({ line: 3001 });
    const first = new Taken();
    const context = sourceContext(folder, { format: "csv", schema });
    const csv = { ...plain, charset: "utf-16le" } as const;
    const source = await openFileSource({ path: "in.csv", follow: false, csv }, context);
    for await (const item of source.items(new AbortController().signal)) {
      first.take(item);
      break;
    }
    await source.close();
    expect(first.lines.length).toBeGreaterThan(0);
    expect(first.lines.length).toBeLessThan(3000);
    const rest = await read(folder, { charset: "utf-16le" }, { resume: first.positions });
    expect([...first.lines, ...rest.lines]).toEqual(whole.lines);
  });

  test("without names is read by those of the program", async () => {
    const folder = folderWith("A title\n\nn;name;id\n1;'it''s; me';x\n2;NULL;'NULL'\n");
    const columns = ["n", "t", "customer.id"];
    const csv = { columns, skip: 2, delimiter: ";", quote: "'", null: "NULL" } as const;
    expect((await read(folder, csv)).texts).toEqual([
      '{"n":1,"t":"it\'s; me","customer":{"id":"x"}}',
      '{"n":2,"t":null,"customer":{"id":"NULL"}}',
    ]);
  });

  test("that is continued in its last row is another one", async () => {
    const folder = folderWith("n,t,customer.id\n1,a,b");
    const { positions, texts: events } = await read(folder);
    expect(events.length).toBe(1);
    expect((await read(folder, {}, { resume: positions })).texts).toEqual([]);
    appendFileSync(join(folder, "in.csv"), "\n2,a,b\n");
    expect((await read(folder, {}, { resume: positions })).lines).toMatchObject([
      { line: 3, offsetBytes: 22 },
    ]);
    writeFileSync(join(folder, "in.csv"), "n,t,customer.id\n1,a,bc\n2,a,b\n");
    expect(await codeOf(read(folder, {}, { resume: positions }))).toBe("file.changed");
  });

  test("whose quote is closed nowhere ends with a refused row, and says where", async () => {
    const rows = Array.from({ length: 50_000 }, (_, n) => `${n},a,b\n`).join("");
    const open = `7,"a,b\n${rows}`;
    const folder = folderWith(`n,t,customer.id\n1,a,b\n${open}`);
    const { texts: events, lines, warnings } = await read(folder, {}, { maxEventBytes: 10_000 });
    expect(events[0]).toBe('{"n":1,"t":"a","customer":{"id":"b"}}');
    expect(events.slice(1)).toEqual([open]);
    expect(lines[1]).toMatchObject({ line: 3 });
    expect(warnings.join()).toContain("line 3 of in.csv");
    const { refused } = await read(folderWith('n,t,customer.id\n1,a,b\n7,"a,b\n8,a,b\n'));
    expect(refused.map(({ code, reason }) => [code, reason])).toEqual([
      ["event.not-csv", "A cell begins with a quote, and no other one closes it."],
    ]);
  });

  test.each([
    ["with two columns of one name", "n,n\n1,2\n", {}],
    ["with a column for a record and for a field of it", "n,customer,customer.id\n", {}],
    ["with a field's column before its record's", "n,customer.id,customer\n", {}],
    ["whose first row is malformed", 'n,"t"x\n1,2\n', {}],
    ["whose first row is no UTF-8", Buffer.from([0x6e, 0xff, 0x0a]), {}],
    ["whose first row is too long", `n,${"t".repeat(400_000)}\n1,2\n`, {}],
    ["with too many columns", `${Array.from({ length: 70_000 }, (_, n) => n).join()}\n`, {}],
    ["whose names of the program are not unique", "1,2\n", { columns: ["n", "n"] }],
  ] as const)("%s is refused", async (_, content, csv) => {
    expect(await codeOf(read(folderWith(content), csv, { maxEventBytes: 390_000 }))).toBe("file.csv");
  });

  test("can't be followed", async () => {
    const context = sourceContext(folderWith(`${header}\n`), { format: "csv", schema });
    expect(await codeOf(openFileSource({ path: "in.csv", follow: true }, context))).toBe("file.csv");
  });
});
