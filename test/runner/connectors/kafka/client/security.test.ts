// Who may connect, and to do what: SASL, TLS and rights, against a real broker.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../../../../runner/connectors/kafka/client/cluster.ts";
import { Fetcher } from "../../../../../runner/connectors/kafka/client/fetcher.ts";
import { Member } from "../../../../../runner/connectors/kafka/client/member.ts";
import type { KafkaOptions, Sasl } from "../../../../../runner/connectors/kafka/client/options.ts";
import { Producer } from "../../../../../runner/connectors/kafka/client/producer.ts";
import { TopicChoice } from "../../../../../runner/connectors/kafka/topics.ts";
import { Authority, type Certificate, opensslMissing } from "../../../../kit/certificates.ts";
import { codeOf } from "../../../../kit/failures.ts";
import { KafkaBroker } from "../../../../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic, openProducer, readAll, send } from "../../../../kit/kafka-data.ts";
import { needServer } from "../../../../kit/servers.ts";
import { hasOwnKafka } from "../../../../kit/shared-kafka.ts";

const login = "org.apache.kafka.common.security";
const tls = (listener: string, auth: string) => ({
  [`listener.name.${listener}.ssl.keystore.type`]: "PEM",
  [`listener.name.${listener}.ssl.keystore.location`]: "DIR/server.pem",
  [`listener.name.${listener}.ssl.truststore.type`]: "PEM",
  [`listener.name.${listener}.ssl.truststore.location`]: "DIR/ca.pem",
  [`listener.name.${listener}.ssl.client.auth`]: auth,
});
const properties = {
  "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
  "listener.name.sasl.plain.sasl.jaas.config": `${login}.plain.PlainLoginModule required user_admin="plain-word" user_alice="alice-word";`,
  "listener.name.sasl.scram-sha-256.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
  "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
  "listener.name.sasl.oauthbearer.sasl.jaas.config": `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";`,
  "listener.name.sasl.oauthbearer.connections.max.reauth.ms": "1000",
  ...tls("tls", "none"),
  ...tls("mutual", "required"),
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "super.users": "User:ANONYMOUS;User:admin",
};

