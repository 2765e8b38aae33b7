// Topics are tried against real brokers: what is there, what is missing and what is not allowed is told, and nothing is left behind.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OptionValues } from "../../../../dsl/spec/option-value.ts";
import { connectors } from "../../../../runner/connectors/index.ts";
import type { Cluster } from "../../../../runner/connectors/kafka/client/cluster.ts";
import { allow } from "../../../kit/kafka-admin.ts";
import { KafkaBroker } from "../../../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic } from "../../../kit/kafka-data.ts";
import { hasOwnKafka, hasSharedKafka, sharedKafka } from "../../../kit/shared-kafka.ts";

const kafka = connectors.find(({ spec }) => spec.name === "kafka");

/** Options as a graph has them: without their defaults. */
async function tried(kind: "trySource" | "trySink", values: OptionValues): Promise<string> {
  const resolved = kafka?.[kind]?.(values, () => ({ text: "alice-word" }));
  if (resolved?.ok !== true) throw new Error("the options don't resolve");
  const { signal } = new AbortController();
  return resolved.value({ baseDir: "/", stateDir: "/", pipeline: "shop", step: "clicks", signal });
}

describe.skipIf(!hasSharedKafka())("topics of a broker that asks nobody who he is", () => {
  let brokers: string;
  let cluster: Cluster;
  beforeAll(async () => {
    brokers = await sharedKafka();
    cluster = clusterAt(brokers);
  });
  afterAll(() => cluster?.close());

  test("are found, with their partitions", async () => {
    const topic = await newTopic(cluster, "visits", 3);
    expect(await tried("trySource", { brokers, topic })).toBe(
      `3 partitions of topic "${topic}" can be read, with the offsets of the group`,
    );
    expect(await tried("trySink", { brokers, topic })).toBe(
      `3 partitions of topic "${topic}" can be written`,
    );
    const other = await newTopic(cluster, "visits", 1);
    expect(await tried("trySource", { brokers, topic: [topic, other] })).toMatch(/^4 partitions of 2 topics/);
  });

  test("that are missing are told, and none is made", async () => {
    const topic = newName("missing");
    await expect(tried("trySource", { brokers, topic })).rejects.toMatchObject({ code: "kafka.no-topic" });
    await expect(tried("trySink", { brokers, topic })).rejects.toMatchObject({ code: "kafka.no-topic" });
    const create = { partitions: 2, replication: 1 };
    expect(await tried("trySink", { brokers, topic, create })).toContain("a run will make topic");
    expect(await tried("trySource", { brokers, topic: `${topic}*` })).toContain(
      "no topic fits the pattern yet",
    );
    expect(await cluster.partitionsOf(topic)).toBeUndefined();
  });

  test("a cluster that can't be reached, and a start that is none", async () => {
    await expect(tried("trySource", { brokers: "127.0.0.1:1", topic: "x" })).rejects.toMatchObject({
      code: "kafka.unreachable",
    });
    const topic = await newTopic(cluster, "visits");
    await expect(tried("trySource", { brokers, topic, start: "yesterday" })).rejects.toMatchObject({
      code: "kafka.options",
    });
  }, 30_000);
});

describe.skipIf(!hasOwnKafka())("topics of a broker that knows rights", () => {
  let broker: KafkaBroker;
  let root: Cluster;
  beforeAll(async () => {
    broker = await KafkaBroker.start({
      listeners: [{ name: "SASL", protocol: "SASL_PLAINTEXT" }],
      properties: {
        "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-word";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
      },
    });
    root = clusterAt(broker.brokers);
  }, 60_000);
  afterAll(async () => {
    root?.close();
    await broker?.stop();
  });

  const asAlice = (topic: string) => ({
    brokers: `127.0.0.1:${broker.ports.get("SASL")}`,
    topic,
    group: "alices",
    sasl: { mechanism: "plain", user: "alice", password: { $secret: "ALICE" } },
  });

  test("each right that is missing is told, one after the other", async () => {
    const topic = await newTopic(root, "guarded", 2);
    const source = () => tried("trySource", asAlice(topic));
    const { group: _, ...sink } = asAlice(topic);
    // Who may not even know of it sees no topic.
    await expect(source()).rejects.toMatchObject({
      code: expect.stringMatching(/^kafka\.(no-topic|denied)$/),
    });
    await allow(root, "alice", "topic", topic, "describe");
    await expect(source()).rejects.toMatchObject({
      code: "kafka.denied",
      message: expect.stringContaining("may not read"),
    });
    await expect(tried("trySink", sink)).rejects.toMatchObject({
      code: "kafka.denied",
      message: `The user that \`clicks\` connects as may not write topic "${topic}".`,
    });
    await allow(root, "alice", "topic", topic, "read");
    await expect(source()).rejects.toMatchObject({
      code: "kafka.denied",
      message: expect.stringContaining("alices"),
    });
    await allow(root, "alice", "group", "alices", "read");
    expect(await source()).toMatch(/^2 partitions of topic/);
    await allow(root, "alice", "topic", topic, "write");
    expect(await tried("trySink", sink)).toMatch(/can be written$/);
    // Nothing was committed, and nobody is a member.
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    expect(await root.committed("alices", partitions)).toEqual(new Map());
  }, 60_000);
});
