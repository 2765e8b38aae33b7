// The same pipelines over the same events, as JSON and as CSV on either side: what comes out means the same, and nothing else is decided otherwise.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobGraph, Json } from "../../../../../dsl/graph/job-graph.ts";
import type { RecordType } from "../../../../../dsl/schema/model.ts";
import { schemaOfJson } from "../../../../../dsl/schema/read.ts";
import { Buffers } from "../../../../../runner/formats/buffers.ts";
import { Rows } from "../../../../../runner/formats/csv/rows.ts";
import { type CsvDialect, csvColumns } from "../../../../../runner/plan/csv-plan.ts";
import type { SourcePlan } from "../../../../../runner/plan/plan.ts";
import { schemaOfSource, schemaOfStream } from "../../../../../runner/plan/stream-schema.ts";
import { datumOf, graphOfText, inputShapeOf, planIn, runRecords } from "../../../../kit/avro-rig.ts";
import { quotedCell, rowsIn } from "../../../../kit/csv.ts";
import { decisions, fittingLines, strict } from "../../../../kit/differential.ts";
import { randomPipelines } from "../../../../kit/random-pipelines.ts";

const dialects = fc.constantFrom<CsvDialect>(
  { delimiter: ",", quote: '"', nullText: "" },
  { delimiter: ";", quote: "'", nullText: "a" },
  { delimiter: "\t", quote: '"', nullText: "null" },
  { delimiter: "|", quote: '"', nullText: "-" },
);

/** Without what CSV can't tell: members that are null, and objects of such. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .map(([name, member]) => [name, withoutNulls(member)] as const)
    .filter(([, member]) => member !== null && JSON.stringify(member) !== "{}");
  return Object.fromEntries(kept);
}

function rootOf(json: Json): RecordType {
  const { schema } = schemaOfJson(json);
  if (schema === undefined) throw new Error("no schema");
  return schema.root;
}

/** What the first source's events are of, with the fields that no stream has. */
function sourceRoot(graph: JobGraph): RecordType {
  const source = graph.steps.find((step) => step.kind === "source");
  if (source === undefined) throw new Error("no source");
  return rootOf(schemaOfSource(graph, source));
}

function memberAt(event: unknown, path: readonly string[]): unknown {
  let value = event;
  for (const name of path) {
    value =
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([n]) => n === name)?.[1]
        : null;
  }
  return value ?? null;
}

/** A table of events as another program may write it. */
function tableOf(root: RecordType, events: readonly string[], dialect: CsvDialect): string {
  const columns = csvColumns(root);
  const rows = events.map((text) => {
    const event: unknown = JSON.parse(text);
    const cells = columns.map(({ path }) => {
      const value = memberAt(event, path);
      if (value === null) return dialect.nullText;
      return quotedCell(typeof value === "string" ? value : JSON.stringify(value), dialect);
    });
    return cells.join(dialect.delimiter);
  });
  return [columns.map(({ path }) => path.join(".")).join(dialect.delimiter), ...rows].join("\r\n");
}

/** What a source of CSV gives of it. */
function eventsIn(table: string, root: RecordType, dialect: CsvDialect): readonly Buffer[] {
  const rows = new Rows({
    origin: "in.csv",
    maxEventBytes: 1 << 20,
    buffers: new Buffers(2),
    dialect,
    root,
    skip: 0,
    replaced: false,
    warn: () => {},
  });
  const bytes = Buffer.from(table);
  rows.space().set(bytes);
  return [...rows.filled(bytes.length), ...rows.end()].flatMap(({ content }) => {
    if (content.kind === "piece" || content.batch.records?.refused !== undefined)
      throw new Error("a row was refused");
    const { bytes: events, records } = content.batch;
    return Array.from(records?.ends ?? [], (end, i) =>
      Buffer.from(events.subarray(records?.ends[i - 1] ?? 0, end)),
    );
  });
}

