// A topic of several partitions is a source like others: nothing lost or doubled, wherever a run is broken off and goes on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Positions, Source } from "../../../../runner/connectors/delivery.ts";
import type { Cluster } from "../../../../runner/connectors/kafka/client/cluster.ts";
import type { SourceOptions } from "../../../../runner/connectors/kafka/main-cluster.ts";
import { openKafkaSession } from "../../../../runner/connectors/kafka/session.ts";
import { openKafkaSource } from "../../../../runner/connectors/kafka/source.ts";
import { Buffers } from "../../../../runner/formats/buffers.ts";
import { Fields } from "../../../../runner/formats/fields.ts";
import { type SourceSubject, sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { clusterAt, newName, newTopic, sendAll } from "../../../kit/kafka-data.ts";
import { seeded } from "../../../kit/random.ts";
import { hasSharedKafka, sharedKafka } from "../../../kit/shared-kafka.ts";

const PARTITIONS = 3;
const MAX_EVENT_BYTES = 100_000;

describe.skipIf(!hasSharedKafka())("the Kafka source", () => {
  let brokers: string;
  let cluster: Cluster;
  beforeAll(async () => {
    brokers = await sharedKafka();
    cluster = clusterAt(brokers);
  });
  afterAll(() => cluster?.close());

  function optionsOf(topic: string): SourceOptions {
    return {
      brokers: [brokers],
      tls: false,
      topic: [topic],
      group: newName("group"),
      start: "earliest",
      session_timeout: 10_000,
      rebalance_timeout: 10_000,
      fetch_wait: 500,
      fetch_max: 1_048_576,
      metadata_max_age: 30_000,
      commit_every: 1000,
    };
  }

  /** Nothing commits to the group here: the positions alone say where to go on. */
  async function open(options: SourceOptions, resume: Positions, buffers: Buffers): Promise<Source> {
    const context = sourceContext(emptyFolder(), { resume, buffers, maxEventBytes: MAX_EVENT_BYTES });
    const steps = { sources: new Map([[context.step, options]]), sinks: new Map() };
    const session = await openKafkaSession(steps, { ...context, pipeline: "main" });
    const source = await openKafkaSource(options, context, session);
    return {
      items: (stop) => source.items(stop),
      close: async () => {
        await source.close();
        await session.close();
      },
    };
  }

  test("it knows how many messages it has still to hand out", async () => {
    const topic = await newTopic(cluster, "visits");
    const big = "x".repeat(90_000);
    await sendAll(
      cluster,
      topic,
      Array.from({ length: 40 }, (_, n) => ({ value: `{"n":${n},"t":"${big}"}` })),
    );
    const context = sourceContext(emptyFolder(), { maxEventBytes: MAX_EVENT_BYTES });
    const options = optionsOf(topic);
    const steps = { sources: new Map([[context.step, options]]), sinks: new Map() };
    const session = await openKafkaSession(steps, { ...context, pipeline: "main" });
    const source = await openKafkaSource(options, context, session);
    expect(source.behind?.()).toBeUndefined();
    const stop = new AbortController();
    const counts: number[] = [];
    for await (const item of source.items(stop.signal)) {
      const handed = new Fields(item.position).number("offset");
      const { count = -1 } = source.behind?.() ?? {};
      if (handed > 0) counts.push(handed + count);
      if (handed === 40) stop.abort();
    }
    await source.close();
    await session.close();
    expect(counts.length).toBeGreaterThan(1);
    expect(new Set(counts)).toEqual(new Set([40]));
  });

  sourceConformance(
    async (): Promise<SourceSubject> => {
      const topic = await newTopic(cluster, "visits", PARTITIONS);
      const random = seeded(3);
      const sent = Array.from({ length: 600 }, (_, n) => {
        // Some are over the bound, and some have line ends inside, which say nothing here.
        const size = n % 97 === 50 ? 150_000 + random.below(200_000) : random.below(3000);
        return { partition: n % PARTITIONS, value: `{"n":${n},\n"t":"${"x".repeat(size)}"}` };
      });
      await sendAll(cluster, topic, sent);
      const options = optionsOf(topic);
      return {
        open: (resume, buffers) => open(options, resume, buffers),
        expected: sent.map(({ partition, value }, n) => ({
          origin: `${topic}/${partition}`,
          line: 0,
          offsetBytes: Math.floor(n / PARTITIONS),
          text: value,
        })),
      };
    },
    {
      resumes: true,
      endless: true,
      waiting: async () => {
        const topic = await newTopic(cluster, "visits");
        const texts = ["{}", '{"n":1}'];
        await sendAll(
          cluster,
          topic,
          texts.map((value) => ({ value })),
        );
        return { source: await open(optionsOf(topic), new Map(), new Buffers(2)), texts };
      },
    },
  );
});
