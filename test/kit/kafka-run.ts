// Runs programs that read from Kafka in this process, until all has been read.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import type { Finished, RunEvent, RunOptions } from "../../runner/index.ts";
import { lagOf } from "./kafka-data.ts";
import { runProgram } from "./run-program.ts";

export interface KafkaRun {
  readonly events: readonly RunEvent[];
  /** Stops it, as a signal would. */
  stop(): Promise<Finished>;
  readonly ended: Promise<Finished>;
}

/** Writes the program into the folder and starts it; `BROKERS` in it stands for the brokers. */
export function startKafkaRun(
  folder: string,
  program: string,
  brokers: string,
  more: Partial<RunOptions> = {},
): KafkaRun {
  writeFileSync(join(folder, "main.strm"), program.replaceAll("BROKERS", `brokers = "${brokers}"`));
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const ended = runProgram(folder, "main.strm", {
    workers: 1,
    report: (event) => events.push(event),
    stop: stop.signal,
    ...more,
  }).then(({ finished }) => finished);
  return {
    events,
    ended,
    stop: () => {
      stop.abort("test");
      return ended;
    },
  };
}

/** Resolves when the group has read the topic to its end; throws where the run ends before, or after a while. */
export async function readToEnd(
  run: KafkaRun,
  cluster: Cluster,
  group: string,
  topic: string,
): Promise<void> {
  let over = false;
  run.ended.then(() => {
    over = true;
  });
  const endMs = performance.now() + 60_000;
  while ((await lagOf(cluster, group, topic)) > 0) {
    if (over || performance.now() > endMs) throw new Error(`not read to its end: ${failureIn(run)}`);
    await sleep(20);
  }
}

/** What a run says of why it failed. */
export function failureIn({ events }: Pick<KafkaRun, "events">): string {
  const failed = events.find((event) => event.type === "failed");
  return failed?.type === "failed" ? `${failed.code}: ${failed.message}` : "it has not failed";
}
