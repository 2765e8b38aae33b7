// The names of the columns, as a file's first row has them.
import type { CsvDialect } from "../../plan/csv-plan.ts";
import { CsvFault } from "./fault.ts";
import { cellFlag, MAX_COLUMNS, type RowScanner, rowFaults } from "./row-scanner.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `row`: begins with the row whose cells the scanner has found. Throws a `CsvFault` where it can't name columns. */
export function namesIn(row: Uint8Array, scanner: RowScanner, { quote }: CsvDialect): readonly string[] {
  const { cells, fault, starts, ends, flags } = scanner;
  const malformed = (why: string) => new CsvFault(`the row of its columns' names is malformed. ${why}`);
  if (fault !== undefined) throw malformed(rowFaults[fault].slice(0, -1));
  if (cells > MAX_COLUMNS) throw malformed(`It names more than ${MAX_COLUMNS} columns`);
  return Array.from({ length: cells }, (_, cell) => {
    const text = textOf(row.subarray(starts[cell], ends[cell]));
    if (text === undefined) throw malformed("It is not valid UTF-8");
    return (flags[cell]! & cellFlag.doubled) === 0 ? text : text.replaceAll(quote + quote, quote);
  });
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
