// The option `csv` of sources and sinks, where their format is that.
import {
  boolean,
  choice,
  defaulted,
  fixed,
  integer,
  list,
  optional,
  string,
} from "../../../dsl/spec/options.ts";

/** Other characters may stand in numbers and words. */
const delimiters = [",", ";", "\t", "|"] as const;
const quotes = ['"', "'"] as const;

/** Those of the Encoding Standard that `TextDecoder` reads, by one name each. */
export const charsets = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-3",
  "iso-8859-4",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-8",
  "iso-8859-10",
  "iso-8859-13",
  "iso-8859-14",
  "iso-8859-15",
  "iso-8859-16",
  "windows-874",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "ibm866",
  "koi8-r",
  "koi8-u",
  "macintosh",
  "big5",
  "euc-jp",
  "euc-kr",
  "gb18030",
  "gbk",
  "iso-2022-jp",
  "shift_jis",
] as const;

const dialectOptions = {
  delimiter: fixed(defaulted(choice(...delimiters), ",", "What stands between two cells.")),
  quote: fixed(
    defaulted(
      choice(...quotes),
      '"',
      "What stands around a cell that holds the delimiter, a line end or this very sign, which is doubled within.",
    ),
  ),
  null: fixed(
    defaulted(
      string({ without: [...delimiters, ...quotes, "\r", "\n"] }),
      "",
      "What an unquoted cell says that is null. In quotes, it is a text.",
    ),
  ),
};

export const csvReadOptions = {
  columns: fixed(
    optional(
      list(string()),
      "The names of the columns, in order: the dotted paths of the contract's fields. Without it, the first row of each file has them.",
    ),
  ),
  skip: fixed(
    defaulted(
      integer({ min: 0, max: 1000 }),
      0,
      "How many rows to pass over at a file's start: a title, or names that `columns` replaces. Empty lines are no rows.",
    ),
  ),
  ...dialectOptions,
  charset: fixed(
    defaulted(
      choice(...charsets),
      "utf-8",
      "What the file's bytes mean. A byte order mark at its start is passed over.",
    ),
  ),
};

export const csvWriteOptions = {
  header: fixed(defaulted(boolean(), true, "Begin each file with a row of the columns' names.")),
  ...dialectOptions,
};
