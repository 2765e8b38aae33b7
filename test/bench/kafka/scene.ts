// What each measurement starts from: a broker of its own, and topics that are filled.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../runner/connectors/kafka/client/cluster.ts";
import { KafkaBroker } from "../../kit/kafka-broker.ts";
import { clusterAt, lagOf, openProducer, send } from "../../kit/kafka-data.ts";
import { Replica } from "../../kit/replica.ts";
import { clickOf, sealingPipeline } from "./pipelines.ts";

export const PARTITIONS = 6;

export interface Scene {
  readonly kafka: KafkaBroker;
  readonly cluster: Cluster;
  readonly folder: string;
}

/** Brings up a broker, and stops it whatever happens. */
export async function onScene<T>(act: (scene: Scene) => Promise<T>): Promise<T> {
  const kafka = await KafkaBroker.start();
  const folder = mkdtempSync(join(tmpdir(), "strm-bench-"));
  const cluster = clusterAt(kafka.brokers);
  try {
    return await act({ kafka, cluster, folder });
  } finally {
    await cluster.close();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function topicOf({ cluster }: Scene, name: string, partitions = PARTITIONS): Promise<string> {
  await cluster.create(name, { partitions, replication: 1 });
  return name;
}

/** Fills a topic with so many clicks, keyed by session. */
export async function fill({ cluster }: Scene, topic: string, events: number): Promise<void> {
  const producer = await openProducer(cluster);
  for (let from = 0; from < events; from += 5000) {
    const count = Math.min(5000, events - from);
    const nowMs = Date.now();
    const messages = Array.from({ length: count }, (_, i) => ({ value: clickOf(from + i, nowMs) }));
    await send(producer, topic, PARTITIONS, messages);
  }
  await producer.flush();
  await producer.close();
}

export interface ReplicaWish {
  readonly input: string;
  readonly output: string;
  readonly group: string;
  /** Names the replica's folder. */
  readonly name: string;
  readonly workers?: number;
  /** Lines for the source. */
  readonly more?: string;
}

/** A replica of the sealing pipeline; replicas of one scene share no state. */
export function replicaOf({ kafka, folder }: Scene, wish: ReplicaWish): Replica {
  const { input, output, group, name, workers = 1, more = "" } = wish;
  const pipeline = join(folder, `${name}.strm`);
  writeFileSync(pipeline, sealingPipeline({ input, output }, group, more));
  const env = { KAFKA_BROKERS: kafka.brokers };
  return new Replica({ pipeline, stateDir: join(folder, `state-${name}`), env, workers });
}

/** Events a second from the first commit to the last one, without the start of a process: looks at the group's lag until there is none. */
export async function rateOf(
  { cluster }: Scene,
  group: string,
  input: string,
  events: number,
): Promise<number> {
  let first: { readonly atMs: number; readonly left: number } | undefined;
  for (;;) {
    const left = await lagOf(cluster, group, input);
    const atMs = performance.now();
    if (left < events) first ??= { atMs, left };
    if (left === 0 && first !== undefined) return (first.left / (atMs - first.atMs)) * 1000;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
