// What the file connector declares: files of JSON lines, read by path or glob, written whole or not at all.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { boolean, defaulted, either, list, path, required } from "../../../dsl/spec/options.ts";

const sourceOptions = {
  path: required(
    either(path(), list(path())),
    "The files to read, relative to the pipeline's file: one path or a list. `*`, `**`, `?` and `{a,b}` are patterns; the files of a pattern are read in the order of their names. A path that matches nothing stops the run.",
  ),
  follow: defaulted(
    boolean(),
    false,
    "Keep reading: what is appended is read as it comes, rotated and truncated files are read from their start, and new files of a pattern are picked up. The run then ends only when it is stopped.",
  ),
};

const sinkOptions = {
  path: required(
    path(),
    "The file to write, relative to the pipeline's file. Folders are made. The file appears when it is complete: until then it has a hidden name in the same folder.",
  ),
  overwrite: defaulted(
    boolean(),
    false,
    "Replace a file that stands at `path`, whoever wrote it. Without it, only a file is replaced that this pipeline wrote and nobody changed since.",
  ),
};

export const fileSpec = {
  name: "file",
  summary: "Files of JSON lines on this machine.",
  source: {
    options: sourceOptions,
    formats: ["json"],
    replay: { kind: "whole", why: "files are read from their start in every run" },
    example: `source clicks of clickstream from file {
  path   = "data/clicks-*.jsonl"
  follow = true
}`,
  },
  sink: {
    options: sinkOptions,
    formats: { events: ["json"], rejected: ["json"], keys: ["csv", "json"] },
    repeat: {
      kind: "replaces",
      why: "a file appears complete, by one rename, in the place of the one the last run wrote",
    },
    place: ["path"],
    credentials: [],
    example: `sink safe into file {
  path = "out/safe.jsonl"
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions, typeof sinkOptions>;
