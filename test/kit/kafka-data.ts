// Writes messages to topics, and reads all that stands in them, for tests.
import { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { Fetcher } from "../../runner/connectors/kafka/client/fetcher.ts";
import type { KafkaOptions } from "../../runner/connectors/kafka/client/options.ts";
import { partitionKey } from "../../runner/connectors/kafka/client/partitions.ts";
import { Producer } from "../../runner/connectors/kafka/client/producer.ts";
import { decisionsArrive } from "./kafka-decisions.ts";

export interface ReadMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly bytes: Uint8Array | null;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly timestampMs: number;
}

export interface SentMessage {
  readonly value: string | Uint8Array | null;
  readonly key?: string;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timestampMs?: number;
}

export function clusterAt(brokers: string, more: Partial<KafkaOptions> = {}): Cluster {
  return new Cluster({
    brokers: brokers.split(","),
    clientId: "strm-tests",
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
    ...more,
  });
}

/** A name that no other test has. */
export const newName = (name: string): string => `${name}-${crypto.randomUUID().slice(0, 8)}`;

export async function newTopic(cluster: Cluster, name: string, partitions = 1): Promise<string> {
  const topic = newName(name);
  await cluster.create(topic, { partitions, replication: 1 });
  return topic;
}

const settings = {
  compression: "none",
  lingerMs: 5,
  batchBytes: 262_144,
  maxMessageBytes: 1_048_576,
} as const;

/** A producer without transactions. */
export async function openProducer(cluster: Cluster): Promise<Producer> {
  const producer = new Producer(cluster, {
    settings,
    transactionTimeoutMs: 60_000,
    maxBufferedBytes: 16 * 1_048_576,
  });
  await producer.init();
  return producer;
}

/** Appends messages, by default one partition after the other; they are sent when the producer flushes. */
export async function send(
  producer: Producer,
  topic: string,
  partitions: number,
  messages: Iterable<SentMessage>,
): Promise<void> {
  let next = 0;
  for (const {
    value,
    key,
    partition = next++ % partitions,
    headers = {},
    timestampMs = Date.now(),
  } of messages) {
    producer.append({
      topic,
      partition,
      key: key === undefined ? null : Buffer.from(key),
      value: typeof value === "string" ? Buffer.from(value) : value,
      headers: Object.entries(headers).map(([name, text]) => ({ name, value: Buffer.from(text) })),
      timestampMs,
    });
    await producer.room();
  }
}

/** Sends messages and waits until the brokers have them. */
export async function sendAll(
  cluster: Cluster,
  topic: string,
  messages: readonly SentMessage[],
): Promise<void> {
  const producer = await openProducer(cluster);
  await send(producer, topic, (await cluster.partitionsOf(topic)) ?? 1, messages);
  await producer.flush();
  await producer.close();
}

/** All that readers of `read_committed` see, up to the end that the topic has now; in order within each partition. */
export async function readAll(cluster: Cluster, topic: string): Promise<readonly ReadMessage[]> {
  await decisionsArrive(cluster);
  const count = (await cluster.partitionsOf(topic)) ?? 0;
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  const ends = await cluster.offsets(partitions, "latest");
  const starts = await cluster.offsets(partitions, "earliest");
  const open = new Set<string>();
  for (const { partition } of partitions) {
    const key = partitionKey(topic, partition);
    if ((starts.get(key) ?? 0) < (ends.get(key) ?? 0)) open.add(key);
  }
  const fetcher = new Fetcher(cluster, { maxWaitMs: 100, maxBytes: 16 * 1_048_576 });
  fetcher.start(
    partitions.map((one) => ({ ...one, offset: starts.get(partitionKey(topic, one.partition)) ?? 0 })),
  );
  const messages: ReadMessage[] = [];
  while (open.size > 0) {
    const chunk = await fetcher.next();
    if (chunk === undefined) throw new Error("the fetcher ended before the topic did");
    const { partition, offsets, keys, values, headers, timestampsMs, nextOffset } = chunk;
    for (const [i, offset] of offsets.entries()) {
      const value = values[i] ?? null;
      messages.push({
        partition,
        offset,
        key: textOf(keys[i] ?? null),
        value: textOf(value),
        bytes: value && Uint8Array.from(value),
        headers: Object.fromEntries((headers[i] ?? []).map((header) => [header.name, textOf(header.value)])),
        timestampMs: timestampsMs[i] ?? 0,
      });
    }
    const key = partitionKey(topic, partition);
    if (nextOffset >= (ends.get(key) ?? 0)) open.delete(key);
  }
  fetcher.stop();
  return messages;
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString();
}

/** How far the group is behind the end of the topic, over all partitions. */
export async function lagOf(cluster: Cluster, group: string, topic: string): Promise<number> {
  const count = (await cluster.partitionsOf(topic)) ?? 0;
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  const [ends, starts, committed] = await Promise.all([
    cluster.offsets(partitions, "latest"),
    cluster.offsets(partitions, "earliest"),
    cluster.committed(group, partitions),
  ]);
  return partitions.reduce((lag, { partition }) => {
    const key = partitionKey(topic, partition);
    const at = committed.get(key)?.offset ?? starts.get(key) ?? 0;
    return lag + Math.max(0, (ends.get(key) ?? 0) - at);
  }, 0);
}
