// The transaction of a run: takes the events of all sinks in one cluster, and ends with the group's offsets and the checkpoint's number.
import type { Cut, Reached } from "../delivery.ts";
import { Changes } from "./client/changes.ts";
import type { Producer } from "./client/producer.ts";
import type { GroupOffsets } from "./client/transaction-offsets.ts";
import { rewinding } from "./rewinding.ts";

/** What may wait in memory while a transaction is being ended: the kernels go on meanwhile. */
const HELD_BYTES = 8 * 1_048_576;

/** Appends to a producer what stands in the bytes. */
export type Send = (bytes: Uint8Array, to: Pick<Producer, "append">) => void;

interface Held {
  readonly bytes: Uint8Array;
  readonly send: Send;
}

export class Transaction {
  readonly #producer: Producer;
  /** Behind the cut: what belongs to the next transaction. */
  #held: Held[] = [];
  #heldBytes = 0;
  #cut: { readonly of: Cut; readonly flushed: Promise<void> } | undefined;
  readonly #released = new Changes();

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  /** Takes over the records that `send` makes of the bytes, which may be reused as soon as this returns. */
  write(bytes: Uint8Array, send: Send): void {
    if (this.#cut === undefined) {
      send(bytes, this.#producer);
      return;
    }
    this.#held.push({ bytes: Uint8Array.from(bytes), send });
    this.#heldBytes += bytes.length;
  }

  /** See `Producer.reached`. */
  reached(topic: string): readonly Reached[] {
    return this.#producer.reached(topic);
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#cut !== undefined && this.#heldBytes >= HELD_BYTES) await this.#released.next;
    await rewinding(() => this.#producer.room());
  }

  /**
   * What was appended before this call belongs to the checkpoint; resolves when the brokers have all of it. All sinks call it for the same
   * cut, between two batches. What belonged to a cut that was given up belongs to this one.
   */
  cut(cut: Cut): Promise<void> {
    if (this.#cut?.of === cut) return this.#cut.flushed;
    if (this.#cut !== undefined) this.#release();
    const flushed = rewinding(() => this.#producer.flush());
    this.#cut = { of: cut, flushed };
    return flushed;
  }

  /** Ends the transaction with the offsets; then what came behind the cut begins the next one. */
  async end(cut: Cut, offsets: readonly GroupOffsets[]): Promise<void> {
    await this.cut(cut);
    await rewinding(() => this.#producer.commit(offsets));
    this.#release();
  }

  #release(): void {
    this.#cut = undefined;
    this.#heldBytes = 0;
    for (const { bytes, send } of this.#held.splice(0)) send(bytes, this.#producer);
    this.#released.tell();
  }
}
