// How long the event that waits longest is under way when a replica joins, leaves, or dies, under a steady load.
import { setTimeout as sleep } from "node:timers/promises";
import { Arrivals, feed } from "./latency.ts";
import { replicaOf, type Scene, topicOf } from "./scene.ts";

export interface Waits {
  readonly steadyMs: number;
  readonly joinMs: number;
  readonly leaveMs: number;
  readonly deathMs: number;
  readonly sessionTimeoutMs: number;
}

const SESSION_MS = 6000;

export async function measureRebalance(scene: Scene): Promise<Waits> {
  const [input, output] = [await topicOf(scene, "rebalance"), await topicOf(scene, "rebalance.safe")];
  const more = `session_timeout = ${SESSION_MS / 1000}s`;
  const replica = (name: string) => replicaOf(scene, { input, output, group: "rebalance", name, more });
  const [first, second] = [replica("first"), replica("second")];
  await first.start();
  const feeding = feed(scene, input, 1000, 75);
  const arrivals = new Arrivals(scene, output);
  await sleep(12_000);
  const longestDuring = async (act: () => Promise<unknown> | undefined, ms: number): Promise<number> => {
    arrivals.forget();
    await act();
    await sleep(ms);
    return arrivals.latenciesMs.reduce((longest, one) => Math.max(longest, one), 0);
  };
  const steadyMs = await longestDuring(() => undefined, 5000);
  const joinMs = await longestDuring(() => second.start(), 10_000);
  const leaveMs = await longestDuring(() => second.end("SIGTERM"), 8000);
  await second.start();
  await sleep(8000);
  const deathMs = await longestDuring(() => second.end("SIGKILL"), 15_000);
  await feeding;
  await arrivals.stop();
  await first.end("SIGTERM");
  return { steadyMs, joinMs, leaveMs, deathMs, sessionTimeoutMs: SESSION_MS };
}
