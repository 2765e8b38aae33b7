// The peak memory of a run that finds millions of events waiting.
import { lagOf } from "../../kit/kafka-data.ts";
import { watchMemory } from "../../kit/peak-memory.ts";
import { fill, replicaOf, type Scene, topicOf } from "./scene.ts";

export interface Memory {
  readonly peakBytes: number | null;
  readonly events: number;
  readonly seconds: number;
}

export async function measureMemory(scene: Scene, events: number, workers: number): Promise<Memory> {
  const [input, output] = [
    await topicOf(scene, `lag-${workers}`),
    await topicOf(scene, `lag-${workers}.safe`),
  ];
  await fill(scene, input, events);
  const name = `lag-${workers}`;
  const replica = replicaOf(scene, { input, output, group: name, name, workers });
  const startMs = performance.now();
  await replica.start();
  const peak = watchMemory(replica.pid);
  while ((await lagOf(scene.cluster, name, input)) > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const peakBytes = peak();
  await replica.end("SIGTERM");
  return { peakBytes, events, seconds };
}
