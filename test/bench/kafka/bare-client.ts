// The client alone, `bare-client.ts BROKERS INPUT OUTPUT GROUP COMMIT_EVERY_MS EVENTS`: reads and writes each message as it is, in transactions that hold
// the offsets; ends when so many were committed. What strm can reach at most with this client.
import process from "node:process";
import { Fetcher } from "../../../runner/connectors/kafka/client/fetcher.ts";
import { Member } from "../../../runner/connectors/kafka/client/member.ts";
import { partitionKey } from "../../../runner/connectors/kafka/client/partitions.ts";
import { Producer } from "../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../runner/connectors/kafka/topics.ts";
import { clusterAt } from "../../kit/kafka-data.ts";

const [brokers = "", input = "", output = "", group = "", everyMs = "", events = ""] = process.argv.slice(2);
const cluster = clusterAt(brokers);
const member = new Member(cluster, {
  group,
  topics: new TopicChoice(input),
  instanceId: undefined,
  sessionTimeoutMs: 45_000,
  rebalanceTimeoutMs: 60_000,
  metadataMaxAgeMs: 30_000,
});
const producer = new Producer(cluster, {
  transactionalId: `${group}.bare`,
  transactionTimeoutMs: 60_000,
  settings: { compression: "none", lingerMs: 5, batchBytes: 262_144, maxMessageBytes: 1_048_576 },
  maxBufferedBytes: 16 * 1_048_576,
});
await producer.init();
const { partitions, generation, memberId, instanceId } = await member.join();
const fetcher = new Fetcher(cluster, { maxWaitMs: 500, maxBytes: 8 * 1_048_576 });
const starts = await cluster.offsets(partitions, "earliest");
fetcher.start(
  partitions.map((one) => ({ ...one, offset: starts.get(partitionKey(one.topic, one.partition)) ?? 0 })),
);

const positions = new Map<string, { topic: string; partition: number; offset: number }>();
let read = 0;
let committedMs = performance.now();
while (read < Number(events)) {
  const chunk = await fetcher.next();
  if (chunk === undefined) break;
  const { topic, partition, keys, values, headers, timestampsMs, nextOffset } = chunk;
  values.forEach((value, i) => {
    producer.append({
      topic: output,
      partition,
      key: keys[i] ?? null,
      value,
      headers: headers[i] ?? [],
      timestampMs: timestampsMs[i] ?? 0,
    });
  });
  read += values.length;
  positions.set(partitionKey(topic, partition), { topic, partition, offset: nextOffset });
  await producer.room();
  if (performance.now() - committedMs < Number(everyMs)) continue;
  await producer.commit([
    { group, member: { generation, memberId, instanceId }, positions: [...positions.values()] },
  ]);
  positions.clear();
  committedMs = performance.now();
}
if (positions.size > 0) {
  await producer.commit([
    { group, member: { generation, memberId, instanceId }, positions: [...positions.values()] },
  ]);
}
fetcher.stop();
await producer.close();
await member.close();
await cluster.close();
