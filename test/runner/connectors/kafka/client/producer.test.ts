// Writing to a real broker: in order, each message once, in transactions that fence.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetch } from "../../../../../runner/connectors/kafka/client/apis/log.ts";
import { batchesIn } from "../../../../../runner/connectors/kafka/client/batch-head.ts";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import { Member } from "../../../../../runner/connectors/kafka/client/member.ts";
import { Producer, type ProducerOptions } from "../../../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../../../runner/connectors/kafka/topics.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { deleteTopic, topicWith } from "../../../../kit/kafka-admin.ts";
import {
  clusterAt,
  newName,
  newTopic,
  openProducer,
  readAll,
  send,
  sendAll,
} from "../../../../kit/kafka-data.ts";
import { hasSharedKafka, sharedKafka } from "../../../../kit/shared-kafka.ts";

const settings = {
  compression: "none",
  lingerMs: 0,
  batchBytes: 262_144,
  maxMessageBytes: 1_048_576,
} as const;

describe.skipIf(!hasSharedKafka())("a producer", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = clusterAt(await sharedKafka());
  });
  afterAll(() => cluster.close());

  async function opened(more: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = new Producer(cluster, {
      settings,
      transactionTimeoutMs: 60_000,
      maxBufferedBytes: 1_048_576,
      ...more,
    });
    await producer.init();
    return producer;
  }

  const valuesIn = async (topic: string) => (await readAll(cluster, topic)).map(({ value }) => value);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => ({ value: String(i) }));

  test("writes in order, with keys, headers and times, whatever waits in its buffers", async () => {
    const topic = await newTopic(cluster, "order", 2);
    const producer = await opened({ maxBufferedBytes: 2000, settings: { ...settings, batchBytes: 1500 } });
    for (let i = 0; i < 500; i++) {
      producer.append({
        topic,
        partition: i % 2,
        key: i % 3 === 0 ? null : Buffer.from(`k${i}`),
        value: i % 5 === 0 ? null : Buffer.from(`v${i}`),
        headers: [{ name: "h", value: i % 7 === 0 ? null : Buffer.from(`h${i}`) }],
        timestampMs: 1000 + i,
      });
      await producer.room();
      expect(producer.bufferedBytes).toBeLessThan(2000);
    }
    await producer.flush();
    expect(producer.bufferedBytes).toBe(0);
    const messages = await readAll(cluster, topic);
    expect(messages).toHaveLength(500);
    for (const { partition, offset, key, value, headers, timestampMs } of messages) {
      const i = 2 * offset + partition;
      expect({ key, value, headers, timestampMs }).toEqual({
        key: i % 3 === 0 ? null : `k${i}`,
        value: i % 5 === 0 ? null : `v${i}`,
        headers: { h: i % 7 === 0 ? null : `h${i}` },
        timestampMs: 1000 + i,
      });
    }
    await producer.close();
  });

  test("knows the last offsets of what the brokers have, which is visible at once", async () => {
    const topic = await newTopic(cluster, "offsets", 3);
    await sendAll(cluster, topic, [{ value: "another's", partition: 2 }]);
    const producer = await opened();
    expect(producer.reached(topic)).toEqual([]);
    for (let round = 1; round <= 2; round++) {
      await send(
        producer,
        topic,
        3,
        [0, 0, 0, 2].map((partition) => ({ value: "x", partition })),
      );
      await producer.flush();
      const last = (partition: number, offset: number) => ({
        partition: `${topic}/${partition}`,
        offset,
        committed: offset,
      });
      expect(producer.reached(topic)).toEqual([last(0, 3 * round - 1), last(2, round)]);
    }
    await producer.close();
  });

  test("splits what it sends by bytes", async () => {
    const topic = await newTopic(cluster, "split");
    const producer = await opened({ settings: { ...settings, batchBytes: 10_000, lingerMs: 60_000 } });
    const value = "x".repeat(1000);
    await send(
      producer,
      topic,
      1,
      Array.from({ length: 100 }, () => ({ value })),
    );
    await producer.flush();
    const address = await cluster.leader(topic, 0);
    const partitions = [{ topic, partition: 0, offset: 0, maxBytes: 1_048_576 }];
    const answer = await cluster.send(address, "ask", fetch, {
      maxWaitMs: 0,
      maxBytes: 1_048_576,
      partitions,
    });
    const batches = answer.partitions.flatMap(({ records }) => [...batchesIn(records)]);
    expect(Math.max(...batches.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(10_000);
    expect(Math.max(...batches.map(({ count }) => count))).toBeGreaterThan(5);
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    await producer.close();
  });

  test("tells a message that is too large, and goes on with others", async () => {
    const topic = await newTopic(cluster, "large");
    const producer = await opened();
    const append = (sizeBytes: number) =>
      producer.append({
        topic,
        partition: 0,
        key: null,
        value: Buffer.alloc(sizeBytes),
        headers: [],
        timestampMs: 0,
      });
    expect(() => append(1_048_576)).toThrow(expect.objectContaining({ code: "kafka.message-too-large" }));
    append(1_000_000);
    await producer.flush();
    expect(await readAll(cluster, topic)).toHaveLength(1);
    await producer.close();
  });

  test("tells when the topic takes less than was said", async () => {
    const topic = await topicWith(cluster, "small", { "max.message.bytes": "2000" });
    const producer = await opened();
    await send(producer, topic, 1, [{ value: "x".repeat(5000) }]);
    expect(await codeOf(producer.flush())).toBe("kafka.message-too-large");
    expect(await codeOf(producer.room())).toBe("kafka.message-too-large");
    await producer.close();
  });

  test("fails by the name of a topic that is gone, and no other producer does", async () => {
    const topic = await newTopic(cluster, "gone");
    const kept = await newTopic(cluster, "kept");
    const [producer, other] = [await opened(), await opened()];
    await send(producer, topic, 1, [{ value: "before" }]);
    await producer.flush();
    await deleteTopic(cluster, topic);
    await send(producer, topic, 1, [{ value: "after" }]);
    await expect(producer.flush()).rejects.toMatchObject({
      code: "kafka.no-topic",
      message: expect.stringContaining(topic),
    });
    await send(other, kept, 1, [{ value: "goes on" }]);
    await other.flush();
    expect(await valuesIn(kept)).toEqual(["goes on"]);
    await Promise.all([producer.close(), other.close()]);
  });

  describe("with a transactional id", () => {
    test("shows nothing before the commit, and all of it after", async () => {
      const topic = await newTopic(cluster, "commit", 3);
      const producer = await opened({ transactionalId: newName("commit") });
      for (let round = 1; round <= 3; round++) {
        await send(producer, topic, 3, numbers(10));
        await producer.flush();
        expect(await valuesIn(topic)).toHaveLength(10 * (round - 1));
        await producer.commit([]);
        // The cluster has decided; that reaches the partitions a moment later, all messages of one at once.
        while ((await valuesIn(topic)).length < 10 * round);
        expect(await valuesIn(topic)).toHaveLength(10 * round);
      }
      await producer.commit([]);
      await producer.close();
    });

    test("knows the last offsets of what the brokers have, and of what is visible", async () => {
      const topic = await newTopic(cluster, "offsets", 2);
      const producer = await opened({ transactionalId: newName("offsets") });
      const reached = () => producer.reached(topic).map(({ offset, committed }) => [offset, committed]);
      await send(producer, topic, 1, numbers(10));
      await producer.flush();
      expect(reached()).toEqual([[9, null]]);
      await producer.commit([]);
      expect(reached()).toEqual([[9, 9]]);
      // The commit itself takes an offset of the partition.
      await send(producer, topic, 2, numbers(4));
      await producer.flush();
      expect(reached()).toEqual([
        [12, 9],
        [1, null],
      ]);
      await producer.close();
    });

    test("undoes what an earlier one left open before init resolves, and fences it", async () => {
      const topic = await newTopic(cluster, "fence");
      const transactionalId = newName("fence");
      const zombie = await opened({ transactionalId });
      await send(zombie, topic, 1, numbers(5));
      await zombie.flush();
      const producer = await opened({ transactionalId });
      // The end that readers see is behind all that was undone: nothing is undecided any more.
      expect(
        Object.values(Object.fromEntries(await cluster.offsets([{ topic, partition: 0 }], "latest"))),
      ).toEqual([6]);
      await send(zombie, topic, 1, numbers(5));
      expect(await codeOf(zombie.flush())).toBe("kafka.fenced");
      expect(await codeOf(zombie.commit([]))).toBe("kafka.fenced");
      await send(producer, topic, 1, [{ value: "mine" }]);
      await producer.commit([]);
      expect(await valuesIn(topic)).toEqual(["mine"]);
      await Promise.all([zombie.close(), producer.close()]);
    });

    test("commits offsets with the messages, for several groups, and also without messages", async () => {
      const topic = await newTopic(cluster, "groups", 2);
      const producer = await opened({ transactionalId: newName("groups") });
      const groups = [newName("one"), newName("other")];
      await producer.commit(
        groups.map((group, i) => ({
          group,
          positions: [{ topic, partition: i, offset: 10 + i, metadata: group }],
        })),
      );
      for (const [i, group] of groups.entries()) {
        const committed = await cluster.committed(
          group,
          [0, 1].map((partition) => ({ topic, partition })),
        );
        expect(committed).toEqual(new Map([[`${topic}/${i}`, { offset: 10 + i, metadata: group }]]));
      }
      await producer.close();
    });

    test("commits nothing for a member whose group has moved on (KIP-447), and is of no use then", async () => {
      const topic = await newTopic(cluster, "stale");
      const group = newName("stale");
      const member = new Member(cluster, {
        group,
        topics: new TopicChoice(topic),
        instanceId: undefined,
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        metadataMaxAgeMs: 30_000,
      });
      const stale = await member.join();
      const fresh = await member.join();
      expect(fresh.generation).toBeGreaterThan(stale.generation);
      const transactionalId = newName("stale");
      const producer = await opened({ transactionalId });
      const commit = async (by: Producer, membership: typeof stale, value: string) => {
        await send(by, topic, 1, [{ value }]);
        await by.commit([{ group, member: membership, positions: [{ topic, partition: 0, offset: 1 }] }]);
      };
      expect(await codeOf(commit(producer, stale, "stale"))).toBe("kafka.stale-member");
      expect(await codeOf(producer.flush())).toBe("kafka.stale-member");
      expect(await codeOf(producer.commit([]))).toBe("kafka.stale-member");
      await producer.close();
      expect(await cluster.committed(group, [{ topic, partition: 0 }])).toEqual(new Map());
      const next = await opened({ transactionalId });
      await commit(next, fresh, "fresh");
      expect(await valuesIn(topic)).toEqual(["fresh"]);
      await Promise.all([next.close(), member.close()]);
    });

    test("undoes what is open when it is closed, so that readers don't wait", async () => {
      const topic = await newTopic(cluster, "closed");
      const producer = await opened({ transactionalId: newName("closed") });
      await send(producer, topic, 1, numbers(5));
      await producer.flush();
      await producer.close();
      const other = await openProducer(cluster);
      await send(other, topic, 1, [{ value: "visible" }]);
      await other.flush();
      while ((await valuesIn(topic)).length === 0);
      expect(await valuesIn(topic)).toEqual(["visible"]);
      await other.close();
    });

    test("says what the brokers refuse", async () => {
      const opening = opened({ transactionalId: newName("long"), transactionTimeoutMs: 2_000_000_000 });
      await expect(opening).rejects.toMatchObject({
        code: "kafka.refused",
        message: expect.stringContaining("INVALID_TRANSACTION_TIMEOUT"),
      });
    });
  });
});
