// What a fetcher hands out: a run of messages of one partition.
import type { Header } from "../../delivery.ts";
import type { TopicPartition } from "./partitions.ts";

/** Parallel arrays, one entry a message. Keys, values and headers are views of one buffer: copy what has to outlive the chunk. */
export interface Fetched extends TopicPartition {
  readonly offsets: readonly number[];
  /** Epoch milliseconds: when it was made, or appended, as the topic says. */
  readonly timestampsMs: readonly number[];
  readonly keys: readonly (Uint8Array | null)[];
  readonly values: readonly (Uint8Array | null)[];
  readonly headers: readonly (readonly Header[])[];
  /** Where to go on: behind transaction markers, what was undone, and what was compacted away, too. A chunk may hold nothing else. */
  readonly nextOffset: number;
  /** One past the last message that the partition's replicas have. */
  readonly highWatermark: number;
}
