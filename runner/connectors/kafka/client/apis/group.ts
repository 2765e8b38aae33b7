// The requests of a consumer group's members (classic protocol), and of its offsets.
import type { Api } from "../api.ts";
import { byTopic, readByTopic, type TopicPartition } from "../partitions.ts";

interface MemberName {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | undefined;
}

interface Generation extends MemberName {
  readonly generation: number;
}

export interface JoinRequest extends MemberName {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocol: string;
  readonly subscription: Uint8Array;
}

export interface GroupSubscription {
  readonly memberId: string;
  readonly instanceId: string | undefined;
  readonly subscription: Uint8Array;
}

export interface JoinAnswer {
  readonly error: number;
  readonly generation: number;
  readonly leader: string;
  readonly memberId: string;
  /** Of all members; empty for all but the leader. */
  readonly members: readonly GroupSubscription[];
}

const PROTOCOL_TYPE = "consumer";
const nothing = new Uint8Array(0);

export const joinGroup: Api<JoinRequest, JoinAnswer> = {
  name: "JoinGroup",
  key: 11,
  version: 7,
  write: (w, q) =>
    w
      .string(q.group)
      .int32(q.sessionTimeoutMs)
      .int32(q.rebalanceTimeoutMs)
      .string(q.memberId)
      .string(q.instanceId ?? null)
      .string(PROTOCOL_TYPE)
      .array([q], ({ protocol, subscription }) => w.string(protocol).bytes(subscription))
      .tags(),
  read: (r) => {
    r.int32();
    const error = r.int16();
    const generation = r.int32();
    r.nullableString();
    r.nullableString();
    return {
      error,
      generation,
      leader: r.string(),
      memberId: r.string(),
      members: r.array(() => ({
        memberId: r.string(),
        instanceId: r.nullableString() ?? undefined,
        subscription: r.nullableBytes() ?? nothing,
      })),
    };
  },
};

export interface MemberAssignment {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

export const syncGroup: Api<
  Generation & { readonly protocol: string; readonly assignments: readonly MemberAssignment[] },
  { readonly error: number; readonly assignment: Uint8Array }
> = {
  name: "SyncGroup",
  key: 14,
  version: 5,
  write: (w, q) =>
    w
      .string(q.group)
      .int32(q.generation)
      .string(q.memberId)
      .string(q.instanceId ?? null)
      .string(PROTOCOL_TYPE)
      .string(q.protocol)
      .array(q.assignments, ({ memberId, assignment }) => w.string(memberId).bytes(assignment))
      .tags(),
  read: (r) => {
    r.int32();
    const error = r.int16();
    r.nullableString();
    r.nullableString();
    return { error, assignment: r.nullableBytes() ?? nothing };
  },
};

export const heartbeat: Api<Generation, number> = {
  name: "Heartbeat",
  key: 12,
  version: 4,
  write: (w, q) =>
    w
      .string(q.group)
      .int32(q.generation)
      .string(q.memberId)
      .string(q.instanceId ?? null)
      .tags(),
  read: (r) => {
    r.int32();
    return r.int16();
  },
};

export const leaveGroup: Api<MemberName, number> = {
  name: "LeaveGroup",
  key: 13,
  version: 4,
  write: (w, q) =>
    w
      .string(q.group)
      .array([q], ({ memberId, instanceId }) => w.string(memberId).string(instanceId ?? null))
      .tags(),
  read: (r) => {
    r.int32();
    return r.int16();
  },
};

export interface FetchedOffset extends TopicPartition {
  /** -1 where the group has none. */
  readonly offset: number;
  readonly metadata: string;
  readonly error: number;
}

/** Asks for stable offsets: while a transaction that holds one is undecided, the broker says so (KIP-447). */
export const offsetFetch: Api<
  { readonly group: string; readonly partitions: readonly TopicPartition[] },
  { readonly error: number; readonly offsets: readonly FetchedOffset[] }
> = {
  name: "OffsetFetch",
  key: 9,
  version: 7,
  write: (w, { group, partitions }) =>
    w
      .string(group)
      .array([...byTopic(partitions)], ([topic, of]) =>
        w.string(topic).int32Array(of.map(({ partition }) => partition)),
      )
      .boolean(true)
      .tags(),
  read: (r) => {
    r.int32();
    const offsets = readByTopic(r, (topic) => {
      const partition = r.int32();
      const offset = r.int64();
      r.int32();
      return { topic, partition, offset, metadata: r.nullableString() ?? "", error: r.int16() };
    });
    return { offsets, error: r.int16() };
  },
};
