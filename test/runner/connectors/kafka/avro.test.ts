// Avro through the whole of a pipeline: from messages under a registry's schemas to sealed and opened ones, to JSON, and to files and back.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/graph/job-graph.ts";
import type { Cluster } from "../../../../runner/connectors/kafka/client/cluster.ts";
import { avroType } from "../../../kit/avro.ts";
import { emptyFolder, linesOf } from "../../../kit/folder.ts";
import { clusterAt, newName, newTopic, type ReadMessage, readAll, sendAll } from "../../../kit/kafka-data.ts";
import { failureIn, readToEnd, startKafkaRun } from "../../../kit/kafka-run.ts";
import { runProgram } from "../../../kit/run-program.ts";
import { hasSharedKafka, sharedKafka } from "../../../kit/shared-kafka.ts";
import { SmallRegistry } from "../../../kit/small-registry.ts";

const visitFields = [
  { name: "session", type: "string" },
  { name: "person", type: ["null", "string"], default: null },
  { name: "n", type: "long" },
  { name: "levels", type: { type: "array", items: "int" } },
] as const;
const visitSchema: Json = { type: "record", name: "Visit", namespace: "acme", fields: [...visitFields] };
/** What an older producer writes: another order, a field that is gone, and none of `person`. */
const olderSchema: Json = {
  type: "record",
  name: "Visit",
  namespace: "acme",
  fields: [
    { name: "gone", type: "string" },
    ...[...visitFields].reverse().filter(({ name }) => name !== "person"),
  ],
};

const contract = `contract visit as "acme/visit/1.0.0" from "visit.avsc" {
  session @key @pii(1)
  person  @pii(2)
  levels  @consent
}
`;

function newFolder(): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, "visit.avsc"), JSON.stringify(visitSchema));
  return folder;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const visit = (n: number) => ({
  session: `s${n % 3}`,
  person: n % 4 === 0 ? null : { string: `p${n}` },
  n: BigInt(n) + 2n ** 60n,
  levels: n % 2 === 0 ? [1, 2] : [1],
});
const framed = (id: number, datum: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return Buffer.concat([head, datum]);
};

