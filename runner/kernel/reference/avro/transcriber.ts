// Writes one stream in the format that its source does not have: each event is first written in the source's, then transcribed.
import type { OutputPlan, StreamPlan } from "../../../plan/plan.ts";
import { EventWriter, type StreamParts } from "../event-writer.ts";
import type { Output, Viewed } from "../output.ts";
import { JsonToAvro } from "./from-json.ts";
import type { Ready } from "./ready.ts";
import { AvroToJson } from "./to-json.ts";

const lineFeed = 0x0a;

export class Transcriber extends EventWriter {
  private readonly native: EventWriter;
  /** The native form is written for itself, too: just before. */
  private readonly shared: boolean;
  private readonly transcribe: (source: Output, start: number, target: Output) => void;

  /** `shape`: of the stream's schema. */
  constructor(
    plan: StreamPlan,
    output: OutputPlan,
    parts: StreamParts,
    native: EventWriter,
    shared: boolean,
    shape: Ready,
  ) {
    super(plan, output, parts);
    this.native = native;
    this.shared = shared;
    this.transcribe = output.format === "json" ? jsonOf(shape) : avroOf(shape);
  }

  write(batch: Viewed, own: Uint8Array, event: Int32Array, base: number): void {
    const { native, shared, output } = this;
    if (!shared) native.write(batch, own, event, base);
    this.begin();
    this.transcribe(native.output, native.lastStart, output);
    if (!shared) native.takeBack();
    this.end(own, event, base);
  }
}

function jsonOf(shape: Ready): (source: Output, start: number, target: Output) => void {
  const json = new AvroToJson();
  return (source, start, target) => {
    json.write(shape, source.bytes, start, target);
    target.byte(lineFeed);
  };
}

function avroOf(shape: Ready): (source: Output, start: number, target: Output) => void {
  const avro = new JsonToAvro();
  return (source, start, target) => avro.write(shape, source.bytes, start, target);
}
