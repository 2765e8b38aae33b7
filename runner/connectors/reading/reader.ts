// Reads one origin by the format of its events, from where a checkpoint left it.
import type { SourceContext } from "../connector.ts";
import type { Item, Position } from "../delivery.ts";
import { AvroReader } from "./avro-reader.ts";
import type { Contents } from "./contents.ts";
import { CsvReader, type CsvReading } from "./csv-reader.ts";
import { LineReader } from "./line-reader.ts";
import type { Origin } from "./origin.ts";

/** Reads one origin to its present end, and to what stands there. */
export interface Reader {
  readonly contents: Contents;
  /** Their partition is the origin's name. */
  items(stop: AbortSignal): AsyncGenerator<Item, void, void>;
  /** What needs no end of its own; nothing more will be read. */
  end(): Iterable<Item>;
  close(): Promise<void>;
}

/** What a source says of its format, in options that are named so. */
export interface ReadingOptions {
  readonly csv?: CsvReading;
}

/** Undefined where what the origin holds is not what `resume` is of. Throws the origin's failures, and what opening and reading it throw. */
export function openReader(
  origin: Origin,
  context: SourceContext,
  { csv }: ReadingOptions,
  resume?: Position,
): Promise<Reader | undefined> {
  switch (context.format) {
    case "avro":
      return AvroReader.open(origin, context, resume);
    case "csv":
      return CsvReader.open(origin, context, csv, resume);
    case "json":
      return LineReader.open(origin, context, resume);
  }
}
