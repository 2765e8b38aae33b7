// Whole programs that read and write CSV: what sinks of one stream get, what stands for a refused row, and how it comes back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { quotedCell, rowsIn } from "../../kit/csv.ts";
import { emptyFolder, linesOf, writeFiles } from "../../kit/folder.ts";
import { runProgram } from "../../kit/run-program.ts";

const program = (source: string, unknown: string, sinks: string) => `
contract visit as "acme/visit/1.0.0" {
  session: string      @key @pii(1)
  customer: { id: string? @pii(2), age: int? }?
  tags: string[]?      @pii(2)
  at: long?            @time
  consents: int[]      @consent
  @@unknown(${unknown})
}
source visits of visit from ${source}
encrypt visits into safe
decrypt safe into open for granular(1, 2)
${sinks}
`;

const header = "consents,session,customer.id,customer.age,tags,at\n";
const row = (session: string, ...cells: string[]) => `"[0,1,2]",${session},${cells.join(",")}\n`;

const textsOf = (folder: string, path: string) =>
  rowsIn(readFileSync(join(folder, path), "utf8")).map((cells) => cells.map(({ text }) => text));

describe("a program of CSV", () => {
  test("writes what it read, for each sink in its own way, with a header in each part", async () => {
    const folder = emptyFolder();
    const tags = quotedCell('["a","b\\n"]');
    const events = Array.from({ length: 2000 }, (_, n) =>
      row(`s${n}`, `"c\n${n}"`, String(n), tags, "1700000000000"),
    );
    writeFiles(folder, {
      "in.csv.gz": gzipSync(header + events.join("")),
      "a.strm": program(
        'file { path = "in.csv.gz" }',
        "reject",
        `sink safe into file { path = "safe.csv" }
sink open into file { path = "open.csv.gz", compress = gzip }
sink open into file { path = "open.jsonl" }
sink open into file { path = "other.csv", max_size = 64KiB, csv = { delimiter = ";", quote = "'", null = "-" } }
sink open into file { path = "bare.csv", csv = { header = false } }`,
      ),
    });
    const { finished } = await runProgram(folder, "a.strm");
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    const [names, ...safe] = textsOf(folder, "safe.csv");
    expect(names?.join()).toBe(
      "session,customer.id,customer.age,tags,at,consents,strmMeta.eventContractRef,strmMeta.nonce,strmMeta.timestamp,strmMeta.keyLink,strmMeta.consentLevels",
    );
    expect(safe.length).toBe(2000);
    expect(safe[7]?.[2]).toBe("7");
    expect(safe[7]?.[0]).not.toBe("s7");
    const open = rowsIn(gunzipSync(readFileSync(join(folder, "open.csv.gz"))).toString());
    expect(open[8]?.slice(0, 6).map(({ text }) => text)).toEqual([
      "s7",
      "c\n7",
      "7",
      '["a","b\\n"]',
      "1700000000000",
      "[0,1,2]",
    ]);
    expect(rowsIn(readFileSync(join(folder, "bare.csv"), "utf8"))).toEqual(open.slice(1));
    expect(JSON.parse(linesOf(folder, "open.jsonl")[7] ?? "")).toMatchObject({
      session: "s7",
      customer: { id: "c\n7", age: 7 },
    });
    const dialect = { delimiter: ";", quote: "'", nullText: "-" };
    for (const part of ["other-000001.csv", "other-000002.csv"]) {
      const [first] = rowsIn(readFileSync(join(folder, part), "utf8"), dialect);
      expect(first?.map(({ text }) => text)).toEqual(names);
    }
  });

  test("reads what it has sealed, and opens it", async () => {
    const folder = emptyFolder();
    writeFiles(folder, {
      "in.csv": `${header}${row("s", "c", "", "", "")}`,
      "a.strm": program('file { path = "in.csv" }', "reject", 'sink safe into file { path = "safe.csv" }'),
      "b.strm": program("x", "reject", "").replace(
        /source[\s\S]*/,
        `source visits of sealed visit from file { path = "safe.csv" }
decrypt visits into open for granular(1, 2)
sink open into file { path = "open.csv" }`,
      ),
    });
    await runProgram(folder, "a.strm");
    const { finished } = await runProgram(folder, "b.strm");
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    expect(textsOf(folder, "open.csv")[1]?.slice(0, 6)).toEqual(["s", "c", "", "", "", "[0,1,2]"]);
  });

  test.each([
    ["reject", 0, undefined],
    ["drop", 1, undefined],
    ["pass", 1, "m"],
  ] as const)(
    "with a column that its contract lacks does as @@unknown(%s) says",
    async (unknown, events, more) => {
      const folder = emptyFolder();
      writeFiles(folder, {
        "in.csv": "more,consents,session\nm,[1],s\n",
        "a.strm": program('file { path = "in.csv" }', unknown, 'sink safe into file { path = "safe.jsonl" }'),
      });
      const { finished } = await runProgram(folder, "a.strm");
      expect(finished.ledger.balanced).toBe(true);
      const written = linesOf(folder, "safe.jsonl").filter((line) => line !== "");
      expect(written.length).toBe(events);
      expect(written.map((line) => JSON.parse(line).more)).toEqual(written.map(() => more));
    },
  );

  test("keeps all of a refused row, with its line, and replays what became an event", async () => {
    const folder = emptyFolder();
    const refused = [
      [row("s", "c", "old", "", ""), "event.wrong-type", "customer.age", 4],
      ['"[1]",s,"c"c,1,,\n', "event.not-csv", undefined, 5],
      ['"[1]",s,"c\nd"\n', "event.not-csv", undefined, 6],
      [`"[1]",s,"${"x\n".repeat(1000)}",1,,\n`, "event.row-too-large", undefined, 8],
    ] as const;
    const table = `${header}${row('"a\nb"', "c", "1", "", "")}${refused.map(([text]) => text).join("")}${row("t", "c", "1", "", "")}`;
    const sinks = 'sink safe into file { path = "safe.jsonl" }';
    const exposed = 'sink visits.rejected into file { path = "rejected.jsonl", exposing = "a test" }';
    const source = 'file { path = "in.csv" }\n'.replace(" }", ", max_event = 1KiB }");
    writeFiles(folder, {
      "in.csv": table,
      "a.strm": program(source, "reject", sinks),
      "b.strm": program(source, "reject", `${sinks.replace("safe.jsonl", "b.jsonl")}\n${exposed}`),
    });
    const { finished } = await runProgram(folder, "b.strm");
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    const records = linesOf(folder, "rejected.jsonl").map((line) => JSON.parse(line));
    const places = records.map(({ code, path, position }) => [code, path, position.line]);
    const [wrong, bad, few, ...pieces] = records;
    expect(places.slice(0, 4)).toEqual(refused.map(([, code, path, line]) => [code, path, line]));
    expect(JSON.parse(wrong.event)).toMatchObject({
      session: "s",
      customer: { id: "c", age: "old" },
      tags: null,
    });
    expect(bad.event).toBe(refused[1][0].trimEnd());
    expect(few.event).toBe(refused[2][0].trimEnd());
    expect(pieces.map(({ event }) => event).join("")).toBe(refused[3][0].trimEnd());
    const offset = table.indexOf(refused[2][0]);
    expect(few.position).toEqual({ origin: "in.csv", line: 6, offset_bytes: offset });

    const first = await runProgram(folder, "a.strm");
    expect(first.finished).toMatchObject({ outcome: "completed" });
    const again = await runProgram(folder, "a.strm", { replay: {} });
    expect(again.finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    const codes = again.events.flatMap((event) =>
      event.type === "rejected" ? [[event.code, event.events]] : [],
    );
    expect(codes.toSorted()).toEqual([
      ["event.not-csv", 1],
      ["event.not-csv", 1],
      ["event.row-too-large", 1],
      ["event.wrong-type", 1],
    ]);
  });

  test("of Avro files and of JSON lines writes the same rows", async () => {
    const folder = emptyFolder();
    writeFiles(folder, {
      "in.csv":
        header + Array.from({ length: 50 }, (_, n) => row(`s${n}`, "", String(n), "[]", "5")).join(""),
      "a.strm": program(
        'file { path = "in.csv" }',
        "reject",
        'sink open into file { path = "open.avro" }\nsink open into file { path = "open.jsonl" }\nsink open into file { path = "open.csv" }',
      ),
    });
    await runProgram(folder, "a.strm");
    const sealed = (input: string) =>
      program("x", "reject", "").replace(
        /source[\s\S]*/,
        `source visits of sealed visit from file { path = "open.${input}" }
sink visits into file { path = "${input}.csv" }`,
      );
    writeFiles(folder, { "b.strm": sealed("avro"), "c.strm": sealed("jsonl") });
    await runProgram(folder, "b.strm", { stateDir: join(folder, ".b") });
    await runProgram(folder, "c.strm", { stateDir: join(folder, ".c") });
    const expected = readFileSync(join(folder, "open.csv"), "utf8");
    expect(readFileSync(join(folder, "avro.csv"), "utf8")).toBe(expected);
    expect(readFileSync(join(folder, "jsonl.csv"), "utf8")).toBe(expected);
  });
});
