// Partitions, and offsets in them.
import type { WireReader } from "./wire-reader.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** No topic's name holds a `/`, so that no two partitions share a key. */
export const partitionKey = (topic: string, partition: number): string => `${topic}/${partition}`;

/** By topic, in the order in which the topics come up: most requests are made that way. */
export function byTopic<T extends TopicPartition>(partitions: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const one of partitions) {
    const there = topics.get(one.topic);
    if (there === undefined) topics.set(one.topic, [one]);
    else there.push(one);
  }
  return topics;
}

/** What an answer holds for each partition, by topic as above. */
export function readByTopic<T>(r: WireReader, read: (topic: string) => T): T[] {
  const topics = r.array(() => {
    const topic = r.string();
    return r.array(() => read(topic));
  });
  return topics.flat();
}
