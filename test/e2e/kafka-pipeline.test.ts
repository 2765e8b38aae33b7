// The example pipeline on Kafka runs as the README says, twice at once, and its topics hold what its words promise.
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { copyOfPipelines } from "../kit/folder.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, lagOf, type ReadMessage, readAll, sendAll } from "../kit/kafka-data.ts";
import { postgresMissing, startPostgres } from "../kit/postgres-server.ts";
import { Replica } from "../kit/replica.ts";
import { needServer } from "../kit/servers.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";

const canRun = hasOwnKafka() && needServer("PostgreSQL", postgresMissing());

const masterKey = JSON.stringify({ kty: "oct", k: Buffer.alloc(32, 7).toString("base64url") });
const consents = [[], [0], [0, 2], [0, 3], [0, 1, 2, 3]] as const;
const click = (n: number) => ({
  producerSessionId: `s${n % 7}`,
  customer: n % 3 === 0 ? null : { id: `customer-${n}`, email: n % 2 === 0 ? null : `c${n}@mail.example` },
  url: n === 17 ? "no address" : `https://shop.example/${n}`,
  referrer: null,
  abTests: null,
  strmMeta: { timestamp: 1_795_000_000_000 + n, consentLevels: consents[n % consents.length] ?? [] },
});
type Click = ReturnType<typeof click>;

const isSealed = (value: unknown) =>
  typeof value === "string" && /^A[Q-Za-f][A-Za-z0-9+/]{26,}={0,2}$/.test(value);
const numberOf = ({ url }: Click) => Number(url.split("/").at(-1));
const masked = (value: string) => createHmac("sha256", "a seed").update(value).digest("hex").slice(0, 32);

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

      const eventsOf = async (topic: string): Promise<Map<number, Click>> => {
        const messages: readonly ReadMessage[] = await readAll(cluster as Cluster, topic);
        const events = messages.map(({ value }) => JSON.parse(value ?? "") as Click);
        expect(new Set(events.map(numberOf)).size).toBe(events.length);
        return new Map(events.map((event) => [numberOf(event), event]));
      };
      const good = sent.filter(({ url }) => url.startsWith("https:"));
      const withConsent = (...levels: number[]) =>
        good
          .filter(({ strmMeta }) =>
            levels.every((level) => strmMeta.consentLevels.some((one) => one === level)),
          )
          .map(numberOf);
      const [safe, recommendations, campaigns] = await Promise.all(
        ["clicks.safe", "clicks.recommendations", "clicks.campaigns"].map(eventsOf),
      );
      const sorted = (events: Map<number, Click> | undefined) =>
        [...(events?.keys() ?? [])].sort((a, b) => a - b);

      expect(sorted(safe)).toEqual(good.map(numberOf));
      for (const [n, event] of safe ?? []) {
        expect(isSealed(event.producerSessionId)).toBe(true);
        expect(event.customer === null).toBe(click(n).customer === null);
        if (event.customer !== null) expect(isSealed(event.customer.id)).toBe(true);
      }
      expect(sorted(recommendations)).toEqual(withConsent(0, 1, 2));
      for (const [n, event] of recommendations ?? []) {
        const { producerSessionId, customer } = click(n);
        expect(event.producerSessionId).toBe(producerSessionId);
        expect(event.customer?.id).toBe(customer === null ? undefined : masked(customer.id));
      }
      expect(sorted(campaigns)).toEqual(withConsent(0, 3));
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