/** The events that another program reads out of what a stream was written as. */
function parsedRows(rows: readonly Buffer[], root: RecordType, dialect: CsvDialect): readonly unknown[] {
  const columns = csvColumns(root);
  return rowsIn(Buffer.concat(rows).toString(), dialect).map((row) => {
    expect(row.length).toBe(columns.length);
    const values = columns.map(({ path, form }, i): Value => {
      const { quoted, text } = row[i]!;
      if (!quoted && text === dialect.nullText) return { path, value: null };
      return { path, value: form === "text" ? text : JSON.parse(text) };
    });
    return withoutNulls(nested(values));
  });
}

interface Value {
  readonly path: readonly string[];
  readonly value: unknown;
}

function nested(values: readonly Value[]): unknown {
  const [first] = values;
  if (first?.path.length === 0) return first.value;
  const members = [...Map.groupBy(values, ({ path }) => path[0] ?? "")].map(([name, within]) => [
    name,
    nested(within.map(({ path, value }) => ({ path: path.slice(1), value }))),
  ]);
  return Object.fromEntries(members);
}

const parsedEvents = (events: readonly Buffer[]) =>
  events.map((event) => withoutNulls(JSON.parse(event.toString())));

/** The plan of the first source, whose events come as `input` and go as CSV. */
function toCsv(
  graph: JobGraph,
  input: "json" | "avro" | "csv",
  { delimiter, quote, nullText }: CsvDialect,
): SourcePlan {
  const csv = { delimiter, quote, null: nullText };
  const steps = graph.steps.map((step) =>
    step.kind === "sink" && step.side === "events" ? { ...step, options: { ...step.options, csv } } : step,
  );
  return planIn({ ...graph, steps }, input, "csv")!;
}

describe("CSV and JSON", () => {
  test("random pipelines decide and write the same in every combination of formats", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(randomPipelines, dialects, async ({ program, upstream, lines }, dialect) => {
        const graph = graphOfText(strict(program));
        const json = planIn(graph, "json", "json");
        const avroJson = planIn(graph, "avro", "json");
        if (json === undefined || avroJson?.avro === undefined) return;
        const root = sourceRoot(graph);
        const fitting = await fittingLines(json, upstream, lines);
        const values = fitting.map((line) => Buffer.from(line));
        const rows = eventsIn(tableOf(root, fitting, dialect), root, dialect);
        const datums = fitting.map((line) => datumOf(inputShapeOf(avroJson), line));
        expect(rows.length).toBe(fitting.length);

        const plain = await runRecords(json, values);
        const read = await runRecords(json, rows);
        expect(decisions(read)).toEqual(decisions(plain));
        const written = [
          await runRecords(toCsv(graph, "json", dialect), values),
          await runRecords(toCsv(graph, "csv", dialect), rows),
          await runRecords(toCsv(graph, "avro", dialect), datums),
        ];
        for (const run of written) expect(decisions(run)).toEqual(decisions(plain));
        for (const [stream, events] of Object.entries(plain.streams)) {
          const expected = parsedEvents(events);
          const streamRoot = rootOf(schemaOfStream(graph, stream));
          expect(parsedEvents(read.streams[stream] ?? [])).toEqual(expected);
          for (const run of written) {
            const own = run.streams[stream] ?? [];
            expect(parsedRows(own, streamRoot, dialect)).toEqual(expected);
            // And what strm reads of its own is what it wrote.
            const names = csvColumns(streamRoot).map(({ path }) => path.join("."));
            const table = `${names.join(dialect.delimiter)}\n${Buffer.concat(own).toString()}`;
            expect(parsedEvents(eventsIn(table, streamRoot, dialect))).toEqual(expected);
          }
        }
        compared += fitting.length;
      }),
      { numRuns: Number(process.env.STRM_HISTORIES ?? 150) },
    );
    expect(compared).toBeGreaterThan(100);
  }, 120_000);
});
