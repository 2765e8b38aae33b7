// What may go wrong with a broker while a pipeline runs: what passes is waited for, and what does not stops the run without a loss.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { emptyFolder } from "../kit/folder.ts";
import { alterTopic, deleteTopic } from "../kit/kafka-admin.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic, readAll, sendAll } from "../kit/kafka-data.ts";
import { failureIn, readToEnd, startKafkaRun } from "../kit/kafka-run.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";

/** How long the broker is away. */
const outageSeconds = Number(process.env.STRM_OUTAGE_SECONDS ?? 30);
const aclTool = "org.apache.kafka.tools.AclCommand";

const contract = `contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(1)
  note: string?
  n: int
  levels: int[]    @consent
}
`;

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
const visits = (from: number, to: number, note = "") =>
  numbers(from, to).map((n) => ({ value: JSON.stringify({ session: `s${n % 7}`, note, n, levels: [1] }) }));

describe.skipIf(!hasOwnKafka())("with a broker", () => {
  let kafka: KafkaBroker;
  let cluster: Cluster;
  beforeAll(async () => {
    kafka = await KafkaBroker.start({
      listeners: [{ name: "USERS", protocol: "SASL_PLAINTEXT" }],
      properties: {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "listener.name.users.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.users.plain.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_strm="p4ssword";',
      },
    });
    cluster = clusterAt(kafka.brokers);
  });
  afterAll(async () => {
    await cluster?.close();
    await kafka?.stop();
  });

  /** A pipeline from a new topic to another one, and what reads its results. */
  async function pipeline(more = "") {
    const [input, output] = [await newTopic(cluster, "visits", 3), await newTopic(cluster, "safe", 2)];
    const group = newName("group");
    const program = `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}" ${more} }
`;
    const sealed = async (): Promise<readonly number[]> =>
      (await readAll(cluster, output)).map(({ value }) => JSON.parse(value ?? "").n).sort((a, b) => a - b);
    return { input, output, group, program, sealed };
  }

  test(
    `that is away for ${outageSeconds} s, a run waits, and does everything once`,
    async () => {
      const { input, group, program, sealed } = await pipeline();
      await sendAll(cluster, input, visits(0, 500));
      const run = startKafkaRun(emptyFolder(), program, kafka.brokers);
      await readToEnd(run, cluster, group, input);
      // Some of these are under way when it goes.
      await sendAll(cluster, input, visits(500, 1000));
      await kafka.kill();
      await sleep(outageSeconds * 1000);
      await kafka.restart();
      await sendAll(cluster, input, visits(1000, 1500));
      await readToEnd(run, cluster, group, input);
      expect(failureIn(run)).toBe("it has not failed");
      expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
      expect(run.events.some(({ type }) => type === "retry")).toBe(true);
      expect(run.events.some(({ type }) => type === "recovered")).toBe(true);
      expect(await sealed()).toEqual(numbers(0, 1500));
    },
    (outageSeconds + 180) * 1000,
  );

  test.each(["input", "output"] as const)(
    "whose %s topic is deleted, a run stops and says so",
    async (which) => {
      const made = await pipeline();
      await sendAll(cluster, made.input, visits(0, 10));
      const run = startKafkaRun(emptyFolder(), made.program, kafka.brokers);
      await readToEnd(run, cluster, made.group, made.input);
      await deleteTopic(cluster, made[which]);
      if (which === "output") await sendAll(cluster, made.input, visits(10, 20));
      expect((await run.ended).outcome).toBe("failed");
      expect(failureIn(run)).toMatch(/^kafka\.no-topic: /);
      if (which === "input") return;
      // The topic comes back, and with it what was not delivered.
      await cluster.create(made.output, { partitions: 2, replication: 1 });
      const again = startKafkaRun(emptyFolder(), made.program, kafka.brokers);
      await readToEnd(again, cluster, made.group, made.input);
      await again.stop();
      expect(await made.sealed()).toEqual(numbers(10, 20));
    },
    120_000,
  );

  test("that refuses a message as too large, a run stops, and goes on once the topic takes it", async () => {
    const { input, output, group, program, sealed } = await pipeline();
    const limit = (bytes: number) => alterTopic(cluster, output, "max.message.bytes", String(bytes));
    await limit(20_000);
    await sendAll(cluster, input, [...visits(0, 5), ...visits(5, 6, "x".repeat(50_000)), ...visits(6, 10)]);
    const folder = emptyFolder();
    const run = startKafkaRun(folder, program, kafka.brokers);
    expect((await run.ended).outcome).toBe("failed");
    expect(failureIn(run)).toMatch(/^kafka\.message-too-large: /);
    expect(failureIn(run)).not.toMatch(/xxx/);
    await limit(1_000_000);
    const again = startKafkaRun(folder, program, kafka.brokers);
    await readToEnd(again, cluster, group, input);
    await again.stop();
    expect(await sealed()).toEqual(numbers(0, 10));
  }, 120_000);

  test("that denies what it needs, a run stops; with the rights of the documentation it works", async () => {
    const users = `127.0.0.1:${kafka.ports.get("USERS")}`;
    const { input, output, group, program, sealed } = await pipeline();
    const asUser = program.replaceAll(
      "BROKERS",
      'BROKERS, sasl = { mechanism = plain, user = "strm", password = secret("PASSWORD") }',
    );
    await sendAll(cluster, input, visits(0, 50));
    const folder = emptyFolder();
    const start = (password: string) =>
      startKafkaRun(folder, asUser, users, { environment: { PASSWORD: password } });
    const wrong = start("wr0ng");
    expect((await wrong.ended).outcome).toBe("failed");
    expect(failureIn(wrong)).toMatch(/^kafka\.auth: /);
    expect(JSON.stringify(wrong.events)).not.toMatch(/wr0ng/);

    const grant = async (...rights: readonly string[]) => {
      const given = await kafka.tool(
        aclTool,
        "--bootstrap-server",
        kafka.brokers,
        "--add",
        "--allow-principal",
        "User:strm",
        ...rights,
      );
      expect(given).toMatchObject({ code: 0 });
    };
    const grants: readonly (readonly string[])[] = [
      ["--topic", input, "--operation", "Read", "--operation", "Describe"],
      ["--topic", output, "--operation", "Write", "--operation", "Describe"],
      [
        "--resource-pattern-type",
        "prefixed",
        "--group",
        group,
        "--operation",
        "Read",
        "--operation",
        "Describe",
      ],
      [
        "--resource-pattern-type",
        "prefixed",
        "--transactional-id",
        `${group}.strm-`,
        "--operation",
        "Write",
        "--operation",
        "Describe",
      ],
    ];
    for (const rights of grants) {
      const denied = start("p4ssword");
      expect((await denied.ended).outcome).toBe("failed");
      // A topic that one may not know of is as good as none.
      expect(failureIn(denied)).toMatch(/^kafka\.(denied|no-topic): /);
      await grant(...rights);
    }
    const allowed = start("p4ssword");
    await readToEnd(allowed, cluster, group, input);
    await allowed.stop();
    expect(failureIn(allowed)).toBe("it has not failed");
    expect(await sealed()).toEqual(numbers(0, 50));
  }, 180_000);

  test("the group is what its own tools show: members, offsets and lag", async () => {
    const { input, group, program } = await pipeline();
    await sendAll(cluster, input, visits(0, 30));
    const run = startKafkaRun(emptyFolder(), program, kafka.brokers);
    await readToEnd(run, cluster, group, input);
    const describe_ = async (...more: readonly string[]) => {
      const main = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
      const at = ["--bootstrap-server", kafka.brokers];
      return (await kafka.tool(main, ...at, "--describe", "--group", group, ...more)).stdout;
    };
    const offsets = await describe_();
    expect(offsets).toMatch(new RegExp(`${group}\\s+${input}\\s+0\\s+\\d+\\s+\\d+\\s+0`));
    expect(await describe_("--members", "--verbose")).toMatch(/strm-.*\s3\s.*:0,1,2\s/);
    expect(await describe_("--state")).toMatch(/strm-sticky\s+Stable\s+1/);
    await run.stop();
  }, 120_000);
});
