// CSV as another implementation takes it apart, and as tests write it by hand.
import { parse } from "csv-parse/sync";
import type { CsvDialect } from "../../runner/plan/csv-plan.ts";

export const plainDialect: CsvDialect = { delimiter: ",", quote: '"', nullText: "" };

/** A cell: what it says, and whether it stood in quotes. */
export interface Cell {
  readonly text: string;
  readonly quoted: boolean;
}

/** Throws where the text is no CSV to that implementation, or rows differ in length. */
export function rowsIn(
  text: string,
  { delimiter, quote }: CsvDialect = plainDialect,
): readonly (readonly Cell[])[] {
  const cells = parse(text, {
    delimiter,
    quote,
    escape: quote,
    record_delimiter: ["\n", "\r\n"],
    skip_empty_lines: false,
    relax_column_count: false,
    // A mark tells what stood in quotes.
    cast: (value, { quoting }) => `${quoting ? "q" : "p"}${value}`,
  });
  return cells.map((row) => row.map((cell) => ({ text: cell.slice(1), quoted: cell.startsWith("q") })));
}

/** The cell of a text that is not null. */
export function quotedCell(text: string, { quote }: CsvDialect = plainDialect): string {
  return `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
}
