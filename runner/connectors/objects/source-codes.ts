// The codes of failures with objects that are read.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const bucketSourceCodes = {
  "bucket.no-objects": {
    title: "A source finds no object",
    why: "Nothing stands below `prefix` that fits `pattern` and holds a byte. Going on with no events would look like success. Keys that end in `/`, objects without a byte, and names that begin with `.` or `_` don't count.",
    fix: "Correct `bucket`, `prefix` or `pattern`. To wait for objects that come later, say `follow = true`.",
    example: {
      wrong: 'source clicks of clickstream from s3 { bucket = "b", prefix = "click" }',
      right: 'source clicks of clickstream from s3 { bucket = "b", prefix = "clicks" }',
    },
  },
  "bucket.object-changed": {
    title: "An object is not the one that was read",
    why: "It has another version than the one that was read, wholly or in part, or is gone in the middle of reading. Its old events have been delivered; going on in the new one would mix the two.",
    fix: "Say `changed = read` to read new versions from their start: the events that both versions hold come again. Say `changed = ignore` to leave objects as they were read. Either can be said for a run that goes on. `--from-start` reads everything again. Best is to write new objects rather than replace those that are read.",
    example: {
      wrong: 'source clicks of clickstream from s3 { bucket = "b" }',
      right: 'source clicks of clickstream from s3 { bucket = "b", changed = ignore }',
    },
  },
  "bucket.object-damaged": {
    title: "A compressed object or an Avro file in a bucket is damaged",
    why: "It begins as such a file does, but goes on otherwise, or ends too early: whoever wrote it wrote it so.",
    fix: "Write the object anew, or leave it out by `pattern`. What was read of it before was delivered: where it is written anew, say `changed = read` or `changed = ignore`.",
  },
  "bucket.object-format": {
    title: "An object can't be read in the source's format",
    why: "With `format = avro`, an object is an Avro object container file: it names its schema, and its blocks are plain or packed by deflate, snappy or zstandard, of at most 64 MiB each. With `format = csv`, its first row names its columns, each by another name, unless `columns` does.",
    fix: "Leave the object out by `prefix` or `pattern` where it is not meant. Objects of JSON lines are read with `format = json`.",
  },
} as const satisfies Readonly<Record<string, CodePage>>;
