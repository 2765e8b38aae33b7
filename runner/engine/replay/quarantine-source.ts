// A source of events that a step has refused before: each comes with the position that it had, so that its nonce is the same.
import { basename } from "node:path";
import type { Item, OversizePiece, Position, Positions, Source } from "../../connectors/delivery.ts";
import { Fields } from "../../formats/fields.ts";
import type { EventCode } from "../../kernel/event-codes.ts";
import type { QuarantineFile } from "./quarantine-files.ts";
import { type QuarantineRecord, readRecords } from "./records.ts";

/** Opens what `Vault.seal` made. */
export type Open = (jwe: string) => Promise<Uint8Array>;

export interface QuarantineSourceOptions {
  readonly step: string;
  readonly files: readonly QuarantineFile[];
  readonly open: Open;
  readonly maxEventBytes: number;
  readonly resume: Positions;
}

const LINE_FEED = Buffer.from("\n");

export class QuarantineSource implements Source {
  readonly #options: QuarantineSourceOptions;

  constructor(options: QuarantineSourceOptions) {
    this.#options = options;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    for (const { path, sizeBytes } of this.#options.files) {
      const partition = basename(path);
      const from = offsetOf(this.#options.resume.get(partition));
      let line = new LongLine(this.#options.maxEventBytes);
      for await (const record of readRecords(path, sizeBytes)) {
        if (stop.aborted) return;
        if (record.endOffsetBytes <= from || record.step !== this.#options.step) continue;
        const bytes = await this.#options.open(record.event);
        for (const content of line.take(record, bytes)) {
          yield { partition, position: { offset_bytes: record.endOffsetBytes }, content };
        }
        if (record.last) line = new LongLine(this.#options.maxEventBytes);
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Puts the pieces of a line together, as long as it stays within the bound; else they go on as pieces. */
class LongLine {
  readonly #maxEventBytes: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #pieces = 0;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  *take(record: QuarantineRecord, bytes: Uint8Array): Generator<Item["content"], void, void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    const over = this.#pieces > 0 || this.#heldBytes > this.#maxEventBytes;
    if (over) {
      const held = this.#held.splice(0);
      this.#heldBytes = 0;
      for (const [i, one] of held.entries())
        yield this.#piece(record, one, record.last && i === held.length - 1);
    } else if (record.last) {
      yield batchOf(record, Buffer.concat(this.#held));
    }
  }

  #piece(
    { origin, line, offsetBytes, offset, code }: QuarantineRecord,
    bytes: Uint8Array,
    last: boolean,
  ): Item["content"] {
    const piece: OversizePiece = {
      origin,
      line,
      offsetBytes,
      ...(offset !== undefined && { offset }),
      ...(code === ROW_TOO_LARGE && { row: true }),
      piece: ++this.#pieces,
      last,
      bytes: alone(bytes),
    };
    return { kind: "piece", piece };
  }
}

const ROW_TOO_LARGE = "event.row-too-large" satisfies EventCode;

/** What a source refuses before the kernel sees it: the bytes that were kept are no event that could be read as they are. */
const bySource = [
  "event.no-value",
  "event.not-framed",
  "event.unknown-schema",
  "event.schema-mismatch",
  "event.not-avro",
  "event.not-csv",
  ROW_TOO_LARGE,
] as const satisfies readonly EventCode[];

function batchOf(
  { origin, line, offsetBytes, offset, code, reason }: QuarantineRecord,
  bytes: Uint8Array,
): Item["content"] {
  const readTimeMs = Date.now();
  const place = { origin, firstLine: line, offsetBytes, readTimeMs };
  const refused = bySource.find((one) => one === code);
  // A row may have line feeds in its cells.
  const row = offset === undefined && refused !== undefined;
  if (offset === undefined && !row) {
    return { kind: "batch", batch: { ...place, bytes: alone(Buffer.concat([bytes, LINE_FEED])) } };
  }
  const records = {
    ends: Int32Array.of(bytes.length),
    offsets: Float64Array.of(offset ?? offsetBytes),
    ...(row && { lines: Float64Array.of(line) }),
    timesMs: Float64Array.of(readTimeMs),
    ...(refused !== undefined && { refused: [{ record: 0, code: refused, reason }] }),
  };
  return { kind: "batch", batch: { ...place, bytes: alone(bytes), records } };
}

/** A copy in a buffer that nothing else uses. */
function alone(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** How far a replay has come in a file. */
export function offsetOf(position: Position | undefined): number {
  return new Fields(position).number("offset_bytes");
}
