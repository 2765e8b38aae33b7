// Replicas of one pipeline under load, while they and their servers are killed, frozen and started again: nothing is lost or doubled anywhere.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFailed, test } from "vitest";
import { type ChaosEvent, chaosEvent, chaosPipeline } from "../kit/chaos-pipeline.ts";
import { strm } from "../kit/cli.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { KafkaBroker } from "../kit/kafka-broker.ts";
import {
  clusterAt,
  lagOf,
  newTopic,
  openProducer,
  type ReadMessage,
  readAll,
  send,
} from "../kit/kafka-data.ts";
import { postgresMissing, startPostgres } from "../kit/postgres-server.ts";
import { seeded } from "../kit/random.ts";
import { Replica } from "../kit/replica.ts";
import { needServer } from "../kit/servers.ts";
import { hasOwnKafka } from "../kit/shared-kafka.ts";

const seconds = Number(process.env.STRM_CHAOS_SECONDS ?? 45);
const seed = Number(process.env.STRM_SEED ?? Math.floor(Math.random() * 1e9));
const partitions = 6;
const eventsPerSecond = 1500;
const masterKey = JSON.stringify({ kty: "oct", k: Buffer.alloc(32, 7).toString("base64url") });

const canRun = hasOwnKafka() && needServer("PostgreSQL", postgresMissing());

describe.skipIf(!canRun)("three replicas", () => {
  test(
    `give every event once to every stream that it has consent for, whatever dies (${seconds} s, seed ${seed})`,
    async () => {
      const random = seeded(seed);
      const [kafka, postgres] = await Promise.all([KafkaBroker.start(), startPostgres()]);
      const folder = emptyFolder();
      const replicas: Replica[] = [];
      const story: string[] = [];
      onTestFailed(() => tell(story, replicas));
      try {
        const cluster = clusterAt(kafka.brokers);
        const topics = {
          input: await newTopic(cluster, "clicks", partitions),
          safe: await newTopic(cluster, "safe", partitions),
          opened: await newTopic(cluster, "opened", partitions),
          rejected: await newTopic(cluster, "rejected", 1),
        };
        const group = "chaos";
        writeFiles(folder, { "chaos.strm": chaosPipeline(topics, group) });
        const env = { KAFKA_BROKERS: kafka.brokers, KEYS_URL: postgres.url(), STRM_MASTER_KEY: masterKey };
        for (let i = 0; i < 3; i++) {
          const stateDir = join(folder, `state-${i}`);
          mkdirSync(stateDir);
          replicas.push(new Replica({ pipeline: join(folder, "chaos.strm"), stateDir, env }));
        }
        await Promise.all(replicas.map((replica) => replica.start()));

        const sent: ReturnType<typeof chaosEvent>[] = [];
        const endMs = performance.now() + seconds * 1000;
        const counts = { killed: 0, stopped: 0, frozen: 0, broker: 0, keys: 0 };
        const feeding = (async () => {
          const producer = await openProducer(cluster);
          while (performance.now() < endMs) {
            const more = Array.from({ length: eventsPerSecond / 10 }, (_, i) =>
              chaosEvent(sent.length + i, random),
            );
            sent.push(...more);
            // Any partition: a session's events come to several replicas at once.
            await send(
              producer,
              topics.input,
              partitions,
              more.map(({ text }) => ({ value: text })),
            );
            await sleep(100);
          }
          await producer.flush();
          await producer.close();
        })();

        const alive = (): Replica => {
          const up = replicas.filter(({ running }) => running);
          return up[random.below(up.length)] ?? replicas[0]!;
        };
        const mischief: readonly (readonly [number, () => Promise<void>])[] = [
          [
            5,
            async () => {
              counts.killed++;
              const replica = alive();
              await replica.end("SIGKILL");
              await sleep(random.below(4000));
              await replica.start();
            },
          ],
          [
            2,
            async () => {
              counts.stopped++;
              const replica = alive();
              const { code, stderr } = await replica.end("SIGTERM");
              expect([code, stderr]).toEqual([0, expect.anything()]);
              await replica.start();
            },
          ],
          [
            2,
            async () => {
              counts.frozen++;
              const replica = alive();
              replica.signal("SIGSTOP");
              // Longer than its session: it wakes up as a member of the past.
              await sleep(3000 + random.below(3000));
              replica.signal("SIGCONT");
            },
          ],
          [
            1,
            async () => {
              counts.broker++;
              await kafka.kill();
              await sleep(random.below(2000));
              await kafka.restart();
            },
          ],
          [
            1,
            async () => {
              counts.keys++;
              await postgres.kill();
              await sleep(random.below(1500));
              await postgres.start();
            },
          ],
        ];
        while (performance.now() < endMs) {
          await sleep(500 + random.below(2000));
          const chosen = mischief.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));
          const before = { ...counts };
          const act = chosen[random.below(chosen.length)]?.();
          const what = Object.entries(counts).find(([name, count]) => count > Reflect.get(before, name))?.[0];
          story.push(`${new Date().toISOString()} ${what}`);
          await act;
          story.push(`${new Date().toISOString()} is over`);
        }
        await feeding;
        story.push(`${new Date().toISOString()} all is sent`);
        await drained(() => lagOf(cluster, group, topics.input));
        for (const replica of replicas) {
          const { code, stderr } = await replica.end("SIGTERM");
          expect([code, stderr]).toEqual([0, expect.anything()]);
        }

        const [safe, opened, rejected] = await Promise.all([
          readAll(cluster, topics.safe),
          readAll(cluster, topics.opened),
          readAll(cluster, topics.rejected),
        ]);
        const valid = sent.filter((one) => one.valid).map(({ event }) => event);
        const consenting = valid.filter(({ levels }) => levels.includes(1) && levels.includes(2));
        expectOnce(safe, valid);
        expectOnce(opened, consenting);
        expect(rejected.length).toBe(sent.length - valid.length);

        // What the replicas have counted adds up to what went in: no transaction was counted that was undone.
        const ledgers = await Promise.all(
          replicas.map(async (_, i) => {
            const { stdout } = await strm(["state", "--state", join(folder, `state-${i}`), "--json"]);
            return JSON.parse(stdout).jobs[0].ledger.steps[0].in;
          }),
        );
        expect(ledgers.reduce((sum, count) => sum + count, 0)).toBe(sent.length);

        const byId = new Map(valid.map((event) => [event.id, event]));
        const links = new Map<string, Set<string>>();
        for (const { value, key } of safe) {
          const { id, strmMeta } = JSON.parse(value ?? "");
          const session = byId.get(id)?.session ?? "";
          expect(key).toBe(strmMeta.keyLink);
          links.set(session, (links.get(session) ?? new Set()).add(strmMeta.keyLink));
          expect(value).not.toMatch(/session-|person-/);
        }
        expect([...links.values()].every((found) => found.size === 1)).toBe(true);
        expect(new Set([...links.values()].flatMap((found) => [...found])).size).toBe(links.size);
        for (const { value } of opened) {
          const { id, session, person } = JSON.parse(value ?? "");
          expect({ session, person }).toEqual({
            session: byId.get(id)?.session,
            person: byId.get(id)?.person,
          });
        }
        await cluster.close();
        process.stderr.write(
          `chaos: ${sent.length} events, ${JSON.stringify(counts)}, ${links.size} key links\n`,
        );
      } finally {
        await Promise.all(replicas.filter(({ running }) => running).map((replica) => replica.end("SIGKILL")));
        await Promise.all([kafka.stop(), postgres.remove()]);
      }
    },
    (seconds + 240) * 1000,
  );
});

