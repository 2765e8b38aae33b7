// Gathers events and refused rows until they make a batch.
import type { Batch, RefusedRecord } from "../../kernel/kernel.ts";
import { BATCH_BYTES, BATCH_LINES, type Buffers } from "../buffers.ts";

/** Where a row begins. */
export interface RowPlace {
  readonly line: number;
  readonly offsetBytes: number;
}

export class RowBatch {
  readonly #origin: string;
  readonly #buffers: Buffers;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  #count = 0;
  readonly #ends = new Int32Array(BATCH_LINES);
  readonly #offsets = new Float64Array(BATCH_LINES);
  readonly #lines = new Float64Array(BATCH_LINES);
  #refused: RefusedRecord[] = [];

  constructor(origin: string, buffers: Buffers) {
    this.#origin = origin;
    this.#buffers = buffers;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  /** An empty batch has room for anything. */
  hasRoom(sizeBytes: number): boolean {
    return this.empty || (this.#count < BATCH_LINES && this.#used + sizeBytes <= BATCH_BYTES);
  }

  /** What `[start, end)` holds: an event, or a row that `reason` says is none. */
  add(bytes: Uint8Array, start: number, end: number, { line, offsetBytes }: RowPlace, reason?: string): void {
    this.#bytes ??= new Uint8Array(this.#buffers.take(end - start));
    this.#bytes.set(bytes.subarray(start, end), this.#used);
    this.#used += end - start;
    const record = this.#count++;
    this.#ends[record] = this.#used;
    this.#offsets[record] = offsetBytes;
    this.#lines[record] = line;
    if (reason !== undefined) this.#refused.push({ record, code: "event.not-csv", reason });
  }

  /** What was added since the last time, in a buffer that is given away. */
  take(): Batch {
    const bytes = (this.#bytes ?? new Uint8Array(0)).subarray(0, this.#used);
    const [count, refused, readTimeMs] = [this.#count, this.#refused, Date.now()];
    this.#bytes = undefined;
    this.#used = 0;
    this.#count = 0;
    this.#refused = [];
    const records = {
      ends: this.#ends.slice(0, count),
      offsets: this.#offsets.slice(0, count),
      lines: this.#lines.slice(0, count),
      timesMs: new Float64Array(count).fill(readTimeMs),
      ...(refused.length > 0 && { refused }),
    };
    return { bytes, origin: this.#origin, firstLine: 0, offsetBytes: 0, readTimeMs, records };
  }

  /** Gives back what it holds. */
  close(): void {
    if (this.#bytes !== undefined) this.#buffers.give(this.#bytes.buffer);
    this.#bytes = undefined;
    this.#used = 0;
    this.#count = 0;
  }
}
