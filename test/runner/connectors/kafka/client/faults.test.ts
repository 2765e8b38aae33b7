// What may go wrong on the way to a broker: answers that get lost, silence, a broker that is killed in the midst of it all.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { produce } from "../../../../../runner/connectors/kafka/client/apis/log.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from "../../../../../runner/connectors/kafka/client/apis/transaction.ts";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import { Fetcher } from "../../../../../runner/connectors/kafka/client/fetcher.ts";
import { Member } from "../../../../../runner/connectors/kafka/client/member.ts";
import { Producer } from "../../../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../../../runner/connectors/kafka/topics.ts";
import { TransientFailure } from "../../../../../runner/failure.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { KafkaBroker } from "../../../../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic, openProducer, readAll, send } from "../../../../kit/kafka-data.ts";
import { KafkaProxy } from "../../../../kit/kafka-proxy.ts";
import { hasOwnKafka } from "../../../../kit/shared-kafka.ts";

const settings = { compression: "none", lingerMs: 0, batchBytes: 10_000, maxMessageBytes: 10_000 } as const;

describe.skipIf(!hasOwnKafka())("a broker that can't be relied on", () => {
  let broker: KafkaBroker;
  let proxy: KafkaProxy;
  let cluster: Cluster;

  beforeAll(async () => {
    broker = await KafkaBroker.start({
      advertised: async (port) => {
        proxy = await KafkaProxy.to(port);
        return proxy.address;
      },
      properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": "100" },
    });
    cluster = clusterAt(proxy.address);
  });
  afterAll(async () => {
    cluster.close();
    await proxy.close();
    await broker.stop();
  });

  async function opened(at: Cluster, transactionTimeoutMs = 30_000): Promise<Producer> {
    const producer = new Producer(at, {
      transactionalId: newName("faults"),
      transactionTimeoutMs,
      settings,
      maxBufferedBytes: 1_048_576,
    });
    await producer.init();
    return producer;
  }

  const valuesIn = async (topic: string) => (await readAll(cluster, topic)).map(({ value }) => value);

  test.each([
    ["Produce", produce.key],
    ["InitProducerId", initProducerId.key],
    ["AddPartitionsToTxn", addPartitionsToTxn.key],
    ["AddOffsetsToTxn", addOffsetsToTxn.key],
    ["TxnOffsetCommit", txnOffsetCommit.key],
    ["EndTxn", endTxn.key],
  ])("the answer to %s gets lost: all is written once", async (_, key) => {
    const topic = await newTopic(cluster, "lost");
    const group = newName("lost");
    const lost = proxy.lost;
    proxy.loseAnswerTo(key);
    const producer = await opened(cluster);
    const expected: string[] = [];
    for (let round = 1; round <= 3; round++) {
      if (round === 2) proxy.loseAnswerTo(key);
      expected.push(`a${round}`, `b${round}`);
      await send(producer, topic, 1, [{ value: `a${round}` }, { value: `b${round}` }]);
      await producer.commit([{ group, positions: [{ topic, partition: 0, offset: round }] }]);
      // Two messages and the commit's own marker a round; a broker tells where a batch stands that it has already.
      const offset = 3 * round - 2;
      expect(producer.reached(topic)).toEqual([{ partition: `${topic}/0`, offset, committed: offset }]);
    }
    // The second loss of InitProducerId has nobody to wait for it.
    if (key === initProducerId.key) await (await opened(cluster)).close();
    expect(proxy.lost).toBe(lost + 2);
    while ((await valuesIn(topic)).length < expected.length);
    expect(await valuesIn(topic)).toEqual(expected);
    const committed = await cluster.committed(group, [{ topic, partition: 0 }]);
    expect(committed.get(`${topic}/0`)?.offset).toBe(3);
    await producer.close();
  });

  test("no answer to a commit at all: the outcome is unknown, and asking tells", async () => {
    const hasty = clusterAt(proxy.address, { connectTimeoutMs: 300, requestTimeoutMs: 300 });
    const topic = await newTopic(cluster, "unknown");
    const group = newName("unknown");
    const producer = await opened(hasty, 1500);
    await send(producer, topic, 1, [{ value: "written" }]);
    await producer.flush();
    // It is silent from the very moment that it has taken the commit in.
    proxy.silenceAfter(endTxn.key);
    const committing = producer.commit([{ group, positions: [{ topic, partition: 0, offset: 1 }] }]);
    expect(await codeOf(committing)).toBe("kafka.outcome-unknown");
    expect(await codeOf(producer.flush())).toBe("kafka.outcome-unknown");
    proxy.speak();
    const committed = await cluster.committed(group, [{ topic, partition: 0 }]);
    expect(committed.get(`${topic}/0`)?.offset).toBe(1);
    expect(await valuesIn(topic)).toEqual(["written"]);
    await producer.close();
    hasty.close();
  });

  test("a transaction that takes longer than the cluster waits is undone, and its producer fenced", async () => {
    const topic = await newTopic(cluster, "late");
    const producer = await opened(cluster, 1000);
    await send(producer, topic, 1, [{ value: "late" }]);
    await producer.flush();
    const other = await openProducer(cluster);
    await send(other, topic, 1, [{ value: "visible" }]);
    await other.flush();
    // Readers see what came later as soon as the cluster has undone what was open.
    while ((await valuesIn(topic)).length === 0);
    expect(await codeOf(producer.commit([]))).toBe("kafka.fenced");
    expect(await valuesIn(topic)).toEqual(["visible"]);
    await Promise.all([producer.close(), other.close()]);
  });

  test("silence is told as a failure that may pass, and what is buffered goes on after it", async () => {
    const hasty = clusterAt(proxy.address, { connectTimeoutMs: 500, requestTimeoutMs: 500 });
    const topic = await newTopic(cluster, "silence");
    const fetcher = new Fetcher(hasty, { maxWaitMs: 100, maxBytes: 1_048_576 });
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    const producer = await openProducer(hasty);
    proxy.silence();
    await send(producer, topic, 1, [{ value: "through" }]);
    const flushed = producer.flush();
    expect(await codeOf(fetcher.next())).toBe("kafka.unreachable");
    proxy.speak();
    await flushed;
    expect((await fetcher.next())?.offsets).toEqual([0]);
    fetcher.stop();
    await producer.close();
    hasty.close();
  });

  test("killed and started again under load: nothing is lost, nothing comes twice", async () => {
    const topic = await newTopic(cluster, "load", 3);
    const out = await newTopic(cluster, "out", 3);
    const group = newName("load");
    const member = new Member(cluster, {
      group,
      topics: new TopicChoice(topic),
      instanceId: undefined,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      metadataMaxAgeMs: 30_000,
    });
    const total = 30_000;
    const input = await openProducer(cluster);
    const fetcher = new Fetcher(cluster, { maxWaitMs: 100, maxBytes: 1_048_576 });
    const membership = await member.join();
    fetcher.start(membership.partitions.map((one) => ({ ...one, offset: 0 })));
    const output = await opened(cluster, 60_000);

    const written = (async () => {
      for (let i = 0; i < total; i += 100) {
        await send(
          input,
          topic,
          3,
          Array.from({ length: 100 }, (_, j) => ({ value: String(i + j), partition: i % 3 })),
        );
        await input.flush();
      }
    })();
    let restarted: Promise<void> | undefined;
    for (let copied = 0; copied < total; ) {
      const chunk = await patiently(() => fetcher.next());
      if (chunk === undefined) throw new Error("the fetcher was stopped");
      const { partition } = chunk;
      await send(
        output,
        out,
        3,
        chunk.values.map((value) => ({ value, partition })),
      );
      await output.commit([
        { group, member: membership, positions: [{ topic, partition, offset: chunk.nextOffset }] },
      ]);
      copied += chunk.values.length;
      if (copied > total / 3) restarted ??= broker.kill().then(() => broker.restart());
    }
    await Promise.all([written, restarted]);
    const ends = await cluster.offsets(membership.partitions, "latest");
    expect(
      new Map(
        [...(await cluster.committed(group, membership.partitions))].map(([key, { offset }]) => [
          key,
          offset,
        ]),
      ),
    ).toEqual(ends);
    while ((await readAll(cluster, out)).length < total);
    const values = await valuesIn(out);
    expect(values).toHaveLength(total);
    expect(new Set(values).size).toBe(total);
    fetcher.stop();
    await Promise.all([member.close(), input.close(), output.close()]);
  }, 120_000);
});

/** As the engine does: tries again what may pass. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
    }
  }
}
