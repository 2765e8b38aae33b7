// The connector on a real broker: what goes in comes out once, with its key and headers, and the group shows how far it is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../../../runner/connectors/kafka/client/cluster.ts";
import type { PartitionOffset } from "../../../../runner/index.ts";
import { emptyFolder, linesOf } from "../../../kit/folder.ts";
import {
  clusterAt,
  lagOf,
  newName,
  newTopic,
  type ReadMessage,
  readAll,
  sendAll,
} from "../../../kit/kafka-data.ts";
import { failureIn, type KafkaRun, readToEnd, startKafkaRun } from "../../../kit/kafka-run.ts";
import { runProgram } from "../../../kit/run-program.ts";
import { hasSharedKafka, sharedKafka } from "../../../kit/shared-kafka.ts";

const contract = `contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(1)
  person: string?  @pii(2)
  n: int
  levels: int[]    @consent
}
`;

const visit = (n: number, more: object = {}): string =>
  JSON.stringify({ session: `s${n % 3}`, person: `p${n}`, n, levels: n % 2 === 0 ? [1, 2] : [1], ...more });
const numbersIn = (values: readonly (string | null)[]): readonly number[] =>
  values.map((value) => JSON.parse(value ?? "").n).sort((a, b) => a - b);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** As the last progress tells them. */
function offsetsAt({ events }: KafkaRun, step: string): readonly PartitionOffset[] | undefined {
  const last = events.findLast((event) => event.type === "progress");
  return last?.offsets.find((one) => one.step === step)?.partitions;
}

/** Of messages that are all committed, as they stand in the topic. */
function lastOffsets(topic: string, messages: readonly ReadMessage[]): readonly PartitionOffset[] {
  const last = new Map(messages.map(({ partition, offset }) => [partition, offset]));
  return [...last]
    .sort(([one], [other]) => one - other)
    .map(([partition, offset]) => ({ partition: `${topic}/${partition}`, offset, committed: offset }));
}

