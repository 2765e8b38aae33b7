// Which format a source reads or a sink writes when the program doesn't say: by the extension of its path or pattern.

const formatByExtension: ReadonlyMap<string, string> = new Map([
  [".jsonl", "json"],
  [".ndjson", "json"],
  [".json", "json"],
  [".csv", "csv"],
  [".avro", "avro"],
]);

/** The format that a path's extension names, before that of a compression; undefined for extensions that name none. */
export function formatOfPath(path: string): string | undefined {
  const extension = /(\.[a-z0-9]+?)(?:\.gz|\.zst)?$/i.exec(path)?.[1] ?? "";
  return formatByExtension.get(extension.toLowerCase());
}