/** What was done, and what the replicas said last. */
function tell(story: readonly string[], replicas: readonly Replica[]): void {
  const said = replicas.flatMap(({ events, running }, i) => [
    `replica ${i}, ${running ? "running" : "ended"}:`,
    ...events.slice(-40).map((event) => JSON.stringify(event).slice(0, 400)),
  ]);
  process.stderr.write(`${[...story, ...said].join("\n")}\n`);
}

/** Resolves when nothing is left to read. */
async function drained(lag: () => Promise<number>): Promise<void> {
  const endMs = performance.now() + 150_000;
  for (;;) {
    const left = await lag().catch((cause: unknown) => new Error("the lag is not told", { cause }));
    if (left === 0) return;
    if (performance.now() > endMs)
      throw left instanceof Error ? left : new Error(`${left} events are not read`);
    await sleep(250);
  }
}

function expectOnce(messages: readonly ReadMessage[], events: readonly ChaosEvent[]): void {
  const seen = new Map<string, number>();
  for (const { value } of messages) {
    const { id } = JSON.parse(value ?? "");
    seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  const missing = events.filter(({ id }) => !seen.has(id)).length;
  const doubled = [...seen.values()].filter((count) => count > 1).length;
  expect({ missing, doubled, total: messages.length }).toEqual({
    missing: 0,
    doubled: 0,
    total: events.length,
  });
}
