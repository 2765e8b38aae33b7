// How a stream is written as CSV, as plain data: its columns in order, and the signs between them.

import { type RecordType, type SchemaType, withoutNull } from "../../dsl/schema/model.ts";
import type { OptionValue, OptionValues } from "../../dsl/spec/option-value.ts";

/** The characters of ASCII that make cells of a line, and the text that stands for null. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
  /** Unquoted; holds neither of the two, and no line end. */
  readonly nullText: string;
}

export interface CsvPlan extends CsvDialect {
  readonly columns: readonly CsvColumn[];
}

export interface CsvColumn {
  /** The names that lead to the field. */
  readonly path: readonly string[];
  /** A text is written as it is; all else, and what may be of several types, as JSON. */
  readonly form: "text" | "json";
}

const META = "strmMeta";

/** Whether files are to begin with the columns' names. */
export function csvHasHeader(options: OptionValues): boolean {
  return tableOf(options.csv).get("header") !== false;
}

/** What a program says of the CSV in its option `csv`; these are literals always. */
export function csvDialect(options: OptionValues): CsvDialect {
  const given = tableOf(options.csv);
  return {
    delimiter: textOf(given.get("delimiter"), ","),
    quote: textOf(given.get("quote"), '"'),
    nullText: textOf(given.get("null"), ""),
  };
}

/**
 * The fields of an event that hold no others, in the schema's order, and those of `strmMeta` last. Lists, maps, and a record within a record
 * of its own kind count as one field.
 */
export function csvColumns(root: RecordType): readonly CsvColumn[] {
  const columns = columnsOf(root, [], []);
  const isMeta = ({ path }: CsvColumn) => path[0] === META;
  return [...columns.filter((column) => !isMeta(column)), ...columns.filter(isMeta)];
}

/** Names a column in a file's first row. */
export function columnName({ path }: CsvColumn): string {
  return path.join(".");
}

function columnsOf(
  record: RecordType,
  above: readonly string[],
  within: readonly RecordType[],
): readonly CsvColumn[] {
  const around = [...within, record];
  return record.fields.flatMap(({ name, type: whole }) => {
    const { type } = withoutNull(whole);
    const path = [...above, name];
    const splits =
      type.kind === "record" &&
      type.fields.length > 0 &&
      !around.some(({ name: other }) => other === type.name);
    return splits ? columnsOf(type, path, around) : [{ path, form: formOf(type) }];
  });
}

function formOf({ kind }: SchemaType): CsvColumn["form"] {
  return kind === "string" || kind === "bytes" || kind === "fixed" || kind === "enum" ? "text" : "json";
}

function textOf(value: OptionValue | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function tableOf(value: OptionValue | undefined): ReadonlyMap<string, OptionValue> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
