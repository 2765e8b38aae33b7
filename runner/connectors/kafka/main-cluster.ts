// Which cluster's transactions decide a run's checkpoints, under which name, and where the checkpoint's number is kept.
import type { SessionContext, SessionSteps } from "../connector.ts";
import type { Cluster } from "./client/cluster.ts";
import type { TopicSettings } from "./client/producer.ts";
import { type ConnectionOptions, clusterOf } from "./connection.ts";
import type { kafkaSpec } from "./spec.ts";
import { TopicChoice } from "./topics.ts";

export type Steps = SessionSteps<typeof kafkaSpec.source.options, typeof kafkaSpec.sink.options>;
export type SinkOptions = Steps["sinks"] extends ReadonlyMap<string, infer O> ? O : never;
export type SourceOptions = Steps["sources"] extends ReadonlyMap<string, infer O> ? O : never;

/** What the cluster waits for a transaction where no sink says how long. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/** That of the sources, else of the first sink that writes in transactions. */
export interface MainCluster {
  /** The step as whom the transaction is made. */
  readonly step: string;
  readonly options: ConnectionOptions;
  /** The transactional id, and the group in which the checkpoint's number stands as an offset: one right for both, and for the group of a source. */
  readonly id: string;
  /** The topics that the offset may be one of. */
  readonly marks: TopicChoice;
  readonly transactionTimeoutMs: number;
  /** Of the sinks in the transaction, by topic. */
  readonly topics: ReadonlyMap<string, TopicSettings>;
}

/** Undefined where no checkpoint needs a transaction. */
export function mainClusterOf(
  { sources, sinks }: Steps,
  { pipeline, job }: Pick<SessionContext, "pipeline" | "job">,
): MainCluster | undefined {
  const [source] = sources;
  const written = [...sinks].filter(([, { transactional }]) => transactional);
  const [step, options] = source ?? written[0] ?? [];
  if (step === undefined || options === undefined) return undefined;
  const within = written.filter(([, sink]) => clusterOf(sink) === clusterOf(options));
  const timeouts = within.map(([, { transaction_timeout }]) => transaction_timeout);
  return {
    step,
    options,
    id: `${source === undefined ? pipeline : groupOf(source[1], source[0], pipeline)}.strm-${job}`,
    marks: new TopicChoice(options.topic),
    transactionTimeoutMs: timeouts.length === 0 ? TRANSACTION_TIMEOUT_MS : Math.max(...timeouts),
    topics: new Map(within.map(([, sink]) => [sink.topic, settingsOf(sink)])),
  };
}

/** A source's consumer group. */
export function groupOf({ group }: Pick<SourceOptions, "group">, step: string, pipeline: string): string {
  return group ?? `${pipeline}.${step}`;
}

export function settingsOf({ compression, linger, batch_size, max_message }: SinkOptions): TopicSettings {
  return { compression, lingerMs: linger, batchBytes: batch_size, maxMessageBytes: max_message };
}

/** The topics that are there and may bear the number, in the order of their names. */
export async function marksIn(cluster: Cluster, marks: TopicChoice): Promise<readonly string[]> {
  return marks.hasPatterns ? marks.among((await cluster.topics()).keys()) : marks.names;
}
