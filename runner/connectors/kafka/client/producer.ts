// Writes messages in order, each once, and in transactions where it has a transactional id.
import type { Header } from "../../delivery.ts";
import type { Cluster } from "./cluster.ts";
import type { TopicPartition } from "./partitions.ts";
import type { GroupOffsets } from "./transaction-offsets.ts";

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export interface OutgoingRecord extends TopicPartition {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  /** Epoch milliseconds. */
  readonly timestampMs: number;
}

export interface ProducerOptions {
  /** Absent: messages are visible as soon as they are written, and nothing is ever undone. */
  readonly transactionalId?: string;
  /** How long the cluster waits for a transaction to end before it undoes it. */
  readonly transactionTimeoutMs: number;
  /** Of topics that `topics` does not name. */
  readonly settings: TopicSettings;
  readonly topics?: ReadonlyMap<string, TopicSettings>;
  /** `room` waits where more than this is not acknowledged yet. */
  readonly maxBufferedBytes: number;
}

export interface TopicSettings {
  readonly compression: Compression;
  readonly lingerMs: number;
  /** Of one partition, before compression. */
  readonly batchBytes: number;
  /** What the topic takes at most (`max.message.bytes`). */
  readonly maxMessageBytes: number;
}

export class Producer {
  constructor(cluster: Cluster, options: ProducerOptions) {
    void cluster;
    void options;
  }

  /** Not acknowledged yet. */
  get bufferedBytes(): number {
    throw new Error("not yet");
  }

  /** Before all else: fences and undoes what an earlier producer of the transactional id left open. */
  init(): Promise<void> {
    throw new Error("not yet");
  }

  /** Takes a message over; its bytes may be reused as soon as this returns. Throws `kafka.message-too-large`. */
  append(_record: OutgoingRecord): void {
    throw new Error("not yet");
  }

  /** Resolves when there is room for more. */
  room(): Promise<void> {
    throw new Error("not yet");
  }

  /** Resolves when all that was appended before this call is acknowledged by all in-sync replicas. */
  flush(): Promise<void> {
    throw new Error("not yet");
  }

  /** Flushes, and ends the transaction with these offsets. */
  commit(_offsets: readonly GroupOffsets[]): Promise<void> {
    throw new Error("not yet");
  }

  /** Undoes the open transaction, if any. */
  abort(): Promise<void> {
    throw new Error("not yet");
  }

  /** Gives up what is not acknowledged, and undoes an open transaction where that is quickly done. Never throws. */
  close(): Promise<void> {
    throw new Error("not yet");
  }
}
