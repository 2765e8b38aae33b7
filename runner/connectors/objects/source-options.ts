// What every source of objects may say: which objects it reads, whether it waits for more, and what becomes of those that change.
import {
  boolean,
  choice,
  defaulted,
  duration,
  either,
  fixed,
  list,
  ofFormat,
  optional,
  record,
  string,
} from "../../../dsl/spec/options.ts";
import { csvReadOptions } from "../../formats/csv/csv-options.ts";

export const objectSourceOptions = {
  prefix: defaulted(
    string(),
    "",
    "Read the objects below this folder. A `/` is put behind it where it has none. Default: all of the bucket.",
  ),
  csv: ofFormat("csv", fixed(optional(record(csvReadOptions), "How the objects of CSV are written."))),
  pattern: optional(
    either(string(), list(string())),
    'Read only objects whose key, behind `prefix`, fits this pattern, or one of a list: `"**/*.jsonl.gz"`. `*` and `?` stay within a folder, `**` is any number of folders, `{a,b}` is either. What stands before the first of them narrows what is listed. Names that begin with `.` or `_`, as `_SUCCESS` and `_temporary/` do, are passed over unless the pattern begins a name so.',
  ),
  follow: defaulted(
    boolean(),
    false,
    "Keep reading: new objects are picked up, whatever their keys. The run then ends only when it is stopped.",
  ),
  poll_every: defaulted(
    duration({ minMs: 100 }),
    10_000,
    "With `follow`: how long to wait after the objects have been listed before they are listed again. Each 1,000 objects below `prefix` and the pattern's beginning are a request.",
  ),
  changed: defaulted(
    choice("fail", "ignore", "read"),
    "fail",
    "What becomes of an object that has another version than was read of it, wholly or in part. `fail`: the run stops. `ignore`: it stays as it was read; what was left of an old version is lost. `read`: the new version is read from its start, so that events that it shares with the old one come again.",
  ),
} as const;
