// The writers of a kernel's streams: one for each format that a stream is written in.
import type { SourcePlan, StreamPlan } from "../../plan/plan.ts";
import { DatumWriter } from "./avro/datum-writer.ts";
import { MetaDatum } from "./avro/meta-datum.ts";
import { type Ready, readyShape } from "./avro/ready.ts";
import { ownMembers } from "./avro/scanner.ts";
import type { EventWriter, StreamParts } from "./event-writer.ts";
import { StreamWriter } from "./stream-writer.ts";
import { transcribeTo } from "./transcribe.ts";
import { Transcriber } from "./transcriber.ts";

/** By stream; empty where no sink takes its events. */
export function streamWriters(plan: SourcePlan, parts: StreamParts): readonly (readonly EventWriter[])[] {
  const { avro } = plan;
  const shapes = avro && { raw: readyShape(avro.raw), sealed: readyShape(avro.sealed) };
  const input = avro?.input && readyShape(avro.input);
  const datum = input && new MetaDatum(parts.meta, plan.contract, ownMembers(input));
  const drops =
    avro?.input?.nodes.some((node) => node.kind === "record" && node.fields.some(({ dropped }) => dropped)) ??
    false;
  return plan.streams.map((stream) => {
    const shape = stream.kind === "source" && !plan.sealed ? shapes?.raw : shapes?.sealed;
    return writersOf(stream, plan.format, parts, datum, drops, shape);
  });
}

function writersOf(
  stream: StreamPlan,
  format: SourcePlan["format"],
  parts: StreamParts,
  datum: MetaDatum | undefined,
  drops: boolean,
  shape: Ready | undefined,
): readonly EventWriter[] {
  const own = stream.outputs.find((output) => output.format === format);
  const nativeOutput = own ?? { format, form: format, framed: false };
  const native =
    datum === undefined
      ? new StreamWriter(stream, nativeOutput, parts)
      : new DatumWriter(stream, nativeOutput, parts, datum, drops);
  const others = stream.outputs.filter((output) => output !== own);
  return [
    ...(own === undefined ? [] : [native]),
    ...others.map(
      (output) =>
        new Transcriber(
          stream,
          output,
          parts,
          native,
          own !== undefined,
          transcribeTo(output, format, shape),
        ),
    ),
  ];
}
