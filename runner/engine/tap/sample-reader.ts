// Reads the first events out of what a sink is given, in whichever format that is, as fields and values.
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { RowScanner } from "../../formats/csv/row-scanner.ts";
import { readyShape } from "../../kernel/reference/avro/ready.ts";
import { AvroToJson } from "../../kernel/reference/avro/to-json.ts";
import { Output } from "../../kernel/reference/output.ts";
import { type CsvPlan, columnName } from "../../plan/csv-plan.ts";
import type { SourcePlan } from "../../plan/plan.ts";
import { plansToRun } from "../../plan/plan-job.ts";
import { JsonFields, MOST_FIELDS, textOf } from "./json-fields.ts";
import type { TapEvent } from "./tap.ts";
import type { TapTarget } from "./target.ts";

const lineFeed = 0x0a;
/** A larger one is told by its size: nobody reads so much, and taking it apart would hold up the run. */
const MOST_EVENT_BYTES = 65_536;

/** The first `most` events of an output, or as many as it has. */
export type SampleReader = (bytes: Uint8Array, most: number) => readonly TapEvent[];

export function sampleReader(graph: JobGraph, target: TapTarget, uncovered: boolean): SampleReader {
  if (target.format === "json") return jsonReader(new JsonFields(target, uncovered));
  const plan = planWith(graph, target.stream);
  const stream = plan.streams.find(({ name }) => name === target.stream);
  const output = stream?.outputs.find(({ form }) => form === target.form);
  if (output?.csv !== undefined) return csvReader(output.csv, target, uncovered);
  const shapes = plan.avro;
  if (shapes === undefined) throw new Error(`the plan has no schema of ${target.stream}`);
  const raw = stream?.kind === "source" && !plan.sealed;
  return avroReader(readyShape(raw ? shapes.raw : shapes.sealed), new JsonFields(target, uncovered));
}

function planWith(graph: JobGraph, stream: string): SourcePlan {
  const plan = plansToRun(graph).find(({ streams }) => streams.some(({ name }) => name === stream));
  if (plan === undefined) throw new Error(`nobody needs the stream ${stream}`);
  return plan;
}

function jsonReader(json: JsonFields): SampleReader {
  return (bytes, most) => {
    const events: TapEvent[] = [];
    for (let start = 0; events.length < most && start < bytes.length; ) {
      const feed = bytes.indexOf(lineFeed, start);
      const end = feed < 0 ? bytes.length : feed;
      events.push(eventOf(end - start, () => json.of(bytes, start)));
      start = end + 1;
    }
    return events;
  };
}

function avroReader(shape: ReturnType<typeof readyShape>, json: JsonFields): SampleReader {
  const transcribe = new AvroToJson();
  return (bytes, most) => {
    const events: TapEvent[] = [];
    for (let start = 0; events.length < most && start < bytes.length; ) {
      const text = new Output(1024);
      const end = transcribe.write(shape, bytes, start, text);
      events.push(eventOf(end - start, () => json.of(text.bytes, 0)));
      start = end;
    }
    return events;
  };
}

function csvReader(plan: CsvPlan, { shows }: TapTarget, uncovered: boolean): SampleReader {
  const paths = plan.columns.slice(0, MOST_FIELDS).map(columnName);
  const scanner = new RowScanner(plan);
  return (bytes, most) => {
    const events: TapEvent[] = [];
    for (let row = 0; events.length < most && row < bytes.length; ) {
      scanner.begin();
      const start = row;
      const end = scanner.scan(bytes, start, bytes.length);
      row = end < 0 ? bytes.length : end;
      const cell = (i: number) =>
        textOf(bytes, start + (scanner.starts[i] ?? 0), start + (scanner.ends[i] ?? 0));
      events.push(
        eventOf(row - start, () =>
          paths.map((path, i) => ({ path, value: uncovered || shows(path) ? cell(i) : undefined })),
        ),
      );
    }
    return events;
  };
}

function eventOf(sizeBytes: number, fields: () => TapEvent["fields"]): TapEvent {
  return { sizeBytes, fields: sizeBytes > MOST_EVENT_BYTES ? [] : fields() };
}
