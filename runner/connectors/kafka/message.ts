// Makes messages of events: which key and which headers go with each.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Carried, FramedDetail, Header } from "../delivery.ts";
import type { kafkaSpec } from "./spec.ts";

type Options = OptionsOf<typeof kafkaSpec.sink.options>;

/** Called for each message; `value` is a part of the bytes that it was made of, but for a prefix. */
export type TakeMessage = (
  key: Uint8Array | null,
  value: Uint8Array,
  headers: readonly Header[],
  timestampMs: number,
) => void;

export interface MessageOptions extends Pick<Options, "key" | "headers"> {
  readonly stream: string;
  /** The contract's reference. */
  readonly contract: string;
  readonly format: string;
  /** What every value begins with: the frame of a schema registry. */
  readonly prefix: Uint8Array;
}

const lineFeed = 0x0a;
const nothing: Carried = { key: null, headers: [], timestampMs: -1 };

export class Messages {
  readonly #options: MessageOptions;
  readonly #own: readonly Header[];
  readonly #named: ReadonlySet<string>;

  constructor(options: MessageOptions) {
    this.#options = options;
    this.#own = [
      { name: "strm-contract", value: Buffer.from(options.contract) },
      { name: "strm-stream", value: Buffer.from(options.stream) },
    ];
    this.#named = new Set(typeof options.headers === "string" ? [] : options.headers);
  }

  /** Events, told apart by their frames. */
  each(bytes: Uint8Array, { frames, carried }: FramedDetail, take: TakeMessage): void {
    const { ends, records, links, linkEnds } = frames;
    const nowMs = Date.now();
    const tail = this.#options.format === "json" ? 1 : 0;
    for (let i = 0, start = 0, linkStart = 0; i < ends.length; i++) {
      const end = ends[i] ?? start;
      const linkEnd = linkEnds[i] ?? linkStart;
      const own = carried?.[records[i] ?? 0] ?? nothing;
      const event = bytes.subarray(start, end - tail);
      const key = this.#keyOf(event, links, linkStart, linkEnd, own);
      const timestampMs = own.timestampMs < 0 ? nowMs : own.timestampMs;
      take(key, this.#framed(event), this.#headersOf(own), timestampMs);
      start = end;
      linkStart = linkEnd;
    }
  }

  /** Refused events and keys: a message a line. */
  eachLine(bytes: Uint8Array, take: TakeMessage): void {
    const nowMs = Date.now();
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(lineFeed, start);
      const value = bytes.subarray(start, end < 0 ? bytes.length : end);
      take(null, value, this.#own, nowMs);
      start = start + value.length + 1;
    }
  }

  #framed(event: Uint8Array): Uint8Array {
    const { prefix } = this.#options;
    return prefix.length === 0 ? event : Buffer.concat([prefix, event]);
  }

  #keyOf(
    event: Uint8Array,
    links: Uint8Array,
    linkStart: number,
    linkEnd: number,
    { key }: Carried,
  ): Uint8Array | null {
    switch (this.#options.key) {
      case "none":
        return null;
      case "source":
        return key;
      case "link":
        return linkStart < linkEnd ? links.subarray(linkStart, linkEnd) : key;
      default:
        return fieldOf(event, this.#options.key);
    }
  }

  #headersOf({ headers }: Carried): readonly Header[] {
    const wanted = this.#options.headers;
    if (wanted === "none" || headers.length === 0) return this.#own;
    const passed = headers.filter(
      ({ name }) =>
        (wanted === "all" || this.#named.has(name)) && !this.#own.some((own) => own.name === name),
    );
    return [...passed, ...this.#own];
  }
}

/** The field as text, null where the event has none. Any event here is valid JSON. */
function fieldOf(event: Uint8Array, path: string): Uint8Array | null {
  let value: unknown = JSON.parse(Buffer.from(event).toString("utf8"));
  for (const name of path.split(".")) {
    value =
      typeof value === "object" && value !== null
        ? Object.getOwnPropertyDescriptor(value, name)?.value
        : undefined;
  }
  if (value === undefined || value === null) return null;
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}
