// The offsets of a consumer group that a transaction commits with its messages.
import type { PartitionOffset } from "./partitions.ts";

export interface GroupOffsets {
  readonly group: string;
  /**
   * The membership by which the partitions were read: the commit is refused where the group has moved on meanwhile (KIP-447). Absent for
   * a group that nobody joins: only the fence of the transactional id guards it.
   */
  readonly member?: GroupMember;
  readonly positions: readonly CommitPosition[];
}

export interface GroupMember {
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | undefined;
}

export interface CommitPosition extends PartitionOffset {
  /** At most `offset.metadata.max.bytes` of the brokers, 4096 by default. */
  readonly metadata?: string;
}