describe.skipIf(!(hasOwnKafka() && needServer("TLS", opensslMissing())))(
  "a broker that asks who it is",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "strm-tls-"));
    let broker: KafkaBroker;
    let root: Cluster;
    let authority: Authority;
    let client: Certificate;
    const clusters: Cluster[] = [];

    beforeAll(async () => {
      authority = new Authority(folder);
      const server = authority.issue("broker", "DNS:kafka.test", "IP:127.0.0.1");
      client = authority.issue("strm");
      broker = await KafkaBroker.start({
        listeners: [
          { name: "SASL", protocol: "SASL_PLAINTEXT" },
          { name: "TLS", protocol: "SSL" },
          { name: "MUTUAL", protocol: "SSL" },
        ],
        scram: [
          "SCRAM-SHA-256=[name=admin,password=word-256]",
          "SCRAM-SHA-512=[name=admin,password=word-512]",
        ],
        files: { "server.pem": server.key + server.cert, "ca.pem": authority.cert },
        properties,
      });
      root = clusterAt(broker.brokers);
    });
    afterAll(async () => {
      for (const cluster of [root, ...clusters]) cluster?.close();
      await broker?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const addressOf = (listener: string) => `127.0.0.1:${broker.ports.get(listener)}`;

    function connect(listener: string, more: Partial<KafkaOptions> = {}): Cluster {
      const cluster = clusterAt(addressOf(listener), { connectTimeoutMs: 2000, ...more });
      clusters.push(cluster);
      return cluster;
    }

    const as = (sasl: Sasl): Cluster => connect("SASL", { sasl });

    /** Writes and reads, so that each kind of connection is made. */
    async function use(cluster: Cluster): Promise<void> {
      const topic = await newTopic(cluster, "used");
      const producer = await openProducer(cluster);
      await send(producer, topic, 1, [{ value: "used" }]);
      await producer.flush();
      await producer.close();
      expect(await readAll(cluster, topic)).toHaveLength(1);
    }

    describe("by SASL", () => {
      test.each([
        ["plain", "plain-word"],
        ["scram_sha_256", "word-256"],
        ["scram_sha_512", "word-512"],
      ] as const)("%s", async (mechanism, password) => {
        await use(as({ mechanism, username: "admin", password }));
        const wrong = as({ mechanism, username: "admin", password: "not-the-word" });
        await expect(wrong.topics()).rejects.toMatchObject({
          code: "kafka.auth",
          message: expect.not.stringContaining("not-the-word"),
        });
        expect(await codeOf(as({ mechanism, username: "nobody", password }).topics())).toBe("kafka.auth");
      });

      test("a token, which is asked for again before the session ends", async () => {
        let tokens = 0;
        const token = () => {
          tokens++;
          return Promise.resolve(tokenOf("admin", 60));
        };
        const cluster = as({ mechanism: "oauthbearer", token });
        await use(cluster);
        const first = tokens;
        const topic = await newTopic(cluster, "long");
        const producer = await openProducer(cluster);
        const fetcher = new Fetcher(cluster, { maxWaitMs: 50, maxBytes: 1_048_576 });
        fetcher.start([{ topic, partition: 0, offset: 0 }]);
        // Each connection outlives several of its sessions: none breaks off, nothing is lost.
        for (let i = 0; tokens < first + 12; i++) {
          await send(producer, topic, 1, [{ value: String(i) }]);
          await producer.flush();
          expect((await fetcher.next())?.offsets).toEqual([i]);
        }
        fetcher.stop();
        await producer.close();
      });

      test("a token that is refused", async () => {
        const late = as({ mechanism: "oauthbearer", token: () => Promise.resolve(tokenOf("admin", -3600)) });
        expect(await codeOf(late.topics())).toBe("kafka.auth");
      });

      test("where there is none", async () => {
        const sasl = { mechanism: "plain", username: "admin", password: "plain-word" } as const;
        expect(await codeOf(connect("PLAIN", { sasl }).topics())).toBe("kafka.auth");
        expect(await codeOf(connect("SASL").topics())).toBe("kafka.unreachable");
      });
    });

    describe("by TLS", () => {
      test("with an authority that is trusted, by address and by name", async () => {
        await use(connect("TLS", { tls: { ca: authority.cert } }));
        await use(connect("TLS", { tls: { ca: authority.cert, serverName: "kafka.test" } }));
      });

      test.each([
        ["nobody trusts the authority", "TLS", () => ({ tls: {} })],
        [
          "the certificate bears another name",
          "TLS",
          () => ({ tls: { ca: authority.cert, serverName: "other.test" } }),
        ],
        ["only the broker speaks TLS", "TLS", () => ({})],
        ["a certificate is asked for", "MUTUAL", () => ({ tls: { ca: authority.cert } })],
      ] as const)("%s", async (_, listener, options) => {
        expect(await codeOf(connect(listener, options()).topics())).toBe("kafka.tls");
      });

      test("only strm speaks TLS: the broker closes without a word", async () => {
        const topics = connect("PLAIN", { tls: { ca: authority.cert } }).topics();
        await expect(topics).rejects.toMatchObject({
          code: "kafka.unreachable",
          message: expect.stringContaining("it closed the connection instead of speaking TLS"),
        });
      });

      test("with a certificate of one's own", async () => {
        await connect("MUTUAL", { tls: { ca: authority.cert, ...client } })
          .topics()
          .catch((error: unknown) => {
            // The name in the certificate has no rights; it got in.
            expect(error).toMatchObject({ code: "kafka.denied" });
          });
      });
    });

    describe("without rights", () => {
      const alice = () => as({ mechanism: "plain", username: "alice", password: "alice-word" });

      test("topics are neither read nor written nor made", async () => {
        const topic = await newTopic(root, "secret");
        const cluster = alice();
        expect((await cluster.topics()).has(topic)).toBe(false);
        expect(await codeOf(cluster.partitionsOf(topic))).toBe("kafka.denied");
        expect(await codeOf(cluster.create(newName("made"), { partitions: 1, replication: 1 }))).toBe(
          "kafka.denied",
        );
        const fetcher = new Fetcher(cluster, { maxWaitMs: 50, maxBytes: 1_048_576 });
        fetcher.start([{ topic, partition: 0, offset: 0 }]);
        expect(await codeOf(fetcher.next())).toBe("kafka.denied");
        fetcher.stop();
        expect(await codeOf(openProducer(cluster))).toBe("kafka.denied");
      });

      test("groups are not joined, transactions not begun", async () => {
        const topic = await newTopic(root, "secret");
        const cluster = alice();
        const member = new Member(cluster, {
          group: newName("group"),
          topics: new TopicChoice(`${topic}*`),
          instanceId: undefined,
          sessionTimeoutMs: 10_000,
          rebalanceTimeoutMs: 10_000,
          metadataMaxAgeMs: 30_000,
        });
        expect(await codeOf(member.join())).toBe("kafka.denied");
        expect(await codeOf(cluster.committed(newName("group"), [{ topic, partition: 0 }]))).toBe(
          "kafka.denied",
        );
        const producer = new Producer(cluster, {
          transactionalId: newName("tx"),
          transactionTimeoutMs: 10_000,
          settings: { compression: "none", lingerMs: 0, batchBytes: 1000, maxMessageBytes: 1000 },
          maxBufferedBytes: 1000,
        });
        expect(await codeOf(producer.init())).toBe("kafka.denied");
        await Promise.all([member.close(), producer.close()]);
      });
    });
  },
);

/** A token that nobody signed (RFC 7515, appendix A.5): the broker's own validator for tests takes it. */
function tokenOf(subject: string, lifeSeconds: number): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: subject, iat: nowSeconds - 7200, exp: nowSeconds + lifeSeconds };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}
