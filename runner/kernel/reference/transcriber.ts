// Writes one stream in a format that its source does not have: each event is first written in the source's, then transcribed.
import type { OutputPlan, StreamPlan } from "../../plan/plan.ts";
import { EventWriter, type StreamParts } from "./event-writer.ts";
import type { Output, Viewed } from "./output.ts";

/** Appends to `target` the event that stands at `start` in the source's format. */
export type Transcribe = (source: Output, start: number, target: Output) => void;

export class Transcriber extends EventWriter {
  private readonly native: EventWriter;
  /** The native form is written for itself, too: just before. */
  private readonly shared: boolean;
  private readonly transcribe: Transcribe;

  constructor(
    plan: StreamPlan,
    output: OutputPlan,
    parts: StreamParts,
    native: EventWriter,
    shared: boolean,
    transcribe: Transcribe,
  ) {
    super(plan, output, parts);
    this.native = native;
    this.shared = shared;
    this.transcribe = transcribe;
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
