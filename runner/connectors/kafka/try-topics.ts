// Tries topics before a run: that the cluster answers, that they are there, and what the user may do, as far as that can be asked without doing it.
import { StrmFailure } from "../../failure.ts";
import type { TryContext } from "../connector.ts";
import { Cluster } from "./client/cluster.ts";
import { type ConnectionOptions, kafkaOptions } from "./connection.ts";
import { groupOf, type SinkOptions, type SourceOptions } from "./main-cluster.ts";
import { noTopicToRead, noTopicToWrite } from "./no-topic.ts";
import { startOf } from "./start.ts";
import { TopicChoice } from "./topics.ts";

/** Joins no group. Throws `kafka.*`. */
export function tryKafkaSource(options: SourceOptions, context: TryContext): Promise<string> {
  const { step, pipeline } = context;
  startOf(options.start, step);
  return within(options, context, async (cluster) => {
    const choice = new TopicChoice(options.topic);
    const topics = choice.hasPatterns ? choice.among((await cluster.topics()).keys()) : choice.names;
    const partitions = [];
    for (const topic of new Set([...choice.names, ...topics])) {
      const count = await cluster.partitionsOf(topic);
      if (count === undefined) throw noTopicToRead(step, topic);
      if (!(await cluster.may("read", topic))) throw denied(step, "read", topic);
      for (let partition = 0; partition < count; partition++) partitions.push({ topic, partition });
    }
    // Their leaders answer, and the group's coordinator.
    await cluster.offsets(partitions, "latest");
    await cluster.committed(groupOf(options, step, pipeline), partitions);
    if (partitions.length === 0) return "the cluster answers; no topic fits the pattern yet";
    return `${counted(partitions.length, "partition")} of ${named(topics)} can be read, with the offsets of the group`;
  });
}

/** Writes nothing, and makes no topic. Throws `kafka.*`. */
export function tryKafkaSink(options: SinkOptions, context: TryContext): Promise<string> {
  const { topic, create } = options;
  return within(options, context, async (cluster) => {
    const partitions = await cluster.partitionsOf(topic);
    if (partitions === undefined && create === undefined) throw noTopicToWrite(context.step, topic);
    if (partitions === undefined) return `the cluster answers; a run will make topic "${topic}"`;
    if (!(await cluster.may("write", topic))) throw denied(context.step, "write", topic);
    return `${counted(partitions, "partition")} of ${named([topic])} can be written`;
  });
}

async function within(
  options: ConnectionOptions,
  { step, pipeline, baseDir, signal }: TryContext,
  work: (cluster: Cluster) => Promise<string>,
): Promise<string> {
  const cluster = new Cluster(await kafkaOptions(options, step, `strm-${pipeline}-check`, baseDir));
  const close = (): void => cluster.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    return await work(cluster);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function denied(step: string, right: "read" | "write", topic: string): StrmFailure {
  return new StrmFailure(
    "kafka.denied",
    `The user that \`${step}\` connects as may not ${right} topic "${topic}".`,
    `Grant it ${right.toUpperCase()} and DESCRIBE on the topic.`,
  );
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function named(topics: readonly string[]): string {
  return topics.length === 1 ? `topic "${topics[0]}"` : `${topics.length} topics`;
}