describe.skipIf(!hasSharedKafka())("Avro", () => {
  let brokers: string;
  let cluster: Cluster;
  let registry: SmallRegistry;
  beforeAll(async () => {
    brokers = await sharedKafka();
    cluster = clusterAt(brokers);
    registry = await SmallRegistry.start();
  });
  afterAll(async () => {
    await cluster?.close();
    await registry?.close();
  });

  /** The schema that the registry has for a message, and the value by it. */
  async function decoded({ bytes }: ReadMessage) {
    const message = Buffer.from(bytes ?? []);
    expect(message[0]).toBe(0);
    const answer = await fetch(`${registry.url}/schemas/ids/${message.readInt32BE(1)}`);
    const { schema: text } = (await answer.json()) as { schema: string };
    const schema: Json = JSON.parse(text);
    return avroType(schema).fromBuffer(message.subarray(5));
  }

  async function register(subject: string, schema: Json): Promise<number> {
    const answer = await fetch(`${registry.url}/subjects/${subject}/versions`, {
      method: "POST",
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      body: JSON.stringify({ schema: JSON.stringify(schema) }),
    });
    return ((await answer.json()) as { id: number }).id;
  }

  test("of several schemas is read, sealed, opened and registered; JSON comes of it where it is asked for", async () => {
    const input = await newTopic(cluster, "visits", 3);
    const [safe, opened, json] = [newName("safe"), newName("opened"), newName("json")];
    const group = newName("group");
    const [current, older] = [
      await register(input, visitSchema),
      await register(`${input}-old`, olderSchema),
    ];
    const [now, before] = [avroType(visitSchema), avroType(olderSchema)];
    await sendAll(cluster, input, [
      ...numbers(40).map((n) => ({
        value:
          n % 5 === 0
            ? framed(older, before.toBuffer({ ...visit(n), gone: "secret-of-old" }))
            : framed(current, now.toBuffer(visit(n))),
      })),
      { value: "{}" },
      { value: framed(4711, Buffer.from([1])) },
    ]);
    const registered = `format = avro, registry = { url = "${registry.url}", register = true }`;
    const run = startKafkaRun(
      newFolder(),
      `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}", format = avro, registry = { url = "${registry.url}" } }
encrypt visits into safe
decrypt safe into opened for granular(1, 2)
sink safe   into kafka { BROKERS, topic = "${safe}", create = { partitions = 2 }, ${registered} }
sink opened into kafka { BROKERS, topic = "${opened}", create = { partitions = 1 }, ${registered} }
sink opened into kafka { BROKERS, topic = "${json}", create = { partitions = 1 } }
`,
      brokers,
    );
    await readToEnd(run, cluster, group, input);
    const finished = await run.stop();
    expect(failureIn(run)).toBe("it has not failed");
    expect(finished.ledger.steps[0]).toMatchObject({ in: 42, out: 40, rejected: 2 });

    const sealed = await Promise.all(
      (await readAll(cluster, safe)).map(async (message) => ({ message, value: await decoded(message) })),
    );
    expect(sealed).toHaveLength(40);
    for (const { message, value } of sealed) {
      const n = Number(value.n - 2n ** 60n);
      expect(value.session).toMatch(/^A[Q-Za-f]/);
      expect(message.key).toBe(value.strmMeta.keyLink);
      expect(value.person === null).toBe(n % 4 === 0 || n % 5 === 0);
      expect(value.strmMeta.consentLevels).toEqual(visit(n).levels);
      expect(Buffer.from(message.bytes ?? []).includes("secret-of-old")).toBe(false);
    }
    const clear = await Promise.all((await readAll(cluster, opened)).map(decoded));
    expect(clear).toHaveLength(20);
    for (const value of clear) {
      const n = Number(value.n - 2n ** 60n);
      expect(value.session).toBe(`s${n % 3}`);
      expect(value.person).toEqual(n % 5 === 0 ? null : visit(n).person);
    }
    const texts = (await readAll(cluster, json)).map(({ value }) => value ?? "");
    expect(texts).toHaveLength(20);
    // Whole numbers beyond a double's reach, and unions without their branch's name.
    expect(texts.some((text) => text.includes('"string"'))).toBe(false);
    for (const value of clear) {
      expect(texts.filter((text) => text.includes(`"n":${value.n},`))).toHaveLength(1);
    }
  });

  test("goes from JSON lines to messages, to a file, and back to the same JSON", async () => {
    const [topic, folder, group] = [await newTopic(cluster, "safe", 2), newFolder(), newName("group")];
    const lines = numbers(100).map(
      (n) =>
        `{"session":"s${n % 3}","person":${n % 4 === 0 ? "null" : `"p${n}"`},"n":${2n ** 60n + BigInt(n)},"levels":[1,2]}`,
    );
    writeFileSync(join(folder, "in.jsonl"), lines.map((line) => `${line}\n`).join(""));
    writeFileSync(
      join(folder, "to.strm"),
      `${contract}
source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
sink safe into kafka { brokers = "${brokers}", topic = "${topic}", format = avro }
`,
    );
    expect((await runProgram(folder, "to.strm", { workers: 2 })).finished.outcome).toBe("completed");
    const run = startKafkaRun(
      folder,
      `${contract}
source safe of sealed visit from kafka { BROKERS, topic = "${topic}", group = "${group}", format = avro }
decrypt safe into opened for granular(1, 2)
sink opened into file { path = "opened.avro", compress = zstd }
`,
      brokers,
    );
    await readToEnd(run, cluster, group, topic);
    expect(await run.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    writeFileSync(
      join(folder, "back.strm"),
      `${contract}
source opened of sealed visit from file { path = "opened.avro" }
sink opened into file { path = "back.jsonl", exposing = "a test" }
`,
    );
    const back = await runProgram(folder, "back.strm", { workers: 1 });
    expect(back.finished.outcome).toBe("completed");
    const withoutMeta = linesOf(folder, "back.jsonl").map((line) => `${line.replace(/,"strmMeta":.*/, "")}}`);
    expect(withoutMeta.sort()).toEqual([...lines].sort());
  });

  test("whose schema the registry may not take stops the run before anything is written", async () => {
    const [input, output] = [await newTopic(cluster, "visits"), await newTopic(cluster, "safe")];
    await sendAll(cluster, input, [{ value: avroType(visitSchema).toBuffer(visit(1)) }]);
    const run = startKafkaRun(
      newFolder(),
      `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", format = avro }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}", format = avro, registry = { url = "${registry.url}" } }
`,
      brokers,
    );
    expect((await run.ended).outcome).toBe("failed");
    expect(failureIn(run)).toMatch(/^registry\.no-schema: /);
    expect(await readAll(cluster, output)).toEqual([]);
  });
});
