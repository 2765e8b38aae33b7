// Reads the messages out of what one fetch brought from one partition, and leaves out what was undone.
import type { AbortedTransaction, FetchAnswer } from "./apis/log.ts";
import { type BatchHead, batchesIn, checkBatch } from "./batch-head.ts";
import { garbled } from "./reach-failures.ts";
import { Records } from "./record-reader.ts";

/** About as much as a chunk holds: a batch is never divided. */
export const CHUNK_BYTES = 262_144;

export class AnswerReader {
  readonly sizeBytes: number;
  readonly highWatermark: number;
  /** Behind all whole batches. */
  readonly nextOffset: number;
  readonly #answer: FetchAnswer;
  readonly #batches: readonly BatchHead[];
  readonly #undone: Undone;
  #position: number;
  #read = 0;

  /** `from`: the offset that was asked for; batches may begin before it. Throws `kafka.garbled`. */
  constructor(answer: FetchAnswer, from: number) {
    this.sizeBytes = answer.records.length;
    this.highWatermark = answer.highWatermark;
    this.#answer = answer;
    this.#position = from;
    this.#undone = new Undone(answer.aborted);
    try {
      this.#batches = [...batchesIn(answer.records)];
    } catch (error) {
      throw this.#damaged(error);
    }
    this.nextOffset = Math.max(from, this.#batches.at(-1)?.nextOffset ?? from);
  }

  get done(): boolean {
    return this.#read === this.#batches.length;
  }

  /** Adds what follows, until there is a chunk or all was read; answers where to go on. Throws `kafka.garbled`. */
  async readInto(records: Records): Promise<number> {
    try {
      while (records.sizeBytes < CHUNK_BYTES) {
        const batch = this.#batches[this.#read];
        if (batch === undefined) break;
        await this.#add(batch, records);
        this.#read++;
        this.#position = Math.max(this.#position, batch.nextOffset);
      }
    } catch (error) {
      throw this.#damaged(error);
    }
    return this.#position;
  }

  async #add(batch: BatchHead, records: Records): Promise<void> {
    checkBatch(batch);
    this.#undone.reach(batch.nextOffset - 1);
    if (batch.control) {
      if (await isAbort(batch)) this.#undone.end(batch.producerId);
    } else if (!(batch.transactional && this.#undone.has(batch.producerId))) {
      await records.add(batch, this.#position);
    }
  }

  #damaged(error: unknown): Error {
    const { topic, partition } = this.#answer;
    return garbled(
      `What partition ${partition} of topic "${topic}" holds from offset ${this.#position} on`,
      error,
    );
  }
}

/** Which producers' messages are undone, from one batch to the next. */
class Undone {
  /** By where they begin, the latest first. */
  readonly #ahead: AbortedTransaction[];
  readonly #producers = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = [...aborted].sort((one, other) => other.firstOffset - one.firstOffset);
  }

  reach(offset: number): void {
    for (
      let next = this.#ahead.at(-1);
      next !== undefined && next.firstOffset <= offset;
      next = this.#ahead.at(-1)
    ) {
      this.#producers.add(next.producerId);
      this.#ahead.pop();
    }
  }

  end(producerId: number): void {
    this.#producers.delete(producerId);
  }

  has(producerId: number): boolean {
    return this.#producers.has(producerId);
  }
}

const ABORT = 0;

/** A control batch holds one record, whose key is a version and a type of two bytes each (KIP-98). */
async function isAbort(batch: BatchHead): Promise<boolean> {
  const records = new Records();
  await records.add(batch, 0);
  const [key] = records.keys;
  return key?.[2] === ABORT && key[3] === ABORT;
}
