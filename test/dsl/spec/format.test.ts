// The extension of a path names a format, also before that of a compression.
import { expect, test } from "vitest";
import { formatOfPath } from "../../../dsl/spec/format.ts";

test.each([
  ["a/b.csv", "csv"],
  ["b.CSV", "csv"],
  ["b.csv.gz", "csv"],
  ["b.jsonl.zst", "json"],
  ["b.avro", "avro"],
  ["b.csv.txt", undefined],
  ["csv.gz", undefined],
  ["b.gz", undefined],
  ["csv", undefined],
])("%s", (path, format) => {
  expect(formatOfPath(path)).toBe(format);
});
