// One Kafka cluster as one user: its topics, leaders and coordinators, and the connections to its brokers.
import type { KafkaOptions } from "./options.ts";
import type { TopicPartition } from "./partitions.ts";

export interface NewTopic {
  readonly partitions: number;
  readonly replication: number;
  /** Default: the cluster's. */
  readonly retentionMs?: number;
}

/** `timeMs`: the first message of that time (epoch) or later; the end where there is none. */
export type OffsetAt = "earliest" | "latest" | { readonly timeMs: number };

export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

export class Cluster {
  constructor(options: KafkaOptions) {
    void options;
  }

  /** The number of a topic's partitions; undefined where there is no such topic, or none that this user may know of. */
  partitionsOf(_topic: string): Promise<number | undefined> {
    throw new Error("not yet");
  }

  /** All topics that this user may see, with the number of their partitions; internal ones are left out. */
  topics(): Promise<ReadonlyMap<string, number>> {
    throw new Error("not yet");
  }

  /** Resolves when each partition has a leader. */
  create(_topic: string, _settings: NewTopic): Promise<"created" | "exists"> {
    throw new Error("not yet");
  }

  /** By `partitionKey`. `latest` is the end of what readers of `read_committed` see. */
  offsets(_partitions: readonly TopicPartition[], _at: OffsetAt): Promise<ReadonlyMap<string, number>> {
    throw new Error("not yet");
  }

  /** What the group has committed, by `partitionKey`; partitions without an offset are left out. Waits for transactions that are being decided (KIP-447). */
  committed(
    _group: string,
    _partitions: readonly TopicPartition[],
  ): Promise<ReadonlyMap<string, CommittedOffset>> {
    throw new Error("not yet");
  }

  /** Never throws. */
  close(): Promise<void> {
    throw new Error("not yet");
  }
}
