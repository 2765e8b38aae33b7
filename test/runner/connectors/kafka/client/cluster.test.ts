// Topics, offsets and what groups have committed, asked of a real broker.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import { TransactionLog } from "../../../../../runner/connectors/kafka/client/transaction-log.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { clusterAt, newName, newTopic, sendAll } from "../../../../kit/kafka-data.ts";
import { hasSharedKafka, sharedKafka } from "../../../../kit/shared-kafka.ts";

describe.skipIf(!hasSharedKafka())("a cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = clusterAt(await sharedKafka());
  });
  afterAll(() => cluster.close());

  test("makes a topic once, and tells its partitions", async () => {
    const topic = newName("made");
    expect(await cluster.partitionsOf(topic)).toBeUndefined();
    const settings = { partitions: 3, replication: -1, retentionMs: 3_600_000 };
    expect(await cluster.create(topic, settings)).toBe("created");
    expect(await cluster.create(topic, settings)).toBe("exists");
    expect(await cluster.partitionsOf(topic)).toBe(3);
    expect((await cluster.topics()).get(topic)).toBe(3);
  });

  test("says what it refuses, in the broker's words", async () => {
    const making = cluster.create(newName("refused"), { partitions: 1, replication: 7 });
    await expect(making).rejects.toMatchObject({
      code: "kafka.refused",
      message: expect.stringContaining("INVALID_REPLICATION_FACTOR"),
    });
    expect(await codeOf(cluster.create("no/name", { partitions: 1, replication: 1 }))).toBe("kafka.refused");
  });

  test("leaves out internal topics", async () => {
    await cluster.committed(newName("group"), [{ topic: "any", partition: 0 }]);
    expect([...(await cluster.topics()).keys()].filter((name) => name.startsWith("__"))).toEqual([]);
  });

  test("tells offsets by place and by time", async () => {
    const topic = await newTopic(cluster, "offsets", 2);
    const times = [1000, 2000, 3000];
    await sendAll(
      cluster,
      topic,
      times.map((timestampMs) => ({ value: "v", partition: 0, timestampMs })),
    );
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    const at = async (when: Parameters<Cluster["offsets"]>[1]) =>
      Object.fromEntries(await cluster.offsets(partitions, when));
    expect(await at("earliest")).toEqual({ [`${topic}/0`]: 0, [`${topic}/1`]: 0 });
    expect(await at("latest")).toEqual({ [`${topic}/0`]: 3, [`${topic}/1`]: 0 });
    expect(await at({ timeMs: 1500 })).toEqual({ [`${topic}/0`]: 1, [`${topic}/1`]: 0 });
    expect(await at({ timeMs: 9000 })).toEqual({ [`${topic}/0`]: 3, [`${topic}/1`]: 0 });
    expect(await codeOf(cluster.offsets([{ topic, partition: 9 }], "latest"))).toBe("kafka.no-topic");
  });

  test("waits for a transaction that is being decided before it tells a group's offset", async () => {
    const topic = await newTopic(cluster, "stable");
    const group = newName("stable");
    const log = new TransactionLog(cluster, newName("stable"), 60_000);
    await log.init();
    const partition = { topic, partition: 0 };
    expect(await cluster.committed(group, [partition])).toEqual(new Map());
    await log.addOffsets({ group, positions: [{ ...partition, offset: 7, metadata: "here" }] });

    let answered = false;
    const asked = cluster.committed(group, [partition]).then((found) => {
      answered = true;
      return found;
    });
    for (let i = 0; i < 20; i++) await cluster.offsets([partition], "latest");
    expect(answered).toBe(false);
    await log.commit();
    expect(await asked).toEqual(new Map([[`${topic}/0`, { offset: 7, metadata: "here" }]]));
  });
});

describe("what can't be reached", () => {
  test("is a failure that may pass, after some tries", async () => {
    const cluster = clusterAt("127.0.0.1:1");
    await expect(cluster.topics()).rejects.toMatchObject({
      code: "kafka.unreachable",
      message: "The Kafka broker at 127.0.0.1:1 can't be reached: it refuses connections.",
    });
    cluster.close();
    expect(await codeOf(cluster.topics())).toBe("kafka.unreachable");
  });

  test("is told from what is no address", () => {
    expect(() => clusterAt("kafka")).toThrow('"kafka" is not the address of a Kafka broker.');
    expect(() => clusterAt("[::1]:9092,kafka:9092")).not.toThrow();
  });
});
