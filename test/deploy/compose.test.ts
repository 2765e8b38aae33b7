// The Compose file keeps to its specification, and its demonstration does what it promises: on servers of the same kinds, without an engine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { defaultRetryPolicy } from "../../runner/engine/retry.ts";
import { ask } from "../kit/ask.ts";
import { root, startStrm, strm } from "../kit/cli.ts";
import { emptyFolder } from "../kit/folder.ts";
import { newGcsBucket } from "../kit/gcs-server.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import { postgresMissing, startPostgres } from "../kit/postgres-server.ts";
import { pythonMissing, pythonPackages, runPython } from "../kit/python.ts";
import { fetchReaders, readBackGcs, readBackS3 } from "../kit/read-back.ts";
import { newS3Bucket } from "../kit/s3-server.ts";
import { needServer } from "../kit/servers.ts";
import { hasSharedGcs, hasSharedS3, sharedGcs, sharedS3 } from "../kit/shared-buckets.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";
import { readYaml } from "../kit/yaml.ts";

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
}

async function service(name: string): Promise<Service> {
  const [compose] = await readYaml<Compose>("deploy/compose.yaml");
  const found = compose?.services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
}

const text = readFileSync(join(root, "deploy/compose.yaml"), "utf8");

describe.skipIf(!needServer("Python", pythonMissing()))("the Compose file", () => {
  const program = fileURLToPath(new URL("../kit/check_compose.py", import.meta.url));
  const check = async (input: string) =>
    runPython(await pythonPackages("compose", ["compose-spec==0.2.1", "pyyaml==6.0.4"]), program, { input });

  test("is one by the specification", async () => {
    expect(await check(text)).toMatchObject({ code: 0, stderr: "" });
    expect((await check(text.replace("read_only:", "read_onli:"))).code).not.toBe(0);
    expect((await check(text.replace("source: s3-users", "source: others"))).code).not.toBe(0);
  });

  test("gives a run longer to stop than it may take, and a root that it can't write to", async () => {
    const { stop_grace_period, read_only } = await service("strm");
    expect(Number(stop_grace_period?.replace(/s$/, "")) * 1000).toBeGreaterThanOrEqual(
      defaultRetryPolicy.boundMs + 30_000,
    );
    expect(read_only).toBe(true);
  });
});

const hasAll =
  hasSharedS3() && hasSharedGcs() && hasOwnKafka() && needServer("PostgreSQL", postgresMissing());

describe.skipIf(!hasAll)("the demonstration", () => {
  beforeAll(fetchReaders, 300_000);

  test("brings made-up clicks from Kafka to all four buckets", async () => {
    const [broker, postgres, s3, gcs] = await Promise.all([
      KafkaBroker.start(),
      startPostgres(),
      sharedS3(),
      sharedGcs(),
    ]);
    try {
      const [clicks, run] = [await service("clicks"), await service("strm")];
      const state = emptyFolder();
      /** What the containers say, but for where they and their state are. */
      const argsOf = ({ command }: Service, more: readonly string[]): string[] => [
        ...command.filter((word, i) => !/^--(state|listen)/.test(word) && command[i - 1] !== "--state"),
        ...more,
      ];
      const sent = await strm(argsOf(clicks, ["--state", join(state, "clicks")]), {
        env: { ...clicks.environment, KAFKA_BROKERS: broker.brokers },
      });
      expect(sent.code, sent.stderr).toBe(0);

      const writer = JSON.stringify({
        access_key_id: s3.app.accessKeyId,
        secret_access_key: s3.app.secretAccessKey,
      });
      const buckets = {
        SAFE: await newS3Bucket(s3),
        RECOMMENDATIONS: await newS3Bucket(s3),
        KEYS: await newS3Bucket(s3),
      };
      const campaigns = await newGcsBucket(gcs);
      const places: Record<string, string> = {
        KAFKA_BROKERS: broker.brokers,
        KEYS_URL: postgres.url(),
        S3_ENDPOINT: s3.endpoint,
        S3_REGION: s3.region,
        GCS_ENDPOINT: gcs.endpoint,
        CAMPAIGNS_BUCKET: campaigns,
      };
      for (const [name, bucket] of Object.entries(buckets)) {
        places[`${name}_BUCKET`] = bucket;
        places[`${name}_WRITER`] = writer;
      }
      for (const name of Object.keys(places)) expect(run.environment, name).toHaveProperty(name);
      const running = startStrm(argsOf(run, ["--state", join(state, "run"), "--listen", "127.0.0.1:0"]), {
        env: { ...run.environment, ...places },
      });
      await running.until(/"name":"clicks","kind":"source","in":120,/);
      const [, url = ""] = /listening on (http:\S+)/.exec(running.seen()) ?? [];
      expect((await ask(`${url}/readyz`)).text).toBe("ready\n");
      running.kill("SIGTERM");
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(0);

      const objects = await Promise.all([
        ...Object.values(buckets).map((bucket) => readBackS3(s3, bucket)),
        readBackGcs(gcs, campaigns),
      ]);
      for (const found of objects) expect(found.length).toBeGreaterThan(0);
    } finally {
      await Promise.all([broker.stop(), postgres.remove()]);
    }
  }, 180_000);
});
