// What the file connector declares: files of JSON lines, of Avro or of CSV, read by path or glob, written whole or not at all.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
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
  path,
  record,
  required,
  size,
} from "../../../dsl/spec/options.ts";
import { csvReadOptions, csvWriteOptions } from "../../formats/csv/csv-options.ts";

const sourceOptions = {
  path: required(
    either(path(), list(path())),
    "The files to read, relative to the pipeline's file: one path or a list. `*`, `**`, `?` and `{a,b}` are patterns; the files of a pattern are read in the order of their names. A path that matches nothing stops the run. Files that gzip or zstd compressed are recognised by their first bytes and read as what they hold. With `format = avro`, or the extension `.avro`, they are object container files; with `format = csv`, or `.csv`, they have a row for each event.",
  ),
  csv: ofFormat("csv", fixed(optional(record(csvReadOptions), "How the files of CSV are written."))),
  follow: defaulted(
    boolean(),
    false,
    "Keep reading: what is appended is read as it comes, rotated and truncated files are read from their start, and new files of a pattern are picked up. A line without a line end waits for it. The run then ends only when it is stopped. Compressed files are read once, and files of Avro or CSV can't be followed.",
  ),
};

const sinkOptions = {
  path: required(
    path(),
    "The file to write, relative to the pipeline's file. Folders are made. The file appears when it is complete: until then it has a hidden name in the same folder. With `every` or `max_size` there are parts, numbered before the extension: `safe.jsonl` becomes `safe-000001.jsonl`, `safe-000002.jsonl` and so on.",
  ),
  every: optional(
    duration({ minMs: 100 }),
    "Write parts: one appears at the first checkpoint this long after its first event.",
  ),
  max_size: optional(
    size({ minBytes: 65_536 }),
    "Write parts: a new one is begun where the next batch of events would make one larger than this, before compression.",
  ),
  compress: defaulted(
    choice("none", "gzip", "zstd"),
    "none",
    "Compress what is written. The name stays as `path` has it: `safe.jsonl.gz` suits gzip, `safe.jsonl.zst` zstd. In Avro files the blocks are compressed, by `deflate` or `zstandard`, and the name stays `safe.avro`.",
  ),
  csv: ofFormat("csv", fixed(optional(record(csvWriteOptions), "How the file of CSV is to be written."))),
  overwrite: defaulted(
    boolean(),
    false,
    "Replace a file that stands at `path`, whoever wrote it. Without it, only a file is replaced that this pipeline wrote and nobody changed since.",
  ),
};

export const fileSpec = {
  name: "file",
  summary: "Files of JSON lines, of Avro or of CSV, on this machine.",
  source: {
    options: sourceOptions,
    formats: ["json", "avro", "csv"],
    recovery: [
      {
        kind: "exact",
        why: "the checkpoint holds the position in each file, with digests that show whether it is still that file",
      },
    ],
    tuning: ["follow"],
    endless: { when: { follow: true } },
    example: `source clicks of clickstream from file {
  path   = "data/clicks-*.jsonl"
  follow = true
}`,
  },
  sink: {
    options: sinkOptions,
    formats: { events: ["json", "avro", "csv"], rejected: ["json"], keys: ["csv", "json"] },
    recovery: [
      {
        kind: "exact",
        why: "a file has a hidden name until a checkpoint holds all of it, and is cut back to the checkpoint before it is written on",
      },
    ],
    tuning: ["overwrite", "every", "max_size"],
    shared: false,
    place: ["path"],
    credentials: [],
    example: `sink safe into file {
  path = "out/safe.jsonl"
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions, typeof sinkOptions>;
