// The keys of a sink's objects: prefix, folders by time, and a name that is the same whenever the same events are written again.
import type { SinkContext } from "../connector.ts";
import { optionsFailure } from "./options-failure.ts";
import type { Places } from "./places.ts";

/** S3 and Google Cloud Storage take 1,024 bytes. */
const KEY_BYTES = 1024;

export interface NameOptions {
  readonly prefix: string;
  readonly name: string;
  readonly compress: "none" | "gzip" | "zstd";
}

/** What one object's name is made of. */
export interface NameParts {
  /** Ends in `/`, or is empty. */
  readonly folder: string;
  /** Of its first event, epoch milliseconds. */
  readonly timeMs: number;
  readonly places: Places;
  /** What tells it from others where places don't; else empty. */
  readonly mark: string;
}

const suffixes = { none: "", gzip: ".gz", zstd: ".zst" } as const;
const extensions: Readonly<Record<string, string>> = { json: ".jsonl", avro: ".avro", csv: ".csv" };
const contentTypes: Readonly<Record<string, string>> = {
  json: "application/x-ndjson",
  avro: "application/avro",
  csv: "text/csv; charset=utf-8",
};

/** A prefix is a folder's name. */
export function folderOf(prefix: string): string {
  return prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
}

export class ObjectNames {
  /** What every key begins with. */
  readonly prefix: string;
  readonly contentType: string;
  readonly #template: string;
  readonly #stream: string;
  readonly #extension: string;

  /** Throws `bucket.options`. */
  constructor({ prefix, name, compress }: NameOptions, { step, stream, format }: SinkContext) {
    this.prefix = folderOf(prefix);
    const odd = [...name.matchAll(/\{([^{}]*)\}/g)].find(
      ([, part]) => !["time", "stream", "partitions", "id"].includes(part ?? ""),
    );
    if (!name.includes("{id}") || odd !== undefined || this.prefix.startsWith("/")) {
      const what =
        odd !== undefined
          ? `\`name\` has the unknown part \`${odd[0]}\``
          : name.includes("{id}")
            ? "`prefix` begins with `/`"
            : "`name` has no `{id}`, without which two objects could have one name";
      throw optionsFailure(
        step,
        what,
        "A name is made of letters and `{time}`, `{stream}`, `{partitions}`, `{id}`, such as `{time}-{stream}-{id}`; a prefix begins with the name of a folder.",
      );
    }
    this.#template = name;
    this.#stream = stream;
    const packed = format === "avro" ? "" : suffixes[compress];
    this.#extension = `${extensions[format] ?? ""}${packed}`;
    this.contentType = packed === "" ? (contentTypes[format] ?? "") : packedTypes[compress];
  }

  /** The whole key; one that would be too long has its people's part cut short. */
  keyOf({ folder, timeMs, places, mark }: NameParts): string {
    const filled: Readonly<Record<string, string>> = {
      time: timeText(timeMs),
      stream: this.#stream,
      partitions: places.label,
      // With its time: a followed file that was rotated has the same places again.
      id: places.id(this.#stream, folder, String(timeMs), mark),
    };
    const name = this.#template.replace(/\{(\w+)\}/g, (_, part: string) => filled[part] ?? "");
    const key = `${this.prefix}${folder}${name}${this.#extension}`;
    return Buffer.byteLength(key) <= KEY_BYTES
      ? key
      : `${this.prefix}${folder}${filled.id ?? ""}${this.#extension}`;
  }
}

const packedTypes = {
  none: "application/octet-stream",
  gzip: "application/gzip",
  zstd: "application/zstd",
} as const;

/** `2026-11-26T10-15-00Z`: colons are no part of names on every system that objects are copied to. */
function timeText(timeMs: number): string {
  return new Date(timeMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
}
