// The example pipelines with buckets run as they are, and what other clients read there is what consent allows.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import { strm } from "../kit/cli.ts";
import { byNumber, click, masterKey, numbersWith } from "../kit/clickstream.ts";
import { copyOfPipelines } from "../kit/folder.ts";
import { openForeign, readKeysets } from "../kit/foreign-tink.ts";
import { newGcsBucket } from "../kit/gcs-server.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { clusterAt, lagOf, readAll, sendAll } from "../kit/kafka-data.ts";
import { postgresMissing, startPostgres } from "../kit/postgres-server.ts";
import { fetchReaders, type ReadObject, readBackGcs, readBackS3 } from "../kit/read-back.ts";
import { Replica } from "../kit/replica.ts";
import { newS3Bucket, type S3Place } from "../kit/s3-server.ts";
import { needServer } from "../kit/servers.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "../kit/shared-buckets.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";
import { isSealed, masked } from "../kit/shown-values.ts";

const hasBuckets = hasSharedS3() && hasSharedGcs();
const writerOf = ({ app }: S3Place) =>
  JSON.stringify({ access_key_id: app.accessKeyId, secret_access_key: app.secretAccessKey });

beforeAll(async () => {
  if (hasBuckets) await fetchReaders();
}, 300_000);

type Row = Readonly<Record<string, string>>;

function rowsIn(text: string, delimiter = ","): readonly Row[] {
  return parse<Row>(text, { relax_column_count: true, bom: true, columns: true, delimiter });
}

describe.skipIf(!hasBuckets)("pipelines/batch-export/orders.strm", () => {
  const levels: Readonly<Record<string, readonly number[]>> = {
    "shop only": [0],
    "shop, statistics": [0, 1],
    everything: [0, 1, 2, 3],
  };

  test("gives each order to whom its customer allowed it, and the same objects when it is run again", async () => {
    const [s3, gcs] = [await sharedS3(), await sharedGcs()];
    const [statisticsBucket, newsletterBucket] = [await newS3Bucket(s3), await newGcsBucket(gcs)];
    const folder = copyOfPipelines();
    const env = {
      STATISTICS_BUCKET: statisticsBucket,
      STATISTICS_WRITER: writerOf(s3),
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      NEWSLETTER_BUCKET: newsletterBucket,
      GCS_ENDPOINT: gcs.endpoint,
    };
    const program = join(folder, "batch-export/orders.strm");
    const readBack = async () => ({
      statistics: await readBackS3(s3, statisticsBucket),
      newsletter: await readBackGcs(gcs, newsletterBucket),
    });
    const tried = await strm(["check", "--connect", program], { env });
    expect([tried.code, tried.stderr + tried.stdout]).toEqual([0, expect.anything()]);
    expect(await readBack()).toEqual({ statistics: [], newsletter: [] });

    const first = await strm(["run", program], { env });
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining("The ledger balances")]);
    const found = await readBack();

    const rows = ["orders-2026-03.csv", "orders-2026-10.csv"].flatMap((name) =>
      rowsIn(readFileSync(join(folder, "batch-export", name), "utf8"), ";"),
    );
    const good = rows.filter((row) => row.items !== undefined && !row.total?.includes(","));
    expect(rows.length - good.length).toBe(4);
    const allowed = (...asked: readonly number[]) =>
      good.filter(({ consent = "" }) => asked.every((level) => levels[consent]?.includes(level)));

    const out = (name: string) => readFileSync(join(folder, "out/batch-export", name), "utf8");
    expect(out("rejected.jsonl").trim().split("\n").length).toBe(4);
    const safe = rowsIn(out("safe.csv"));
    expect(safe.map(({ orderId }) => orderId)).toEqual(good.map(({ orderId }) => orderId));
    expect(Object.keys(safe[0] ?? {})).not.toContain("consent");
    const bookkeeping = rowsIn(out("bookkeeping.csv"));
    expect(bookkeeping.map((row) => [row.orderId, row["customer.name"], row.total])).toEqual(
      allowed(0).map((row) => [row.orderId, row["customer.name"], row.total]),
    );
    expect(bookkeeping.every((row) => row.note === "" || isSealed(row.note))).toBe(true);

    const statistics = found.statistics.flatMap(({ lines }) => lines.map((line) => JSON.parse(line)));
    expect(statistics.map(({ orderId }) => orderId)).toEqual(allowed(0, 1).map(({ orderId }) => orderId));
    for (const [i, { customer, note, consent }] of statistics.entries()) {
      const row = allowed(0, 1)[i];
      expect(customer.id).toBe(masked("a-seed-for-the-examples-only", row?.["customer.id"] ?? ""));
      expect(note ?? "").toBe(row?.note);
      expect(customer.email === null || isSealed(customer.email)).toBe(true);
      expect(consent).toBeUndefined();
    }
    // Two nights; each month is a folder of its own.
    expect(new Set(found.statistics.map(({ key }) => key.split("/")[1]))).toEqual(
      new Set(["month=2026-03", "month=2026-10"]),
    );

    const newsletter = found.newsletter.flatMap(({ bytes }) => rowsIn(bytes.toString()));
    const inOrder = (ids: readonly (string | undefined)[]) => ids.toSorted();
    expect(inOrder(newsletter.map(({ orderId }) => orderId))).toEqual(
      inOrder(allowed(0, 3).map(({ orderId }) => orderId)),
    );
    const emails = new Map(good.map((row) => [row.orderId, row["customer.email"]]));
    for (const row of newsletter) expect(row["customer.email"]).toBe(emails.get(row.orderId));
    for (const { bytes } of found.newsletter) expect(rowsIn(bytes.toString()).length).toBeLessThanOrEqual(50);

    const again = await strm(["run", program, "--from-start"], { env });
    expect(again.code).toBe(0);
    const named = ({ key, bytes }: ReadObject) => [key, bytes.toString("base64")];
    const after = await readBack();
    expect(after.statistics.map(named)).toEqual(found.statistics.map(named));
    expect(after.newsletter.map(named)).toEqual(found.newsletter.map(named));
  }, 120_000);
});

