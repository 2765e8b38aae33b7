// A plain consumer, `counting-consumer.ts BROKERS TOPIC EVENTS`: reads so many messages, counts them, and prints how many a second that were from the first one on.
import process from "node:process";
import { Fetcher } from "../../../runner/connectors/kafka/client/fetcher.ts";
import { partitionKey } from "../../../runner/connectors/kafka/client/partitions.ts";
import { clusterAt } from "../../kit/kafka-data.ts";

const [brokers = "", topic = "", events = ""] = process.argv.slice(2);
const cluster = clusterAt(brokers);
const count = (await cluster.partitionsOf(topic)) ?? 0;
const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
const starts = await cluster.offsets(partitions, "earliest");
const fetcher = new Fetcher(cluster, { maxWaitMs: 500, maxBytes: 8 * 1_048_576 });
fetcher.start(
  partitions.map((one) => ({ ...one, offset: starts.get(partitionKey(one.topic, one.partition)) ?? 0 })),
);
let read = 0;
let firstMs = 0;
while (read < Number(events)) {
  const chunk = await fetcher.next();
  if (chunk === undefined) break;
  if (read === 0) firstMs = performance.now();
  read += chunk.values.length;
}
process.stdout.write(`${(read / (performance.now() - firstMs)) * 1000}\n`);
fetcher.stop();
await cluster.close();
