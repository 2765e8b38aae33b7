// The requests of a producer's transactions (KIP-98, KIP-447).
import type { Api } from "../api.ts";
import { byTopic, readByTopic, type TopicPartition } from "../partitions.ts";
import type { GroupOffsets } from "../transaction-offsets.ts";

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

export interface TransactionName extends ProducerIdentity {
  readonly transactionalId: string;
}

/** Fences earlier producers of the id, and has their transaction undone, or completed where its commit was decided. */
export const initProducerId: Api<
  ProducerIdentity & { readonly transactionalId: string | undefined; readonly timeoutMs: number },
  ProducerIdentity & { readonly error: number }
> = {
  name: "InitProducerId",
  key: 22,
  version: 4,
  write: (w, { transactionalId, timeoutMs, producerId, epoch }) =>
    w
      .string(transactionalId ?? null)
      .int32(timeoutMs)
      .int64(producerId)
      .int16(epoch)
      .tags(),
  read: (r) => {
    r.int32();
    return { error: r.int16(), producerId: r.int64(), epoch: r.int16() };
  },
};

export interface PartitionError extends TopicPartition {
  readonly error: number;
}

export const addPartitionsToTxn: Api<
  TransactionName & { readonly partitions: readonly TopicPartition[] },
  readonly PartitionError[]
> = {
  name: "AddPartitionsToTxn",
  key: 24,
  version: 3,
  write: (w, { transactionalId, producerId, epoch, partitions }) =>
    w
      .string(transactionalId)
      .int64(producerId)
      .int16(epoch)
      .array([...byTopic(partitions)], ([topic, of]) =>
        w.string(topic).int32Array(of.map(({ partition }) => partition)),
      )
      .tags(),
  read: (r) => {
    r.int32();
    return readByTopic(r, (topic) => ({ topic, partition: r.int32(), error: r.int16() }));
  },
};

export const addOffsetsToTxn: Api<TransactionName & { readonly group: string }, number> = {
  name: "AddOffsetsToTxn",
  key: 25,
  version: 3,
  write: (w, { transactionalId, producerId, epoch, group }) =>
    w.string(transactionalId).int64(producerId).int16(epoch).string(group).tags(),
  read: (r) => {
    r.int32();
    return r.int16();
  },
};

export const txnOffsetCommit: Api<
  TransactionName & { readonly offsets: GroupOffsets },
  readonly PartitionError[]
> = {
  name: "TxnOffsetCommit",
  key: 28,
  version: 3,
  write: (w, { transactionalId, producerId, epoch, offsets: { group, member, positions } }) =>
    w
      .string(transactionalId)
      .string(group)
      .int64(producerId)
      .int16(epoch)
      .int32(member?.generation ?? -1)
      .string(member?.memberId ?? "")
      .string(member?.instanceId ?? null)
      .array([...byTopic(positions)], ([topic, of]) =>
        w.string(topic).array(of, (p) =>
          w
            .int32(p.partition)
            .int64(p.offset)
            .int32(-1)
            .string(p.metadata ?? ""),
        ),
      )
      .tags(),
  read: (r) => {
    r.int32();
    return readByTopic(r, (topic) => ({ topic, partition: r.int32(), error: r.int16() }));
  },
};

export const endTxn: Api<TransactionName & { readonly commit: boolean }, number> = {
  name: "EndTxn",
  key: 26,
  version: 3,
  write: (w, { transactionalId, producerId, epoch, commit }) =>
    w.string(transactionalId).int64(producerId).int16(epoch).boolean(commit).tags(),
  read: (r) => {
    r.int32();
    return r.int16();
  },
};