const canRun = hasBuckets && hasOwnKafka() && needServer("PostgreSQL", postgresMissing());

describe.skipIf(!canRun)("pipelines/kafka-to-buckets/clickstream.strm", () => {
  test("by two replicas", async () => {
    const [kafka, postgres, s3, gcs] = await Promise.all([
      KafkaBroker.start(),
      startPostgres(),
      sharedS3(),
      sharedGcs(),
    ]);
    const folder = copyOfPipelines();
    const program = join(folder, "kafka-to-buckets/clickstream.strm");
    const buckets = {
      safe: await newS3Bucket(s3),
      recommendations: await newS3Bucket(s3),
      campaigns: await newGcsBucket(gcs),
      keys: await newS3Bucket(s3),
    };
    const env = {
      KAFKA_BROKERS: kafka.brokers,
      KEYS_URL: postgres.url(),
      STRM_MASTER_KEY: masterKey,
      MASK_SEED: "a seed",
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      GCS_ENDPOINT: gcs.endpoint,
      SAFE_BUCKET: buckets.safe,
      RECOMMENDATIONS_BUCKET: buckets.recommendations,
      CAMPAIGNS_BUCKET: buckets.campaigns,
      KEYS_BUCKET: buckets.keys,
      SAFE_WRITER: writerOf(s3),
      RECOMMENDATIONS_WRITER: writerOf(s3),
      KEYS_WRITER: writerOf(s3),
    };
    const replicas = ["one", "two"].map(
      (name) =>
        new Replica({ pipeline: program, stateDir: join(folder, name), env: { ...env, REPLICA: name } }),
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
      while ((await lagOf(cluster, "clickstream-to-buckets", "clicks")) > 0) await sleep(50);
      for (const replica of replicas) expect((await replica.end("SIGTERM")).code).toBe(0);

      const [safe, recommendations, campaigns, keys] = await Promise.all([
        readBackS3(s3, buckets.safe),
        readBackS3(s3, buckets.recommendations),
        readBackGcs(gcs, buckets.campaigns),
        readBackS3(s3, buckets.keys),
      ]);
      const eventsOf = (objects: readonly ReadObject[]) => byNumber(objects.flatMap(({ lines }) => lines));
      const numbers = (events: ReadonlyMap<number, unknown>) => [...events.keys()];

      expect(numbers(eventsOf(safe))).toEqual(numbersWith(sent));
      expect(numbers(eventsOf(recommendations))).toEqual(numbersWith(sent, 0, 1, 2));
      expect(numbers(eventsOf(campaigns))).toEqual(numbersWith(sent, 0, 3));
      for (const [n, event] of eventsOf(recommendations)) {
        const { producerSessionId, customer } = click(n);
        expect(event.producerSessionId).toBe(producerSessionId);
        expect(event.customer?.id).toBe(customer === null ? undefined : masked("a seed", customer.id));
        expect(event.customer?.email == null || isSealed(event.customer.email)).toBe(true);
      }
      for (const [n, event] of eventsOf(campaigns)) {
        expect(event.customer?.email).toBe(click(n).customer?.email);
        if (event.customer !== null) expect(isSealed(event.customer.id)).toBe(true);
      }
      for (const { key } of safe) {
        expect(key).toMatch(
          /^clicks\/date=2026-11-\d\d\/hour=\d\d\/2026-11-\d\dT[\d-]{8}Z-safe---\d@\d+(_\d@\d+)*-[0-9a-f]{12}\.jsonl\.gz$/,
        );
      }
      const keysets = keys.flatMap(({ bytes }) => readKeysets(bytes.toString()));
      for (const [n, event] of eventsOf(safe)) {
        const row = keysets.find((one) => one.keyLink === event.strmMeta.keyLink && one.purpose === 0);
        if (row === undefined) throw new Error("a keyset is missing");
        const opened = openForeign(row, "producerSessionId", event.producerSessionId);
        expect(opened).toBe(click(n).producerSessionId);
      }
      expect((await readAll(cluster, "clicks.rejected")).length).toBe(1);
      for (const name of ["one", "two"]) expect(leftIn(join(folder, name, "spool"))).toEqual([]);
    } finally {
      await Promise.all(replicas.map((replica) => (replica.running ? replica.end("SIGKILL") : undefined)));
      await cluster?.close();
      await Promise.all([kafka.stop(), postgres.stop()]);
    }
  }, 180_000);
});

/** What waits for a bucket. */
function leftIn(spool: string): readonly string[] {
  return readdirSync(spool, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"));
}
