// Reads partitions ahead, as readers of `read_committed` see them.
import type { Cluster } from "./cluster.ts";
import type { Fetched } from "./fetched.ts";
import type { PartitionOffset } from "./partitions.ts";

export interface FetcherOptions {
  /** How long a broker may wait where there is nothing yet. */
  readonly maxWaitMs: number;
  /** What is read ahead, over all partitions, as it came from the brokers. */
  readonly maxBytes: number;
  /** Where to go on in a partition whose log no longer holds the position; absent: that is `kafka.log-cut`. */
  readonly whenCut?: "earliest" | "latest";
}

export class Fetcher {
  constructor(cluster: Cluster, options: FetcherOptions) {
    void cluster;
    void options;
  }

  /** Reads these partitions and no others, from there on; what was read ahead is dropped, and so is a failure. */
  start(_positions: readonly PartitionOffset[]): void {
    throw new Error("not yet");
  }

  /**
   * The next chunk, in order within each partition; waits for one. Undefined after `stop`. Throws a `TransientFailure` where a partition can't
   * be read for some seconds; it may be called again.
   */
  next(): Promise<Fetched | undefined> {
    throw new Error("not yet");
  }

  /** Nothing more is read or handed out until the next `start`; a waiting `next` resolves. */
  stop(): void {
    throw new Error("not yet");
  }
}
