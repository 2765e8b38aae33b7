// Notices when the topics that a member reads change: new ones, deleted ones, more partitions.
import { brokerError, brokerFailure } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { TopicSelection } from "./topic-selection.ts";

export interface Topics {
  readonly names: readonly string[];
  /** Names and numbers of partitions: equal as long as nothing has changed. */
  readonly seen: string;
}

/** The topics that are chosen, as they are now. Throws `kafka.no-topic` where one that was named is not there. */
export async function topicsNow(cluster: Cluster, selection: TopicSelection): Promise<Topics> {
  const counts = selection.hasPatterns ? await cluster.topics() : await cluster.counts(selection.names);
  const missing = selection.names.find((name) => !counts.has(name));
  if (missing !== undefined) {
    throw brokerFailure(brokerError.unknownTopicOrPartition, `tell about topic "${missing}"`);
  }
  const names = selection.among(counts.keys());
  return { names, seen: names.map((name) => `${name}:${counts.get(name)}`).join(" ") };
}

export class TopicWatch {
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(
    cluster: Cluster,
    selection: TopicSelection,
    topics: Topics,
    everyMs: number,
    changed: () => void,
  ) {
    const look = async (): Promise<void> => {
      // A topic that is gone, or a cluster that does not answer, shows where it is read.
      const now = await topicsNow(cluster, selection).catch(() => topics);
      if (!this.#stopped && now.seen !== topics.seen) changed();
    };
    this.#timer = setInterval(() => void look(), everyMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
