// Runs a program's kernel over records, with events as JSON or as Avro on either side.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { BatchResult } from "../../runner/kernel/kernel.ts";
import { openKernel } from "../../runner/kernel/open-kernel.ts";
import { JsonToAvro } from "../../runner/kernel/reference/avro/from-json.ts";
import { type Ready, readyShape } from "../../runner/kernel/reference/avro/ready.ts";
import { AvroToJson } from "../../runner/kernel/reference/avro/to-json.ts";
import { Output } from "../../runner/kernel/reference/output.ts";
import type { EventFormat, SourcePlan } from "../../runner/plan/plan.ts";
import { plansToRun } from "../../runner/plan/plan-job.ts";
import { compileTexts } from "./compile-file.ts";
import { specOf } from "./kernel-rig.ts";
import { MemoryKeys } from "./memory-keys.ts";

/** Throws where the program has an error. */
export function graphOfText(program: string): JobGraph {
  const { graph, diagnostics } = compileTexts({ "main.strm": program });
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return graph;
}

/** The plan of the first source, whose events come and go in these formats. */
export function planIn(graph: JobGraph, input: EventFormat, output: EventFormat): SourcePlan | undefined {
  const steps = graph.steps.map((step) => {
    if (step.kind === "source") return { ...step, options: { ...step.options, format: input } };
    if (step.kind !== "sink" || step.side !== "events") return step;
    return { ...step, options: { ...step.options, format: output }, records: true as const };
  });
  return plansToRun({ ...graph, steps })[0];
}

export interface AvroRun {
  /** The events of each written stream, in order. */
  readonly streams: Readonly<Record<string, readonly Buffer[]>>;
  readonly result: BatchResult;
}

export async function runRecords(
  plan: SourcePlan,
  values: readonly Uint8Array[],
  store?: MemoryKeys,
): Promise<AvroRun> {
  const kernel = await openKernel(specOf(plan));
  let end = 0;
  const records = {
    ends: Int32Array.from(values, (value) => (end += value.length)),
    offsets: Float64Array.from(values, (_, i) => 1000 + i),
    timesMs: Float64Array.from(values, (_, i) => 1_700_000_000_000 + i),
  };
  const bytes = new Uint8Array(Buffer.concat(values));
  const batch = { bytes, origin: "clicks/0", firstLine: 0, offsetBytes: 0, readTimeMs: 0, records };
  const result = kernel.emit(new MemoryKeys(plan, store).resolve(kernel.scan(batch)));
  const streams: Record<string, Buffer[]> = {};
  for (const { stream, bytes: written, frames } of result.outputs) {
    const ends = [...(frames?.ends ?? [])];
    streams[stream] = ends.map((to, i) => Buffer.from(written.subarray(ends[i - 1] ?? 0, to)));
  }
  return { streams, result };
}

/** The root of the schema of a stream's events. */
export function shapeOf(plan: SourcePlan, stream: string): Ready {
  const { avro } = plan;
  if (avro === undefined) throw new Error("the plan has no Avro in it");
  const raw = !plan.sealed && plan.streams[0]?.name === stream;
  return readyShape(raw ? avro.raw : avro.sealed);
}

/** The root of the schema of what comes in, as datums. */
export function inputShapeOf({ avro }: SourcePlan): Ready {
  if (avro?.input === undefined) throw new Error("the plan reads no Avro");
  return readyShape(avro.input);
}

export function datumOf(shape: Ready, event: string | Uint8Array): Buffer {
  const output = new Output();
  const bytes = Buffer.from(event);
  new JsonToAvro().write(shape, bytes, bytes.indexOf("{"), output);
  return Buffer.from(output.bytes.subarray(0, output.at));
}

export function jsonOf(shape: Ready, datum: Uint8Array): string {
  const output = new Output();
  new AvroToJson().write(shape, datum, 0, output);
  return Buffer.from(output.bytes.subarray(0, output.at)).toString();
}
