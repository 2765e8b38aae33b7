// A membership in a consumer group.
import type { Cluster } from "./cluster.ts";
import type { TopicPartition } from "./partitions.ts";
import type { GroupMember } from "./transaction-offsets.ts";

export interface MemberOptions {
  readonly group: string;
  /** Names; `*` stands for any characters. */
  readonly topics: readonly string[];
  /** Static membership (KIP-345). */
  readonly instanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
}

/** `rebalance`: deliver and commit what was read, then join again. `lost`: nothing can be committed any more; join again. */
export type Interruption = "rebalance" | "lost";

/** One generation's share of the topics. */
export interface Membership extends GroupMember {
  readonly partitions: readonly TopicPartition[];
  /** Resolves once, when this share ends; never after `close`. */
  readonly interrupted: Promise<Interruption>;
}

export class Member {
  constructor(cluster: Cluster, options: MemberOptions) {
    void cluster;
    void options;
  }

  /** Joins, or joins again. Partitions that were read under the membership before must be read no more. */
  join(): Promise<Membership> {
    throw new Error("not yet");
  }

  /** Leaves the group, so that its partitions move at once; a member with an instance id keeps its place for the session timeout. Never throws. */
  close(): Promise<void> {
    throw new Error("not yet");
  }
}
