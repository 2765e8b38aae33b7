// Pipelines on a cluster that encrypts and asks who comes: by password, by certificate, and by tokens of an issuer whose signature the broker checks.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { Authority, opensslMissing } from "../kit/certificates.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { Issuer } from "../kit/issuer.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, newName, newTopic, readAll, sendAll } from "../kit/kafka-data.ts";
import { failureIn, readToEnd, startKafkaRun } from "../kit/kafka-run.ts";
import { needServer } from "../kit/servers.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";

const login = "org.apache.kafka.common.security";
const client = { clientId: "strm", clientSecret: "client-word" };
/** So short that the broker asks for a new token while a run goes on. */
const tokenSeconds = 4;

const canRun = hasOwnKafka() && needServer("TLS", opensslMissing());

describe.skipIf(!canRun)("a pipeline on a broker that asks who it is", () => {
  let issuer: Issuer;
  let kafka: KafkaBroker;
  let cluster: Cluster;
  let authority: Authority;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "strm-tls-"));
    authority = new Authority(folder);
    issuer = await Issuer.start({ ...client, audience: "kafka", lifeSeconds: tokenSeconds });
    const server = authority.issue("broker", "IP:127.0.0.1");
    const tls = (name: string, clients: string) => ({
      [`listener.name.${name}.ssl.keystore.type`]: "PEM",
      [`listener.name.${name}.ssl.keystore.location`]: "DIR/server.pem",
      [`listener.name.${name}.ssl.truststore.type`]: "PEM",
      [`listener.name.${name}.ssl.truststore.location`]: "DIR/ca.pem",
      [`listener.name.${name}.ssl.client.auth`]: clients,
    });
    const token = `${login}.oauthbearer`;
    kafka = await KafkaBroker.start({
      listeners: [
        { name: "SASL", protocol: "SASL_SSL" },
        { name: "MUTUAL", protocol: "SSL" },
      ],
      files: { "server.pem": server.key + server.cert, "ca.pem": authority.cert },
      scram: ["SCRAM-SHA-512=[name=strm,password=scram-word]"],
      // Since version 4, a broker fetches keys only from where it was told on its command line.
      jvm: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${issuer.keysUrl}`],
      properties: {
        ...tls("sasl", "none"),
        ...tls("mutual", "required"),
        "listener.name.sasl.sasl.enabled.mechanisms": "SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
        "listener.name.sasl.oauthbearer.sasl.jaas.config": `${token}.OAuthBearerLoginModule required;`,
        "listener.name.sasl.oauthbearer.sasl.server.callback.handler.class": `${token}.OAuthBearerValidatorCallbackHandler`,
        "listener.name.sasl.oauthbearer.connections.max.reauth.ms": "60000",
        "listener.name.sasl.sasl.oauthbearer.jwks.endpoint.url": issuer.keysUrl,
        "listener.name.sasl.sasl.oauthbearer.expected.audience": "kafka",
        "listener.name.sasl.sasl.oauthbearer.expected.issuer": issuer.url,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:strm;User:CN=strm",
      },
    });
    cluster = clusterAt(kafka.brokers);
  });
  afterAll(async () => {
    await cluster?.close();
    await kafka?.stop();
    await issuer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A run that connects with these options. */
  async function started(listener: string, options: string, environment = {}) {
    const [input, output] = [await newTopic(cluster, "visits", 2), await newTopic(cluster, "safe")];
    const group = newName("group");
    const home = emptyFolder();
    const { cert, key } = authority.issue("strm");
    writeFiles(home, { "ca.pem": authority.cert, "strm.pem": cert, "strm.key": key });
    const program = `contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(1)
  n: int
  levels: int[]    @consent
}
source visits of visit from kafka { BROKERS, ${options}, topic = "${input}", group = "${group}" }
encrypt visits into safe
sink safe into kafka { BROKERS, ${options}, topic = "${output}" }
`;
    const run = startKafkaRun(home, program, `127.0.0.1:${kafka.ports.get(listener)}`, { environment });
    const through = async (from: number, to: number): Promise<void> => {
      const numbers = Array.from({ length: to - from }, (_, i) => from + i);
      const value = (n: number) => JSON.stringify({ session: `s${n % 3}`, n, levels: [1] });
      await sendAll(
        cluster,
        input,
        numbers.map((n) => ({ value: value(n) })),
      );
      await readToEnd(run, cluster, group, input);
      const read = (await readAll(cluster, output)).map((message) => JSON.parse(message.value ?? "").n);
      expect(read.sort((a, b) => a - b)).toEqual(Array.from({ length: to }, (_, n) => n));
    };
    return { run, through };
  }

  const tls = 'tls = { ca = "ca.pem" }';
  const scram = `${tls}, sasl = { mechanism = scram_sha_512, user = "strm", password = secret("WORD") }`;
  const oauth = (more = "") => `${tls}, sasl = { mechanism = oauthbearer, token_url = "${issuer.tokenUrl}",
  client_id = "strm", client_secret = secret("WORD") ${more} }`;

  test("by a password", async () => {
    const { run, through } = await started("SASL", scram, { WORD: "scram-word" });
    await through(0, 30);
    expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
  }, 60_000);

  test("by a certificate", async () => {
    const options = 'tls = { ca = "ca.pem", cert = "strm.pem", key = file("strm.key") }';
    const { run, through } = await started("MUTUAL", options);
    await through(0, 30);
    expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
  }, 60_000);

  test("by tokens, which it renews while it runs", async () => {
    const { run, through } = await started("SASL", oauth(), { WORD: client.clientSecret });
    await through(0, 30);
    const first = issuer.issued;
    let sent = 30;
    while (issuer.issued < first + 3) {
      await through(sent, sent + 10);
      sent += 10;
    }
    expect(failureIn(run)).toBe("it has not failed");
    expect(run.events.filter(({ type }) => type === "retry")).toEqual([]);
    expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
  }, 120_000);

  test.each([
    ["a wrong password", () => scram, "kafka.auth"],
    ["a wrong secret for the issuer", () => oauth(), "kafka.auth"],
    ["an authority that it does not know", () => scram.replace('"ca.pem"', '"strm.pem"'), "kafka.tls"],
  ])(
    "%s stops it, and no secret is told",
    async (_, options, code) => {
      const { run } = await started("SASL", options(), { WORD: "wr0ng" });
      expect((await run.ended).outcome).toBe("failed");
      expect(failureIn(run)).toMatch(new RegExp(`^${code}: `));
      expect(JSON.stringify(run.events)).not.toMatch(/wr0ng/);
    },
    60_000,
  );
});
