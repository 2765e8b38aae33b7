// Reads the rows of one origin of CSV from where a checkpoint left it.

import { schemaOfJson } from "../../../dsl/schema/read.ts";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { csvReadOptions } from "../../formats/csv/csv-options.ts";
import { CsvFault } from "../../formats/csv/fault.ts";
import { Rows, type RowsOptions } from "../../formats/csv/rows.ts";
import type { Framed } from "../../formats/lines.ts";
import type { SourceContext } from "../connector.ts";
import type { Position } from "../delivery.ts";
import { reachedIn } from "../position.ts";
import type { Contents } from "./contents.ts";
import { DecodedContents } from "./decoded-contents.ts";
import { continuedIn, FramedReader } from "./framed-reader.ts";
import type { Origin } from "./origin.ts";

export type CsvReading = OptionsOf<typeof csvReadOptions>;

const DEFAULTS: CsvReading = { delimiter: ",", quote: '"', null: "", skip: 0, charset: "utf-8" };

export class CsvReader extends FramedReader<Origin, Rows> {
  /** See `openReader`. */
  static async open(
    origin: Origin,
    context: SourceContext,
    reading: CsvReading = DEFAULTS,
    resume?: Position,
  ): Promise<CsvReader | undefined> {
    const contents = await openText(origin, reading);
    try {
      const options = rowsOptions(origin, context, reading);
      const reached = resume === undefined ? undefined : reachedIn(resume);
      if (reached === undefined || reached.offset_bytes === 0)
        return new CsvReader(origin, contents, new Rows(options));
      const fingerprint = await contents.seek(reached);
      if (fingerprint !== undefined) {
        const columns = options.columns ?? (await namesOf(origin, reading, options));
        const start = {
          offsetBytes: reached.offset_bytes,
          line: reached.line,
          fingerprint,
          ...(reached.unterminated === true && { continued: () => origin.changed(continuedIn("row")) }),
        };
        return new CsvReader(origin, contents, new Rows({ ...options, columns, start }));
      }
    } catch (error) {
      await contents.close();
      throw csvFailure(error, origin);
    }
    await contents.close();
    return undefined;
  }

  protected override framed(frame: () => readonly Framed[]): readonly Framed[] {
    try {
      return frame();
    } catch (error) {
      throw csvFailure(error, this.origin);
    }
  }
}

async function openText(origin: Origin, { charset }: CsvReading): Promise<Contents> {
  const contents = await origin.open();
  return charset === "utf-8" ? contents : new DecodedContents(contents, charset);
}

function rowsOptions(origin: Origin, context: SourceContext, reading: CsvReading): RowsOptions {
  const { maxEventBytes, buffers, schema, step } = context;
  const root = schema === undefined ? undefined : schemaOfJson(schema).schema?.root;
  if (root === undefined) throw new Error("a source of CSV has no schema");
  const { delimiter, quote, null: nullText, columns, skip, charset } = reading;
  return {
    origin: origin.name,
    maxEventBytes,
    buffers,
    dialect: { delimiter, quote, nullText },
    root,
    ...(columns !== undefined && { columns }),
    skip,
    replaced: charset !== "utf-8",
    warn: (line) =>
      context.warn(
        `Source \`${step}\`: a quote in the row that begins in line ${line} of ${origin.name} is closed nowhere, so that all behind it is a part of that row.`,
        "The row is refused as one event, with all that stands in it. Close the quote, or double it, and read the file again.",
      ),
  };
}

/** Of something that is read from a later place. */
async function namesOf(
  origin: Origin,
  reading: CsvReading,
  options: RowsOptions,
): Promise<readonly string[]> {
  const contents = await openText(origin, reading);
  const rows = new Rows(options);
  try {
    for (;;) {
      const sizeBytes = await contents.read(rows.space());
      const framed = sizeBytes === 0 ? rows.end() : rows.filled(sizeBytes);
      for (const { content } of framed)
        options.buffers.give(
          content.kind === "batch" ? content.batch.bytes.buffer : content.piece.bytes.buffer,
        );
      if (rows.names !== undefined) return rows.names;
      if (sizeBytes === 0) throw new CsvFault("it has no row any more that names its columns");
    }
  } finally {
    rows.close();
    await contents.close();
  }
}

function csvFailure(error: unknown, origin: Origin): unknown {
  return error instanceof CsvFault ? origin.unsupported("csv", error.message, error) : error;
}
