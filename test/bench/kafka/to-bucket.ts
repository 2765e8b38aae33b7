// Events a second from a topic to JSON lines in S3, beside a plain consumer of the same topic that only counts; and the peak memory with objects of a gigabyte.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { watchMemory } from "../../kit/peak-memory.ts";
import { Replica } from "../../kit/replica.ts";
import { S3Server } from "../../kit/s3-server.ts";
import { clickContract } from "./pipelines.ts";
import { fill, rateOf, type Scene, topicOf } from "./scene.ts";

const counting = fileURLToPath(new URL("./counting-consumer.ts", import.meta.url));

export interface BucketRound {
  readonly counted: number;
  /** Events as they are: nothing is sealed. */
  readonly copied: number;
  /** Three fields of each are sealed. */
  readonly sealed: number;
}

export async function measureBucketRounds(
  scene: Scene,
  events: number,
  rounds: number,
): Promise<readonly BucketRound[]> {
  const input = await topicOf(scene, "to-bucket");
  await fill(scene, input, events);
  const s3 = await S3Server.start();
  try {
    const figures: BucketRound[] = [];
    for (let round = 0; round < rounds; round++) {
      const counted = await countingRate(scene, input, events);
      const rate = async (sealed: boolean): Promise<number> => {
        const name = `${sealed ? "sealed" : "copied"}-${round}`;
        const replica = await bucketReplica(scene, s3, { input, name, sealed, maxSize: "128MiB" });
        await replica.start();
        const measured = await rateOf(scene, name, input, events);
        await ended(replica);
        return measured;
      };
      figures.push({ counted, copied: await rate(false), sealed: await rate(true) });
    }
    return figures;
  } finally {
    await s3.stop();
  }
}

/** So many events in objects of up to 1 GiB. */
export async function measureBucketMemory(scene: Scene, events: number) {
  const input = await topicOf(scene, "large-objects");
  await fill(scene, input, events);
  const s3 = await S3Server.start();
  try {
    const replica = await bucketReplica(scene, s3, { input, name: "large", sealed: true, maxSize: "1GiB" });
    await replica.start();
    const peak = watchMemory(replica.pid);
    await rateOf(scene, "large", input, events);
    await ended(replica);
    const objects = replica.events.flatMap((event) => (event.type === "written" ? [event.size_bytes] : []));
    return { peakBytes: peak(), largestBytes: Math.max(...objects), objects: objects.length };
  } finally {
    await s3.stop();
  }
}

async function countingRate({ kafka }: Scene, input: string, events: number): Promise<number> {
  const child = spawn(process.execPath, [counting, kafka.brokers, input, String(events)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.on("data", (chunk: Buffer) => {
    told += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the consumer that counts ended with ${code}`);
  return Number(told);
}

async function bucketReplica(
  { kafka, folder }: Scene,
  s3: S3Server,
  { input, name, sealed, maxSize }: { input: string; name: string; sealed: boolean; maxSize: string },
): Promise<Replica> {
  const bucket = await s3.newBucket();
  const pipeline = join(folder, `${name}.strm`);
  const stream = sealed ? "safe" : "clicks";
  writeFileSync(
    pipeline,
    `${clickContract}
source clicks of click from kafka { brokers = "${kafka.brokers}", topic = "${input}", group = "${name}" }
${sealed ? "encrypt clicks into safe" : ""}
sink ${stream} into s3 {
  bucket = "${bucket}"
  endpoint = "${s3.endpoint}"
  region = "${s3.region}"
  credentials = env("UPLOADER")
  max_size = ${maxSize}
  ${sealed ? "" : 'exposing = "a measurement with made-up events"'}
}
`,
  );
  const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = s3.app;
  const env = { UPLOADER: JSON.stringify({ access_key_id, secret_access_key }) };
  return new Replica({ pipeline, stateDir: join(folder, `state-${name}`), env });
}

async function ended(replica: Replica): Promise<void> {
  const { code, stderr } = await replica.end("SIGTERM");
  if (code !== 0) throw new Error(`strm ended with ${code}: ${stderr}`);
}
