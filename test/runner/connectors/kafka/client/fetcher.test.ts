// Reading from a real broker: what was committed and nothing else, in order, and never more than there is room for.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Api } from "../../../../../runner/connectors/kafka/client/api.ts";
import { fetch } from "../../../../../runner/connectors/kafka/client/apis/log.ts";
import { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import type { Lane } from "../../../../../runner/connectors/kafka/client/connections.ts";
import { Fetcher } from "../../../../../runner/connectors/kafka/client/fetcher.ts";
import { Producer } from "../../../../../runner/connectors/kafka/client/producer.ts";
import type { Address } from "../../../../../runner/connectors/kafka/client/reach-failures.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { deleteTopic } from "../../../../kit/kafka-admin.ts";
import {
  clusterAt,
  newName,
  newTopic,
  openProducer,
  readAll,
  send,
  sendAll,
} from "../../../../kit/kafka-data.ts";
import { seeded } from "../../../../kit/random.ts";
import { hasSharedKafka, sharedKafka } from "../../../../kit/shared-kafka.ts";

const settings = {
  compression: "none",
  lingerMs: 0,
  batchBytes: 262_144,
  maxMessageBytes: 1_048_576,
} as const;
const options = { maxWaitMs: 100, maxBytes: 8_388_608 };

describe.skipIf(!hasSharedKafka())("a fetcher", () => {
  let cluster: Cluster;
  let brokers: string;
  beforeAll(async () => {
    brokers = await sharedKafka();
    cluster = clusterAt(brokers);
  });
  afterAll(() => cluster.close());

  async function transactional(): Promise<Producer> {
    const producer = new Producer(cluster, {
      transactionalId: newName("fetched"),
      settings,
      transactionTimeoutMs: 60_000,
      maxBufferedBytes: 1_048_576,
    });
    await producer.init();
    return producer;
  }

  test("gives what was committed, in order, whatever else was undone beside it", async () => {
    const topic = await newTopic(cluster, "mixed", 2);
    const random = seeded(5);
    const committed: string[] = [];
    const producers = await Promise.all([transactional(), transactional(), transactional()]);
    const open: string[][] = producers.map(() => []);
    for (let i = 0; i < 60; i++) {
      const at = random.below(producers.length);
      const producer = producers[at]!;
      const value = `${i}`;
      await send(producer, topic, 1, [{ value, partition: i % 2 }]);
      await producer.flush();
      open[at]!.push(value);
      const fate = random.below(4);
      if (fate === 0) {
        await producer.commit([]);
        committed.push(...open[at]!.splice(0));
      } else if (fate === 1) {
        await producer.close();
        producers[at] = await transactional();
        open[at] = [];
      }
    }
    await Promise.all(producers.map((producer) => producer.close()));
    while ((await readAll(cluster, topic)).length < committed.length);
    const values = (await readAll(cluster, topic)).map(({ value }) => Number(value));
    expect([...values].sort((a, b) => a - b)).toEqual(committed.map(Number).sort((a, b) => a - b));
    for (const parity of [0, 1]) {
      const own = values.filter((value) => value % 2 === parity);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });

  test("moves on past what was undone, and past markers", async () => {
    const topic = await newTopic(cluster, "undone");
    const producer = await transactional();
    await send(producer, topic, 1, [{ value: "undone" }]);
    await producer.flush();
    await producer.close();
    const fetcher = new Fetcher(cluster, options);
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    for (let offset = 0; offset < 2; ) {
      const chunk = await fetcher.next();
      expect(chunk?.offsets).toEqual([]);
      offset = chunk?.nextOffset ?? 0;
    }
    fetcher.stop();
  });

  test("begins in the midst of a batch", async () => {
    const topic = await newTopic(cluster, "midst");
    await sendAll(
      cluster,
      topic,
      Array.from({ length: 50 }, (_, i) => ({ value: String(i) })),
    );
    const fetcher = new Fetcher(cluster, options);
    fetcher.start([{ topic, partition: 0, offset: 37 }]);
    expect((await fetcher.next())?.offsets[0]).toBe(37);
    fetcher.stop();
  });

  test("ends a waiting call when it is stopped, and begins elsewhere when it is started again", async () => {
    const topic = await newTopic(cluster, "stopped");
    const fetcher = new Fetcher(cluster, { ...options, maxWaitMs: 30_000 });
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    const waiting = fetcher.next();
    fetcher.stop();
    expect(await waiting).toBeUndefined();
    expect(await fetcher.next()).toBeUndefined();
    await sendAll(
      cluster,
      topic,
      Array.from({ length: 10 }, (_, i) => ({ value: String(i) })),
    );
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    expect((await fetcher.next())?.offsets[0]).toBe(0);
    fetcher.start([{ topic, partition: 0, offset: 8 }]);
    expect((await fetcher.next())?.offsets).toEqual([8, 9]);
    fetcher.stop();
  });

  test("reads ahead no more than about what it may", async () => {
    const topic = await newTopic(cluster, "ahead", 4);
    const producer = await openProducer(cluster);
    const value = "x".repeat(10_000);
    await send(
      producer,
      topic,
      4,
      Array.from({ length: 2000 }, () => ({ value })),
    );
    await producer.flush();
    await producer.close();
    const counting = new CountingCluster(brokers);
    const maxBytes = 2_000_000;
    const fetcher = new Fetcher(counting, { maxWaitMs: 100, maxBytes });
    fetcher.start([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 0 })));
    let givenBytes = 0;
    for (let count = 0; count < 2000; ) {
      const chunk = await fetcher.next();
      count += chunk?.offsets.length ?? 0;
      for (const one of chunk?.values ?? []) givenBytes += one?.length ?? 0;
      // What waits, one answer more, and the heads of records.
      expect(counting.fetchedBytes - givenBytes).toBeLessThan(1.1 * (2 * maxBytes + 262_144));
    }
    expect(givenBytes).toBe(20_000_000);
    fetcher.stop();
    counting.close();
  });

  test("does not let one partition wait for an idle one beside it", async () => {
    const topic = await newTopic(cluster, "idle", 2);
    const producer = await openProducer(cluster);
    const value = "x".repeat(100_000);
    await send(
      producer,
      topic,
      2,
      Array.from({ length: 60 }, () => ({ value, partition: 0 })),
    );
    await producer.flush();
    await producer.close();
    // A broker that waits for the idle partition would hold the other one up for a minute each time.
    const fetcher = new Fetcher(cluster, { maxWaitMs: 60_000, maxBytes: 8_388_608 });
    fetcher.start([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
    for (let count = 0; count < 60; ) count += (await fetcher.next())?.offsets.length ?? 0;
    fetcher.stop();
  });

  test("knows what it has yet to hand out, in partitions without anything too", async () => {
    const topic = await newTopic(cluster, "behind", 2);
    const producer = await openProducer(cluster);
    await send(
      producer,
      topic,
      2,
      Array.from({ length: 50 }, () => ({ value: "x", partition: 0 })),
    );
    await producer.flush();
    await producer.close();
    const fetcher = new Fetcher(cluster, { maxWaitMs: 100, maxBytes: 8_388_608 });
    expect(fetcher.lag).toBeUndefined();
    fetcher.start([{ topic, partition: 1, offset: 0 }]);
    await expect.poll(() => fetcher.lag, { timeout: 10_000 }).toBe(0);
    fetcher.start([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
    // What was read ahead is not handed out yet.
    await expect.poll(() => fetcher.lag, { timeout: 10_000 }).toBe(50);
    for (let count = 0; count < 50; ) count += (await fetcher.next())?.offsets.length ?? 0;
    expect(fetcher.lag).toBe(0);
    fetcher.stop();
    expect(fetcher.lag).toBeUndefined();
  });

  test("tells where what was to be read is gone", async () => {
    const topic = await newTopic(cluster, "cut");
    const fetcher = new Fetcher(cluster, options);
    fetcher.start([{ topic, partition: 0, offset: 5 }]);
    expect(await codeOf(fetcher.next())).toBe("kafka.log-cut");
    expect(await codeOf(fetcher.next())).toBe("kafka.log-cut");
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    await sendAll(cluster, topic, [{ value: "there" }]);
    expect((await fetcher.next())?.offsets).toEqual([0]);
    fetcher.stop();
  });

  test("fails by the name of a topic that is gone, and no other fetcher does", async () => {
    const topic = await newTopic(cluster, "gone");
    const kept = await newTopic(cluster, "kept");
    const [fetcher, other] = [new Fetcher(cluster, options), new Fetcher(cluster, options)];
    fetcher.start([{ topic, partition: 0, offset: 0 }]);
    other.start([{ topic: kept, partition: 0, offset: 0 }]);
    const failing = codeOf(fetcher.next());
    await deleteTopic(cluster, topic);
    expect(await failing).toBe("kafka.no-topic");
    await sendAll(cluster, kept, [{ value: "goes on" }]);
    expect((await other.next())?.offsets).toEqual([0]);
    fetcher.stop();
    other.stop();
  });
});

/** Counts what fetches bring. */
class CountingCluster extends Cluster {
  fetchedBytes = 0;

  constructor(brokers: string) {
    super({ brokers: [brokers], clientId: "counting", connectTimeoutMs: 10_000, requestTimeoutMs: 30_000 });
  }

  override async send<Q, A>(
    address: Address,
    lane: Lane,
    api: Api<Q, A>,
    request: Q,
    timeoutMs?: number,
  ): Promise<A> {
    const counting: Api<Q, A> = {
      ...api,
      read: (reader) => {
        if (api.key === fetch.key) this.fetchedBytes += reader.bytes.length;
        return api.read(reader);
      },
    };
    return super.send(address, lane, counting, request, timeoutMs);
  }
}
