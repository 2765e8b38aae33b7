// The example pipeline on Kafka runs as the README says, twice at once, and its topics hold what its words promise.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { byNumber, click, masterKey, numbersWith, type SealedClick } from "../kit/clickstream.ts";
import { copyOfPipelines } from "../kit/folder.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, lagOf, readAll, sendAll } from "../kit/kafka-data.ts";
import { postgresMissing, startPostgres } from "../kit/postgres-server.ts";
import { Replica } from "../kit/replica.ts";
import { needServer } from "../kit/servers.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";
import { isSealed, masked } from "../kit/shown-values.ts";

const canRun = hasOwnKafka() && needServer("PostgreSQL", postgresMissing());

describe.skipIf(!canRun)("pipelines/kafka/clickstream.strm", () => {
  test("by two replicas", async () => {
    const [kafka, postgres] = await Promise.all([KafkaBroker.start(), startPostgres()]);
    const folder = copyOfPipelines();
    const env = {
      KAFKA_BROKERS: kafka.brokers,
      KEYS_URL: postgres.url(),
      STRM_MASTER_KEY: masterKey,
      MASK_SEED: "a seed",
    };
    const replicas = ["one", "two"].map(
      (name) =>
        new Replica({
          pipeline: join(folder, "kafka/clickstream.strm"),
          stateDir: join(folder, name),
          env: { ...env, REPLICA: name },
        }),
    );
    let cluster: Cluster | undefined;
    try {
      cluster = clusterAt(kafka.brokers);
      await cluster.create("clicks", { partitions: 6, replication: 1 });
      const sent = Array.from({ length: 500 }, (_, n) => click(n));
      await sendAll(
        cluster,
        "clicks",
        sent.map((event) => ({ value: JSON.stringify(event) })),
      );
      await Promise.all(replicas.map((replica) => replica.start()));
      while ((await lagOf(cluster, "clickstream", "clicks")) > 0) await sleep(50);
      for (const replica of replicas) expect((await replica.end("SIGTERM")).code).toBe(0);

      const eventsOf = async (topic: string): Promise<ReadonlyMap<number, SealedClick>> => {
        const messages = await readAll(cluster as Cluster, topic);
        return byNumber(messages.map(({ value }) => value ?? ""));
      };
      const [safe, recommendations, campaigns] = await Promise.all(
        ["clicks.safe", "clicks.recommendations", "clicks.campaigns"].map(eventsOf),
      );
      const numbers = (events: ReadonlyMap<number, unknown> | undefined) => [...(events?.keys() ?? [])];

      expect(numbers(safe)).toEqual(numbersWith(sent));
      for (const [n, event] of safe ?? []) {
        expect(isSealed(event.producerSessionId)).toBe(true);
        expect(event.customer === null).toBe(click(n).customer === null);
        if (event.customer !== null) expect(isSealed(event.customer.id)).toBe(true);
      }
      expect(numbers(recommendations)).toEqual(numbersWith(sent, 0, 1, 2));
      for (const [n, event] of recommendations ?? []) {
        const { producerSessionId, customer } = click(n);
        expect(event.producerSessionId).toBe(producerSessionId);
        expect(event.customer?.id).toBe(customer === null ? undefined : masked("a seed", customer.id));
      }
      expect(numbers(campaigns)).toEqual(numbersWith(sent, 0, 3));
      for (const [n, event] of campaigns ?? []) {
        expect(event.customer?.email).toBe(click(n).customer?.email);
        if (event.customer !== null) expect(isSealed(event.customer.id)).toBe(true);
      }
      const refused = await readAll(cluster, "clicks.rejected");
      expect(refused.map(({ value }) => JSON.parse(value ?? "").code)).toEqual(["event.no-match"]);
      expect(refused[0]?.value).not.toContain("no address");
    } finally {
      await Promise.all(replicas.map((replica) => (replica.running ? replica.end("SIGKILL") : undefined)));
      await cluster?.close();
      await Promise.all([kafka.stop(), postgres.stop()]);
    }
  });
});
