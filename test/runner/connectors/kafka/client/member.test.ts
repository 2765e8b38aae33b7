// Membership in a consumer group of a real broker: shares, drains, restarts, and what else may come.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { joinGroup, leaveGroup } from "../../../../../runner/connectors/kafka/client/apis/group.ts";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import {
  Member,
  type MemberOptions,
  type Membership,
} from "../../../../../runner/connectors/kafka/client/member.ts";
import { Producer } from "../../../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../../../runner/connectors/kafka/topics.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { growTopic } from "../../../../kit/kafka-admin.ts";
import { clusterAt, newName, newTopic } from "../../../../kit/kafka-data.ts";
import { hasSharedKafka, sharedKafka } from "../../../../kit/shared-kafka.ts";

const settings = { compression: "none", lingerMs: 0, batchBytes: 1000, maxMessageBytes: 1000 } as const;
const keysIn = ({ partitions }: Membership): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort();

describe.skipIf(!hasSharedKafka())("a member", () => {
  let cluster: Cluster;
  const members: Member[] = [];
  beforeAll(async () => {
    cluster = clusterAt(await sharedKafka());
  });
  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.close()));
  });
  afterAll(() => cluster.close());

  function member(group: string, topic: string, more: Partial<MemberOptions> = {}): Member {
    const made = new Member(cluster, {
      group,
      topics: new TopicChoice(topic),
      instanceId: undefined,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 20_000,
      metadataMaxAgeMs: 30_000,
      ...more,
    });
    members.push(made);
    return made;
  }

  /** In a transaction, as a member. */
  async function commit(group: string, topic: string, by: Membership): Promise<void> {
    const transactionTimeoutMs = 60_000;
    const transactionalId = newName(group);
    const producer = new Producer(cluster, {
      transactionalId,
      transactionTimeoutMs,
      settings,
      maxBufferedBytes: 1,
    });
    await producer.init();
    try {
      await producer.commit([{ group, member: by, positions: [{ topic, partition: 0, offset: 1 }] }]);
    } finally {
      await producer.close();
    }
  }

  test("shares partitions with those who come, keeps what it can, and takes over from those who go", async () => {
    const topic = await newTopic(cluster, "shared", 6);
    const group = newName("shared");
    const [one, other] = [member(group, topic), member(group, topic)];
    const alone = await one.join();
    expect(alone.partitions).toHaveLength(6);

    const joining = other.join();
    expect(await alone.interrupted).toBe("rebalance");
    const [half, rest] = await Promise.all([one.join(), joining]);
    expect(half.partitions).toHaveLength(3);
    expect(keysIn(alone)).toEqual(expect.arrayContaining(keysIn(half)));
    expect([...keysIn(half), ...keysIn(rest)].sort()).toEqual(keysIn(alone));

    await other.close();
    expect(await half.interrupted).toBe("rebalance");
    expect(keysIn(await one.join())).toEqual(keysIn(alone));
  });

  test("may take longer than its session to deliver what it read, and still commits", async () => {
    const topic = await newTopic(cluster, "drain", 2);
    const group = newName("drain");
    const [one, other] = [member(group, topic, { sessionTimeoutMs: 1000 }), member(group, topic)];
    const before = await one.join();
    const joining = other.join();
    expect(await before.interrupted).toBe("rebalance");
    // The time that passes is what is tested.
    await sleep(2500);
    await commit(group, topic, before);
    const [after] = await Promise.all([one.join(), joining]);
    expect(after.memberId).toBe(before.memberId);
    expect(after.partitions).toHaveLength(1);
  });

  test("that takes longer than the rebalance may is left behind: it commits nothing, and may come back", async () => {
    const topic = await newTopic(cluster, "slow", 2);
    const group = newName("slow");
    const [one, other] = [
      member(group, topic, { rebalanceTimeoutMs: 1000 }),
      member(group, topic, { rebalanceTimeoutMs: 1000 }),
    ];
    const before = await one.join();
    const took = await other.join();
    expect(took.partitions).toHaveLength(2);
    expect(await codeOf(commit(group, topic, before))).toBe("kafka.stale-member");
    const back = one.join();
    expect(await took.interrupted).toBe("rebalance");
    const [half, rest] = await Promise.all([back, other.join()]);
    expect([half.partitions.length, rest.partitions.length]).toEqual([1, 1]);
  });

  test("that the group has dropped is told so", async () => {
    const topic = await newTopic(cluster, "dropped", 2);
    const group = newName("dropped");
    const one = member(group, topic);
    const before = await one.join();
    // As an administrator does by Kafka's own tool.
    const { memberId } = before;
    await cluster.coordinate("group", group, "ask", leaveGroup, { group, memberId, instanceId: undefined });
    expect(await before.interrupted).toBe("lost");
    expect((await one.join()).partitions).toHaveLength(2);
  });

  test("with an instance name is back after a restart without a rebalance, and its old self is shut out", async () => {
    const topic = await newTopic(cluster, "static", 4);
    const group = newName("static");
    const named = (instanceId: string) => member(group, topic, { instanceId });
    const [a, b] = [named("a"), named("b")];
    const first = await a.join();
    const joining = b.join();
    expect(await first.interrupted).toBe("rebalance");
    const [shareA, shareB] = await Promise.all([a.join(), joining]);

    const restarted = await named("a").join();
    expect(restarted.generation).toBe(shareA.generation);
    expect(keysIn(restarted)).toEqual(keysIn(shareA));
    await commit(group, topic, shareB);
    await commit(group, topic, restarted);

    expect(await codeOf(commit(group, topic, shareA))).toBe("kafka.instance-taken");
    expect(await shareA.interrupted).toBe("lost");
    expect(await codeOf(a.join())).toBe("kafka.instance-taken");
  });

  test("with an instance name keeps its place when it closes", async () => {
    const topic = await newTopic(cluster, "kept", 2);
    const group = newName("kept");
    const before = member(group, topic, { instanceId: "a" });
    const { generation } = await before.join();
    await before.close();
    expect((await member(group, topic, { instanceId: "a" }).join()).generation).toBe(generation);
  });

  test("notices more partitions, also after a restart", async () => {
    const topic = await newTopic(cluster, "grows", 1);
    const group = newName("grows");
    const more = { instanceId: "a", metadataMaxAgeMs: 100 };
    await member(group, topic, more).join();
    const restarted = member(group, topic, more);
    const before = await restarted.join();
    await growTopic(cluster, topic, 3);
    expect(await before.interrupted).toBe("rebalance");
    expect((await restarted.join()).partitions).toHaveLength(3);
  });

  test("notices topics that come to fit its pattern", async () => {
    const prefix = newName("fits");
    const group = newName("pattern");
    const one = member(group, `${prefix}*`, { metadataMaxAgeMs: 100 });
    const before = await one.join();
    expect(before.partitions).toEqual([]);
    const topic = await newTopic(cluster, prefix, 2);
    await newTopic(cluster, "another", 2);
    expect(await before.interrupted).toBe("rebalance");
    expect(keysIn(await one.join())).toEqual([`${topic}/0`, `${topic}/1`]);
  });

  test("tells a topic that is not there", async () => {
    expect(await codeOf(member(newName("missing"), newName("missing")).join())).toBe("kafka.no-topic");
  });

  test("never shares a group with clients of another kind", async () => {
    const topic = await newTopic(cluster, "taken");
    const group = newName("taken");
    const foreign = {
      group,
      instanceId: undefined,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 6000,
      protocol: "range",
      subscription: new Uint8Array(0),
    };
    const { memberId } = await cluster.coordinate("group", group, "ask", joinGroup, {
      ...foreign,
      memberId: "",
    });
    await cluster.coordinate("group", group, "ask", joinGroup, { ...foreign, memberId });
    expect(await codeOf(member(group, topic).join())).toBe("kafka.group-taken");
  });

  test("says what the brokers refuse", async () => {
    const topic = await newTopic(cluster, "refused");
    const joining = member(newName("refused"), topic, { sessionTimeoutMs: 2_000_000_000 }).join();
    await expect(joining).rejects.toMatchObject({
      code: "kafka.refused",
      message: expect.stringContaining("INVALID_SESSION_TIMEOUT"),
    });
  });
});
