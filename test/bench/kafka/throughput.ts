// Events a second from topic to topic, exactly once: strm with three fields sealed, beside the client doing nothing but the same transactions.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { fill, rateOf, replicaOf, type Scene, topicOf } from "./scene.ts";

const bare = fileURLToPath(new URL("./bare-client.ts", import.meta.url));
const COMMIT_EVERY_MS = 100;

export interface ThroughputRound {
  readonly bare: number;
  readonly strm: number;
  readonly strmTwoWorkers: number;
}

/** Events a second, from the first commit to the last one: without the start of a process. */
export async function measureThroughput(
  scene: Scene,
  events: number,
  rounds: number,
): Promise<readonly ThroughputRound[]> {
  const input = await topicOf(scene, "throughput");
  await fill(scene, input, events);
  const figures: ThroughputRound[] = [];
  for (let round = 0; round < rounds; round++) {
    figures.push({
      bare: await bareRate(scene, input, events, round),
      strm: await strmRate(scene, input, events, round, 1),
      strmTwoWorkers: await strmRate(scene, input, events, round, 2),
    });
  }
  return figures;
}

async function bareRate(scene: Scene, input: string, events: number, round: number): Promise<number> {
  const output = await topicOf(scene, `bare-${round}`);
  const group = `bare-${round}`;
  const args = [scene.kafka.brokers, input, output, group, String(COMMIT_EVERY_MS), String(events)];
  const child = spawn(process.execPath, [bare, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "exit");
  const rate = await rateOf(scene, group, input, events);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the bare client ended with ${code}`);
  return rate;
}

async function strmRate(
  scene: Scene,
  input: string,
  events: number,
  round: number,
  workers: number,
): Promise<number> {
  const name = `strm-${workers}-${round}`;
  const output = await topicOf(scene, name);
  const replica = replicaOf(scene, { input, output, group: name, name, workers });
  await replica.start();
  const rate = await rateOf(scene, name, input, events);
  const { code, stderr } = await replica.end("SIGTERM");
  if (code !== 0) throw new Error(`strm ended with ${code}: ${stderr}`);
  return rate;
}
