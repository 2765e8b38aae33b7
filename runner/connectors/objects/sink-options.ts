// What every sink of objects may say: when an object is complete, where it stands, how it is named, and what it is made of.
import {
  boolean,
  choice,
  defaulted,
  duration,
  fixed,
  integer,
  ofFormat,
  optional,
  record,
  size,
  string,
} from "../../../dsl/spec/options.ts";
import { csvWriteOptions } from "../../formats/csv/csv-options.ts";

export const objectSinkOptions = {
  prefix: defaulted(
    string(),
    "",
    "What the key of every object begins with. A `/` is put behind it where it has none, so that objects stand in a folder.",
  ),
  csv: ofFormat("csv", fixed(optional(record(csvWriteOptions), "How objects of CSV are to be written."))),
  by: optional(
    string(),
    "Folders by event time (UTC), below the prefix: `date=%Y-%m-%d/hour=%H`. `%Y`, `%m`, `%d`, `%H` and `%M` are filled in. Each folder has objects of its own.",
  ),
  every: optional(
    duration({ minMs: 1000 }),
    "An object is complete this long after its first event. Default: 60s where the source goes on until it is stopped; where it ends by itself, the clock cuts nothing, so that a repeated run writes the same objects.",
  ),
  max_size: defaulted(
    size({ minBytes: 65_536 }),
    134_217_728,
    "An object is complete where the next event would make it larger than this, before compression.",
  ),
  max_events: optional(integer({ min: 1 }), "An object is complete when it has this many events."),
  name: defaulted(
    string(),
    "{time}-{stream}---{partitions}-{id}",
    "How objects are named, below prefix and folders; the extension comes behind it. `{time}`: the time of the first event, UTC. `{partitions}`: the source's partitions or files in it, each with the place of its first event, or their number where they are many. `{id}`: a digest of these places, which must be part of the name: it makes a repeated write the same object.",
  ),
  compress: defaulted(
    choice("none", "gzip", "zstd"),
    "none",
    "Compress objects, and add `.gz` or `.zst` to their names. In Avro files the blocks are compressed, by `deflate` or `zstandard`.",
  ),
  overwrite: defaulted(
    boolean(),
    false,
    "Replace an object that has the same name and other contents. Without it, the run stops there: nobody's object is replaced.",
  ),
} as const;