describe.skipIf(!hasSharedKafka())("from topic to topic", () => {
  let brokers: string;
  let cluster: Cluster;
  beforeAll(async () => {
    brokers = await sharedKafka();
    cluster = clusterAt(brokers);
  });
  afterAll(() => cluster?.close());

  test("seals, opens by consent, and passes on keys, headers and times", async () => {
    const input = await newTopic(cluster, "visits", 3);
    const [safe, opened, rejected] = [newName("safe"), newName("opened"), newName("rejected")];
    const group = newName("group");
    await sendAll(
      cluster,
      input,
      upTo(60).map((n) => ({
        value: n === 7 ? "{" : visit(n),
        key: `personal-${n}`,
        headers: { trace: `t${n}` },
        timestampMs: 1_700_000_000_000 + n,
      })),
    );
    await sendAll(cluster, input, [{ value: null, key: "tombstone" }]);
    const run = startKafkaRun(
      emptyFolder(),
      `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}" }
encrypt visits into safe
decrypt safe into opened for granular(1, 2)
sink safe            into kafka { BROKERS, topic = "${safe}", create = { partitions = 4 } }
sink opened          into kafka { BROKERS, topic = "${opened}", create = { partitions = 1 }, headers = none, key = person }
sink visits.rejected into kafka { BROKERS, topic = "${rejected}", create = { partitions = 1 } }
`,
      brokers,
    );
    await readToEnd(run, cluster, group, input);
    const finished = await run.stop();
    expect(failureIn(run)).toBe("it has not failed");
    expect(finished).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });

    const sealed = await readAll(cluster, safe);
    expect(offsetsAt(run, "safe->kafka")).toEqual(lastOffsets(safe, sealed));
    expect(offsetsAt(run, "visits")).toEqual(lastOffsets(input, await readAll(cluster, input)));
    expect(numbersIn(sealed.map(({ value }) => value))).toEqual(upTo(60).filter((n) => n !== 7));
    for (const { key, value, headers, timestampMs } of sealed) {
      const { n, strmMeta, session } = JSON.parse(value ?? "");
      expect(key).toBe(strmMeta.keyLink);
      expect(session).toMatch(/^A[Q-Za-f]/);
      expect(headers).toEqual({ trace: `t${n}`, "strm-contract": "acme/visit/1.0.0", "strm-stream": "safe" });
      expect(timestampMs).toBe(1_700_000_000_000 + n);
      expect(strmMeta.timestamp).toBe(1_700_000_000_000 + n);
      expect(value).not.toMatch(/personal-|"p\d/);
    }
    // A session's events stay in one partition.
    const places = new Set(sealed.map(({ key, partition }) => `${key} ${partition}`));
    expect(places.size).toBe(new Set(sealed.map(({ key }) => key)).size);

    const open = await readAll(cluster, opened);
    expect(numbersIn(open.map(({ value }) => value))).toEqual(upTo(60).filter((n) => n % 2 === 0));
    for (const { key, value, headers } of open) {
      expect(key).toBe(JSON.parse(value ?? "").person);
      expect(headers).toEqual({ "strm-contract": "acme/visit/1.0.0", "strm-stream": "opened" });
    }
    const refused = (await readAll(cluster, rejected)).map(({ value }) => JSON.parse(value ?? ""));
    expect(refused.map(({ code }) => code).sort()).toEqual(["event.no-value", "event.not-json"]);
    expect(refused[0].position).toEqual({
      origin: expect.stringMatching(`^${input}/[0-2]$`),
      offset: expect.any(Number),
    });
    expect(await lagOf(cluster, group, input)).toBe(0);
  });

  test("a run goes on where the one before stopped, also with a new state folder", async () => {
    const input = await newTopic(cluster, "visits", 2);
    const [output, group] = [await newTopic(cluster, "safe"), newName("group")];
    const program = `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}" }
`;
    const folder = emptyFolder();
    for (const [round, where] of [folder, folder, emptyFolder()].entries()) {
      await sendAll(
        cluster,
        input,
        upTo(10).map((n) => ({ value: visit(round * 10 + n) })),
      );
      const run = startKafkaRun(where, program, brokers);
      await readToEnd(run, cluster, group, input);
      await run.stop();
    }
    expect(numbersIn((await readAll(cluster, output)).map(({ value }) => value))).toEqual(upTo(30));
  });

  test("--from-start reads everything again, whatever the group has committed", async () => {
    const input = await newTopic(cluster, "visits", 2);
    const [output, group, folder] = [await newTopic(cluster, "safe"), newName("group"), emptyFolder()];
    await sendAll(
      cluster,
      input,
      upTo(10).map((n) => ({ value: visit(n) })),
    );
    const program = `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}" }
`;
    const first = startKafkaRun(folder, program, brokers);
    await readToEnd(first, cluster, group, input);
    await first.stop();
    const again = startKafkaRun(folder, program, brokers, { fromStart: true });
    while ((await readAll(cluster, output)).length < 20)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const finished = await again.stop();
    expect(finished.ledger.steps[0]).toMatchObject({ in: 10 });
    const numbers = numbersIn((await readAll(cluster, output)).map(({ value }) => value));
    expect(numbers).toEqual(upTo(10).flatMap((n) => [n, n]));
  });

  test("where the group knows nothing, it begins as `start` says, and keeps to that", async () => {
    const input = await newTopic(cluster, "visits");
    const [group, folder] = [newName("group"), emptyFolder()];
    const send = (n: number, timestampMs: number) =>
      sendAll(cluster, input, [{ value: visit(n), timestampMs }]);
    await send(0, Date.UTC(2026, 0, 1));
    await send(1, Date.UTC(2026, 5, 1));
    const program = (start: string, more: string) => `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${more}", start = ${start} }
encrypt visits into safe
sink safe into file { path = "${more}.jsonl" }
`;
    const latest = startKafkaRun(folder, program("latest", group), brokers);
    const partition = { topic: input, partition: 0 };
    while ((await cluster.committed(group, [partition])).size === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await latest.stop();
    // What comes while nobody reads is not skipped: the beginning was committed.
    await send(2, Date.UTC(2026, 6, 1));
    const next = startKafkaRun(folder, program("latest", group), brokers);
    await readToEnd(next, cluster, group, input);
    await next.stop();
    expect(numbersIn(linesOf(folder, `${group}.jsonl`))).toEqual([2]);

    const timed = newName("timed");
    const byTime = startKafkaRun(emptyFolder(), program('"2026-05-01T00:00:00Z"', timed), brokers);
    await readToEnd(byTime, cluster, timed, input);
    const finished = await byTime.stop();
    expect(finished.ledger.steps[0]).toMatchObject({ in: 2 });
  });

  test("files go to a topic once, and what is read from a topic into files is there once", async () => {
    const [topic, folder, group] = [await newTopic(cluster, "safe", 3), emptyFolder(), newName("group")];
    writeFileSync(
      join(folder, "in.jsonl"),
      upTo(500)
        .map((n) => `${visit(n)}\n`)
        .join(""),
    );
    writeFileSync(
      join(folder, "to.strm"),
      `${contract}
source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
sink safe into kafka { brokers = "${brokers}", topic = "${topic}" }
`,
    );
    const { finished } = await runProgram(folder, "to.strm", { workers: 1 });
    expect(finished.outcome).toBe("completed");
    const back = startKafkaRun(
      folder,
      `${contract}
source safe of sealed visit from kafka { BROKERS, topic = "${topic}", group = "${group}" }
decrypt safe into opened for granular(1)
sink opened into file { path = "opened.jsonl" }
`,
      brokers,
    );
    await readToEnd(back, cluster, group, topic);
    expect(await back.stop()).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    const opened = linesOf(folder, "opened.jsonl").map((line) => JSON.parse(line));
    expect(opened.map(({ n }) => n).sort((a, b) => a - b)).toEqual(upTo(500));
    expect(opened.every(({ session, n }) => session === `s${n % 3}`)).toBe(true);
  });

  test("a value over `max_event` is refused in pieces, and what stands around it is not", async () => {
    const [input, output] = [await newTopic(cluster, "visits"), await newTopic(cluster, "safe")];
    const [folder, group] = [emptyFolder(), newName("group")];
    const long = visit(1, { person: "x".repeat(5000) });
    await sendAll(cluster, input, [{ value: visit(0) }, { value: long }, { value: visit(2) }]);
    const run = startKafkaRun(
      folder,
      `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}", group = "${group}", max_event = 1KiB }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}" }
`,
      brokers,
    );
    await readToEnd(run, cluster, group, input);
    const finished = await run.stop();
    expect(finished.ledger.steps[0]).toMatchObject({ in: 3, out: 2, rejected: 1 });
    expect(finished.quarantine).toMatchObject({ events: 1 });
    expect(numbersIn((await readAll(cluster, output)).map(({ value }) => value))).toEqual([0, 2]);
  });

  test("topics of a pattern are read, also those that come later", async () => {
    const prefix = newName("multi");
    const group = newName("group");
    const [one, two] = [`${prefix}.one`, `${prefix}.two`];
    await cluster.create(one, { partitions: 1, replication: 1 });
    const folder = emptyFolder();
    const run = startKafkaRun(
      folder,
      `${contract}
source visits of visit from kafka { BROKERS, topic = "${prefix}.*", group = "${group}", metadata_max_age = 1s }
encrypt visits into safe
sink safe into file { path = "safe.jsonl" }
`,
      brokers,
    );
    await sendAll(cluster, one, [{ value: visit(0) }]);
    await readToEnd(run, cluster, group, one);
    await cluster.create(two, { partitions: 2, replication: 1 });
    await sendAll(cluster, two, [{ value: visit(1) }, { value: visit(2) }]);
    await readToEnd(run, cluster, group, two);
    await run.stop();
    expect(numbersIn(linesOf(folder, "safe.jsonl"))).toEqual([0, 1, 2]);
  });

  test.each([
    [
      "source",
      `source visits of visit from kafka { BROKERS, topic = "TOPIC" }
encrypt visits into safe
sink safe into file { path = "safe.jsonl" }`,
    ],
    [
      "sink",
      `source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "TOPIC" }`,
    ],
  ])("a %s without its topic stops before anything is read", async (_, program) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "in.jsonl"), `${visit(0)}\n`);
    const topic = newName("missing");
    const run = startKafkaRun(folder, `${contract}${program.replace("TOPIC", topic)}`, brokers);
    expect((await run.ended).outcome).toBe("failed");
    expect(failureIn(run)).toMatch(new RegExp(`kafka.no-topic: .*${topic}`));
  });

  test("a sink with a user of its own is not written to as another one, but may be written apart", async () => {
    const [input, output, folder] = [
      await newTopic(cluster, "visits"),
      await newTopic(cluster, "safe"),
      emptyFolder(),
    ];
    writeFileSync(join(folder, "word"), "pa55word");
    const other = 'sasl = { mechanism = plain, user = "other", password = file("word") }';
    const program = (more: string) => `${contract}
source visits of visit from kafka { BROKERS, topic = "${input}" }
encrypt visits into safe
sink safe into kafka { BROKERS, topic = "${output}", ${more} }
`;
    const one = startKafkaRun(folder, program(other), brokers);
    expect((await one.ended).outcome).toBe("failed");
    expect(failureIn(one)).toMatch(/^kafka\.options: .*`safe->kafka`.*otherwise than `visits`/);
    // This broker knows no users: that it is asked for one shows as whom the sink connects.
    const apart = startKafkaRun(folder, program(`${other}, transactional = false`), brokers);
    expect((await apart.ended).outcome).toBe("failed");
    expect(failureIn(apart)).toMatch(/^kafka\.auth: /);
  });
});
