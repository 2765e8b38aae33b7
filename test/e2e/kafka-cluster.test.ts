// Leaders and coordinators move between brokers while a pipeline runs, in peace and by a kill: everything comes once.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { emptyFolder } from "../kit/folder.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, newName, openProducer, readAll, send } from "../kit/kafka-data.ts";
import { failureIn, readToEnd, startKafkaRun } from "../kit/kafka-run.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";

const PARTITIONS = 6;
/** Everything is kept twice, and what a broker led comes back to it soon after it is there again. */
const twice = {
  "offsets.topic.replication.factor": "2",
  "transaction.state.log.replication.factor": "2",
  "leader.imbalance.check.interval.seconds": "1",
  "leader.imbalance.per.broker.percentage": "0",
};

describe.skipIf(!hasOwnKafka())("with two brokers", () => {
  let first: KafkaBroker;
  let second: KafkaBroker;
  let cluster: Cluster;
  beforeAll(async () => {
    first = await KafkaBroker.start({ properties: twice });
    second = await KafkaBroker.start({ properties: twice, beside: first });
    cluster = clusterAt(`${first.brokers},${second.brokers}`);
  });
  afterAll(async () => {
    await cluster?.close();
    await second?.stop();
    await first?.stop();
  });

  /** The ports of the brokers that lead the topic's partitions. */
  const leadersOf = async (topic: string): Promise<ReadonlySet<number>> => {
    const leaders = new Set<number>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      cluster.forgetLeaders([topic]);
      leaders.add((await cluster.leader(topic, partition)).port);
    }
    return leaders;
  };
  const ledBy = async (topic: string, brokers: number): Promise<void> => {
    const endMs = performance.now() + 30_000;
    while ((await leadersOf(topic)).size !== brokers) {
      if (performance.now() > endMs) throw new Error(`${topic} is never led by ${brokers} brokers`);
      await sleep(100);
    }
  };

  test("leaders and coordinators move, and come back", async () => {
    const [input, output, group] = [newName("visits"), newName("safe"), newName("group")];
    for (const topic of [input, output])
      await cluster.create(topic, { partitions: PARTITIONS, replication: 2 });
    const run = startKafkaRun(
      emptyFolder(),
      `contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(1)
  n: int
  levels: int[]    @consent
}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}" }
`,
      `${first.brokers},${second.brokers}`,
    );
    let [sent, moving] = [0, true];
    const feeding = (async () => {
      const producer = await openProducer(cluster);
      while (moving) {
        const more = Array.from({ length: 50 }, (_, i) => ({
          value: JSON.stringify({ session: `s${i % 7}`, n: sent + i, levels: [1] }),
        }));
        await send(producer, input, PARTITIONS, more);
        sent += more.length;
        await sleep(50);
      }
      await producer.flush();
      await producer.close();
    })();
    const moves = (async () => {
      for (const how of ["shutDown", "kill", "shutDown"] as const) {
        await ledBy(input, 2);
        await sleep(1000);
        await second[how]();
        await ledBy(input, 1);
        await sleep(1000);
        await second.restart();
      }
      await ledBy(input, 2);
    })().finally(() => {
      moving = false;
    });
    await Promise.all([moves, feeding]);
    await readToEnd(run, cluster, group, input);
    expect(failureIn(run)).toBe("it has not failed");
    expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    const numbers = (await readAll(cluster, output)).map(({ value }) => JSON.parse(value ?? "").n as number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, n) => n));
  }, 240_000);
});
