// Reads the first events out of what a sink is given, in whichever format that is, as fields and values.
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { RowScanner } from "../../formats/csv/row-scanner.ts";
import type { StreamOutput } from "../../kernel/kernel.ts";
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
export type SampleReader = (
  output: Pick<StreamOutput, "bytes" | "frames">,
  most: number,
) => readonly TapEvent[];

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
  return ({ bytes }, most) => {
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

/** Datums tell their ends only when they are read, so that it needs the frames, which every output of Avro has. */
function avroReader(shape: ReturnType<typeof readyShape>, json: JsonFields): SampleReader {
  const transcribe = new AvroToJson();
  return ({ bytes, frames }, most) => {
    const ends = [...(frames?.ends.subarray(0, most) ?? [])];
    return ends.map((end, i) => {
      const start = ends[i - 1] ?? 0;
      return eventOf(end - start, () => {
        const text = new Output(1024);
        transcribe.write(shape, bytes, start, text);
        return json.of(text.bytes, 0);
      });
    });
  };
}

function csvReader(plan: CsvPlan, { shows }: TapTarget, uncovered: boolean): SampleReader {
  const paths = plan.columns.map(columnName);
  const scanner = new RowScanner(plan);
  return ({ bytes }, most) => {
    const events: TapEvent[] = [];
    for (let row = 0; events.length < most && row < bytes.length; ) {
      const start = row;
      scanner.begin();
      // The end of a row that is too large is not looked for.
      const bound = Math.min(bytes.length, start + MOST_EVENT_BYTES + 1);
      const end = scanner.scan(bytes, start, bound);
      row = end < 0 ? bytes.length : end;
      const cell = (i: number) =>
        textOf(bytes, start + (scanner.starts[i] ?? 0), start + (scanner.ends[i] ?? 0));
      events.push(
        eventOf((end < 0 ? bound : end) - start, () => ({
          fields: paths
            .slice(0, MOST_FIELDS)
            .map((path, i) => ({ path, value: uncovered || shows(path) ? cell(i) : undefined })),
          more: Math.max(0, paths.length - MOST_FIELDS),
        })),
      );
    }
    return events;
  };
}

function eventOf(sizeBytes: number, read: () => Pick<TapEvent, "fields" | "more">): TapEvent {
  return { sizeBytes, ...(sizeBytes > MOST_EVENT_BYTES ? { fields: undefined, more: 0 } : read()) };
}
