// Makes batches of the contract's datums out of a block, and pieces of a datum that is over the bound.
import type { Item } from "../../../connectors/delivery.ts";
import type { RefusedRecord } from "../../../kernel/kernel.ts";
import { BATCH_BYTES, BATCH_LINES, type Buffers } from "../../buffers.ts";
import type { AvroType } from "../avro-type.ts";
import { DatumReader } from "../datum-reader.ts";
import { Refusal, type Refused } from "../refused.ts";
import type { Resolve } from "../resolve.ts";
import { ContainerFault } from "./fault.ts";

export interface DatumsOptions {
  /** What the blocks' datums are of. */
  readonly writer: AvroType;
  readonly resolve: Resolve;
  readonly origin: string;
  readonly maxEventBytes: number;
  readonly buffers: Buffers;
}

export interface Given {
  readonly content: Item["content"];
  /** Datums of the block that have been given out with it; of a piece but the last, without its own. */
  readonly taken: number;
}

/** One that is nested deeper than any event may be is still found the end of, so that it alone is refused. */
const MAX_DEPTH = 1000;

interface Held {
  readonly bytes: Uint8Array;
  readonly refused: Refused | undefined;
}

export class Datums {
  readonly #options: DatumsOptions;
  readonly #reader = new DatumReader(new Uint8Array(0), MAX_DEPTH);
  #held: Held[] = [];
  #heldBytes = 0;

  constructor(options: DatumsOptions) {
    this.#options = options;
  }

  /**
   * The datums of a block of `count`, but for the first `skip`. `first`: the running number, in the file, of the block's first one. Throws a
   * `ContainerFault` where the bytes are not so many datums.
   */
  *of(bytes: Uint8Array, count: number, first: number, skip: number): Generator<Given, void, void> {
    const { resolve, maxEventBytes } = this.#options;
    this.#reader.begin(bytes);
    this.#drop();
    for (let i = 0; i < count; i++) {
      const datum = this.#next(bytes);
      if (i < skip) continue;
      if (datum.length > maxEventBytes) {
        if (this.#held.length > 0) yield { content: this.#batch(first + i), taken: i };
        yield* this.#pieces(datum, first + i, i);
        continue;
      }
      const resolved = resolve(datum);
      const refused = resolved instanceof Uint8Array ? undefined : resolved;
      // What was refused is kept as it came.
      const given = resolved instanceof Uint8Array ? resolved : datum;
      const full = this.#held.length === BATCH_LINES || this.#heldBytes + given.length > BATCH_BYTES;
      if (full && this.#held.length > 0) yield { content: this.#batch(first + i), taken: i };
      this.#held.push({ bytes: given, refused });
      this.#heldBytes += given.length;
    }
    if (this.#reader.left > 0) throw new ContainerFault("damaged", "a block of it holds more than it says");
    if (this.#held.length > 0) yield { content: this.#batch(first + count), taken: count };
  }

  #next(bytes: Uint8Array): Uint8Array {
    const start = this.#reader.at;
    try {
      this.#reader.skip(this.#options.writer);
    } catch (error) {
      if (error instanceof Refusal)
        throw new ContainerFault("damaged", "a block of it does not hold what its schema says");
      throw error;
    }
    return bytes.subarray(start, this.#reader.at);
  }

  /** What is held, alone in its buffer; `next`: the running number of what comes behind it. */
  #batch(next: number): Item["content"] {
    const { origin, buffers } = this.#options;
    const held = this.#held;
    const bytes = new Uint8Array(buffers.take(this.#heldBytes), 0, this.#heldBytes);
    const ends = new Int32Array(held.length);
    const refused: RefusedRecord[] = [];
    let at = 0;
    for (const [record, one] of held.entries()) {
      bytes.set(one.bytes, at);
      at += one.bytes.length;
      ends[record] = at;
      if (one.refused !== undefined) refused.push({ record, ...one.refused });
    }
    this.#drop();
    const readTimeMs = Date.now();
    const records = {
      ends,
      offsets: Float64Array.from(held, (_, record) => next - held.length + record),
      timesMs: new Float64Array(held.length).fill(readTimeMs),
      ...(refused.length > 0 && { refused }),
    };
    return { kind: "batch", batch: { bytes, origin, firstLine: 0, offsetBytes: 0, readTimeMs, records } };
  }

  *#pieces(datum: Uint8Array, offset: number, taken: number): Generator<Given, void, void> {
    const { origin, maxEventBytes } = this.#options;
    for (let at = 0, piece = 1; at < datum.length; at += maxEventBytes, piece++) {
      const bytes = new Uint8Array(datum.subarray(at, at + maxEventBytes));
      const last = at + maxEventBytes >= datum.length;
      const content = { origin, line: 0, offsetBytes: 0, offset, piece, last, bytes };
      yield { content: { kind: "piece", piece: content }, taken: last ? taken + 1 : taken };
    }
  }

  #drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}
