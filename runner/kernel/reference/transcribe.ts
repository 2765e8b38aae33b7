// The ways from the format of a source to the other formats that a stream is written in.
import type { NativeFormat, OutputPlan } from "../../plan/plan.ts";
import { JsonToAvro } from "./avro/from-json.ts";
import type { Ready } from "./avro/ready.ts";
import { AvroToJson } from "./avro/to-json.ts";
import { JsonToCsv } from "./csv/json-to-csv.ts";
import { Output } from "./output.ts";
import type { Transcribe } from "./transcriber.ts";

const lineFeed = 0x0a;

/** `shape`: of the stream's schema; needed where one of the two formats is Avro. */
export function transcribeTo(
  { format, csv }: OutputPlan,
  from: NativeFormat,
  shape: Ready | undefined,
): Transcribe {
  if (csv !== undefined) return csvOf(new JsonToCsv(csv), from === "avro" ? needed(shape) : undefined);
  return format === "avro" ? avroOf(needed(shape)) : jsonOf(needed(shape));
}

function needed(shape: Ready | undefined): Ready {
  if (shape === undefined) throw new Error("A plan with Avro in it lacks its schema.");
  return shape;
}

function jsonOf(shape: Ready): Transcribe {
  const json = new AvroToJson();
  return (source, start, target) => {
    json.write(shape, source.bytes, start, target);
    target.byte(lineFeed);
  };
}

function avroOf(shape: Ready): Transcribe {
  const avro = new JsonToAvro();
  return (source, start, target) => avro.write(shape, source.bytes, start, target);
}

/** A datum is brought to JSON first, so that what a cell says is decided in one place. */
function csvOf(csv: JsonToCsv, datum: Ready | undefined): Transcribe {
  if (datum === undefined) return (source, start, target) => csv.write(source, start, target);
  const json = new AvroToJson();
  const event = new Output();
  return (source, start, target) => {
    event.at = 0;
    json.write(datum, source.bytes, start, event);
    csv.write(event, 0, target);
  };
}
