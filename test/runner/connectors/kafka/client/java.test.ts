// Java's own client reads what we write and we read what it writes, by every codec.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import { compressions } from "../../../../../runner/connectors/kafka/client/compression.ts";
import { Member } from "../../../../../runner/connectors/kafka/client/member.ts";
import { Producer } from "../../../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../../../runner/connectors/kafka/topics.ts";
import { KafkaBroker } from "../../../../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic, readAll } from "../../../../kit/kafka-data.ts";
import { hasOwnKafka } from "../../../../kit/shared-kafka.ts";

describe.skipIf(!hasOwnKafka())("beside Java's client", () => {
  let broker: KafkaBroker;
  let cluster: Cluster;
  beforeAll(async () => {
    broker = await KafkaBroker.start();
    cluster = clusterAt(broker.brokers);
  });
  afterAll(async () => {
    cluster.close();
    await broker.stop();
  });

  test.each(compressions)("we read what it writes by %s", async (by) => {
    const topic = await newTopic(cluster, "theirs");
    const count = 3000;
    const { code, stderr } = await broker.tool(
      "org.apache.kafka.tools.ProducerPerformance",
      ...["--bootstrap-server", broker.brokers, "--topic", topic, "--num-records", String(count)],
      ...["--throughput", "-1", "--payload-monotonic"],
      ...["--command-property", `compression.type=${by}`, "linger.ms=50", "batch.size=65536"],
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const values = (await readAll(cluster, topic)).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: count }, (_, i) => String(i)));
  });

  test("it reads what we write by each, in transactions, with keys and headers", async () => {
    const topic = await newTopic(cluster, "ours");
    const expected: string[] = [];
    for (const compression of compressions) {
      const producer = new Producer(cluster, {
        transactionalId: newName("ours"),
        transactionTimeoutMs: 60_000,
        settings: { compression, lingerMs: 5, batchBytes: 65_536, maxMessageBytes: 1_048_576 },
        maxBufferedBytes: 1_048_576,
      });
      await producer.init();
      for (let i = 0; i < 500; i++) {
        producer.append({
          topic,
          partition: 0,
          key: i % 2 === 0 ? Buffer.from(`k${i}`) : null,
          value: Buffer.from(`${compression} ${i} ${"x".repeat(i)}`),
          headers: [{ name: "codec", value: Buffer.from(compression) }],
          timestampMs: 1_700_000_000_000 + i,
        });
        const key = i % 2 === 0 ? `k${i}` : "null";
        expected.push(
          `CreateTime:${1_700_000_000_000 + i}\tcodec:${compression}\t${key}\t${compression} ${i} ${"x".repeat(i)}`,
        );
      }
      await producer.commit([]);
      await producer.close();
    }
    const { stdout } = await broker.tool(
      "org.apache.kafka.tools.consumer.ConsoleConsumer",
      ...["--bootstrap-server", broker.brokers, "--topic", topic, "--from-beginning"],
      ...["--max-messages", String(expected.length), "--timeout-ms", "20000"],
      ...["--command-property", "isolation.level=read_committed"],
      ...["timestamp", "headers", "key"].flatMap((what) => ["--formatter-property", `print.${what}=true`]),
    );
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
  });

  test("its tool lists our members with their partitions", async () => {
    const topic = await newTopic(cluster, "listed", 3);
    const group = newName("listed");
    const member = new Member(cluster, {
      group,
      topics: new TopicChoice(topic),
      instanceId: "replica-1",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      metadataMaxAgeMs: 30_000,
    });
    await member.join();
    const { stdout } = await broker.tool(
      "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
      ...["--bootstrap-server", broker.brokers, "--describe", "--members", "--verbose", "--group", group],
    );
    expect(stdout).toContain("replica-1");
    expect(stdout).toContain(`${topic}:0,1,2`);
    await member.close();
  });
});
