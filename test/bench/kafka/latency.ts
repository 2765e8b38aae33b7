// How long an event takes from being sent to being read by a consumer of the sealed topic that reads committed events only.
import { setTimeout as sleep } from "node:timers/promises";
import { Fetcher } from "../../../runner/connectors/kafka/client/fetcher.ts";
import { openProducer, send } from "../../kit/kafka-data.ts";
import { clickOf } from "./pipelines.ts";
import { PARTITIONS, replicaOf, type Scene, topicOf } from "./scene.ts";

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly events: number;
}

/** Sends that many events a second for so long; the first seconds, in which the code warms up, don't count. */
export async function measureLatency(scene: Scene, perSecond: number, seconds: number): Promise<Latencies> {
  const [input, output] = [await topicOf(scene, "latency"), await topicOf(scene, "latency.safe")];
  const replica = replicaOf(scene, { input, output, group: "latency", name: "latency" });
  await replica.start();
  const reading = new Arrivals(scene, output);
  const warmUpSeconds = 10;
  await feed(scene, input, perSecond, warmUpSeconds);
  reading.forget();
  await feed(scene, input, perSecond, seconds);
  await sleep(2000);
  await reading.stop();
  await replica.end("SIGTERM");
  return percentiles(reading.latenciesMs);
}

/** A tenth of a second's events every 100 ms would come in bursts: every 10 ms it is. */
export async function feed(scene: Scene, topic: string, perSecond: number, seconds: number): Promise<void> {
  const producer = await openProducer(scene.cluster);
  const startMs = performance.now();
  for (let sent = 0; sent < perSecond * seconds; ) {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - startMs) / 1000) * perSecond));
    const nowMs = Date.now();
    const messages = Array.from({ length: due - sent }, (_, i) => ({ value: clickOf(sent + i, nowMs) }));
    await send(producer, topic, PARTITIONS, messages);
    sent = due;
    await sleep(10);
  }
  await producer.flush();
  await producer.close();
}

/** Reads a topic as it grows, and notes how old each event was when it came. */
export class Arrivals {
  latenciesMs: number[] = [];
  readonly #fetcher: Fetcher;
  readonly #ended: Promise<void>;

  constructor({ cluster }: Scene, topic: string) {
    this.#fetcher = new Fetcher(cluster, { maxWaitMs: 500, maxBytes: 8 * 1_048_576 });
    this.#fetcher.start(
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })),
    );
    this.#ended = this.#read();
    // Told by `stop`; where something else fails first, that is the one to tell.
    this.#ended.catch(() => {});
  }

  forget(): void {
    this.latenciesMs = [];
  }

  async stop(): Promise<void> {
    this.#fetcher.stop();
    await this.#ended;
  }

  async #read(): Promise<void> {
    for (;;) {
      const chunk = await this.#fetcher.next();
      if (chunk === undefined) return;
      const nowMs = Date.now();
      for (const value of chunk.values) {
        const sentMs = /"sentMs":(\d+)/.exec(Buffer.from(value ?? []).toString())?.[1];
        this.latenciesMs.push(nowMs - Number(sentMs));
      }
    }
  }
}

function percentiles(latenciesMs: readonly number[]): Latencies {
  const sorted = latenciesMs.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), events: sorted.length };
}
