// The messages for one partition: batches that wait to be written, in order, one under way at a time.
import { Backoff } from "./backoff.ts";
import { BatchBuilder, type Message } from "./batch-builder.ts";
import type { TopicPartition } from "./partitions.ts";
import type { TopicSettings } from "./producer.ts";

export interface OutBatch {
  readonly builder: BatchBuilder;
  /** What its messages were said to take. */
  readonly sizeBytes: number;
  /** From its first stamp on, and for all tries: brokers know a batch that they have by its stamp. */
  bytes: Buffer | undefined;
  /** Resolves when it is acknowledged, or given up. */
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/** The last number that a message of a partition may have is followed by 0. */
const SEQUENCES = 2 ** 31;

export class Outbox implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly settings: TopicSettings;
  /** The first may be under way. */
  readonly #sealed: OutBatch[] = [];
  #open: BatchBuilder | undefined;
  #openBytes = 0;
  /** When the open batch is sent even if nothing more comes, on the clock of `performance`. */
  #lingersToMs = 0;
  /** Of the next message that is stamped. */
  sequence = 0;
  /** Of the last message that is acknowledged, and of the last one that readers of `read_committed` see; undefined: none is known. */
  lastOffset: number | undefined;
  committedOffset: number | undefined;
  busy = false;
  readonly backoff = new Backoff();

  constructor(topic: string, partition: number, settings: TopicSettings) {
    this.topic = topic;
    this.partition = partition;
    this.settings = settings;
  }

  /** Copies the message; answers whether there is more to send now. `sizeBytes`: at least what it takes. */
  append(message: Message, sizeBytes: number): boolean {
    const { batchBytes, maxMessageBytes, lingerMs } = this.settings;
    const most = Math.min(batchBytes, maxMessageBytes);
    const full = this.#open !== undefined && this.#open.sizeBytes + sizeBytes > most;
    if (full) this.seal();
    const opens = this.#open === undefined;
    if (opens) this.#lingersToMs = performance.now() + lingerMs;
    this.#open ??= new BatchBuilder();
    this.#open.append(message);
    this.#openBytes += sizeBytes;
    return full || opens;
  }

  /** What is open goes out as it is. */
  seal(): void {
    if (this.#open === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const sizeBytes = this.#openBytes;
    this.#sealed.push({ builder: this.#open, sizeBytes, bytes: undefined, done: promise, finish: resolve });
    this.#open = undefined;
    this.#openBytes = 0;
  }

  /** Those that are not acknowledged. */
  get batches(): readonly OutBatch[] {
    return this.#sealed;
  }

  /** The batch to send, if it is time for one. */
  ready(nowMs: number): OutBatch | undefined {
    if (this.busy || this.backoff.dueMs > nowMs) return undefined;
    if (this.#sealed.length === 0 && this.#open !== undefined && this.#lingersToMs <= nowMs) this.seal();
    return this.#sealed[0];
  }

  /** When `ready` is to be asked again, unless something changes before; undefined where nothing waits for a moment. */
  dueMs(nowMs: number): number | undefined {
    if (this.busy) return undefined;
    if (this.#sealed.length > 0) return this.backoff.dueMs > nowMs ? this.backoff.dueMs : undefined;
    return this.#open === undefined ? undefined : Math.max(this.#lingersToMs, this.backoff.dueMs);
  }

  /** The first batch, once it has its place among the partition's messages. */
  stamped(batch: OutBatch, bytes: Buffer): void {
    batch.bytes = bytes;
    this.sequence = (this.sequence + batch.builder.count) % SEQUENCES;
  }

  /** The first batch is acknowledged, `baseOffset` is its first message's, or -1; answers with what its messages were said to take. */
  acknowledged(baseOffset: number): number {
    const batch = this.#sealed.shift();
    // A broker may know that it has the batch and not where: what was known before is true still.
    if (batch !== undefined && baseOffset >= 0) this.lastOffset = baseOffset + batch.builder.count - 1;
    this.backoff.passed();
    batch?.finish();
    return batch?.sizeBytes ?? 0;
  }

  /** What is acknowledged is visible, and stays. */
  committed(): void {
    this.committedOffset = this.lastOffset;
  }

  /** Nothing of it will be sent any more. */
  giveUp(): void {
    for (const { finish } of this.#sealed.splice(0)) finish();
    this.#open = undefined;
    this.#openBytes = 0;
  }
}
