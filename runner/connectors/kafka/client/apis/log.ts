// The requests to a partition's leader: ListOffsets, Fetch, Produce.
import type { Api } from "../api.ts";
import { byTopic, readByTopic, type TopicPartition } from "../partitions.ts";

/** Both as readers of `read_committed` see the log: its end is where the first undecided transaction begins. */
const READ_COMMITTED = 1;
const NO_REPLICA = -1;
const NO_EPOCH = -1;

export interface ListedOffset extends TopicPartition {
  readonly error: number;
  /** -1 where no message is as young as the time that was asked for. */
  readonly offset: number;
}

/** `timeMs`: -1 is the end, -2 the beginning. */
export const listOffsets: Api<
  { readonly partitions: readonly TopicPartition[]; readonly timeMs: number },
  readonly ListedOffset[]
> = {
  name: "ListOffsets",
  key: 2,
  version: 6,
  write: (w, { partitions, timeMs }) =>
    w
      .int32(NO_REPLICA)
      .int8(READ_COMMITTED)
      .array([...byTopic(partitions)], ([topic, of]) =>
        w.string(topic).array(of, ({ partition }) => w.int32(partition).int32(NO_EPOCH).int64(timeMs)),
      )
      .tags(),
  read: (r) => {
    r.int32();
    return readByTopic(r, (topic) => {
      const partition = r.int32();
      const error = r.int16();
      r.int64();
      const offset = r.int64();
      r.int32();
      return { topic, partition, error, offset };
    });
  },
};

export interface FetchPartition extends TopicPartition {
  readonly offset: number;
  readonly maxBytes: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchAnswer extends TopicPartition {
  readonly error: number;
  readonly highWatermark: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Whole record batches, and perhaps the beginning of one more. A view of the answer. */
  readonly records: Buffer;
}

const nothing = Buffer.alloc(0);

/** Without a session (KIP-227): each request names all its partitions. */
export const fetch: Api<
  { readonly maxWaitMs: number; readonly maxBytes: number; readonly partitions: readonly FetchPartition[] },
  { readonly error: number; readonly partitions: readonly FetchAnswer[] }
> = {
  name: "Fetch",
  key: 1,
  version: 12,
  write: (w, { maxWaitMs, maxBytes, partitions }) =>
    w
      .int32(NO_REPLICA)
      .int32(maxWaitMs)
      .int32(1)
      .int32(maxBytes)
      .int8(READ_COMMITTED)
      .int32(0)
      .int32(-1)
      .array([...byTopic(partitions)], ([topic, of]) =>
        w
          .string(topic)
          .array(of, (p) =>
            w.int32(p.partition).int32(NO_EPOCH).int64(p.offset).int32(NO_EPOCH).int64(-1).int32(p.maxBytes),
          ),
      )
      .array([], () => undefined)
      .string("")
      .tags(),
  read: (r) => {
    r.int32();
    const error = r.int16();
    r.int32();
    const partitions = readByTopic(r, (topic) => {
      const partition = r.int32();
      const code = r.int16();
      const highWatermark = r.int64();
      r.int64();
      r.int64();
      const aborted = r.array(() => ({ producerId: r.int64(), firstOffset: r.int64() }));
      r.int32();
      return {
        topic,
        partition,
        error: code,
        highWatermark,
        aborted,
        records: r.nullableBytes() ?? nothing,
      };
    });
    return { error, partitions };
  },
};

export interface ProducePartition extends TopicPartition {
  /** One record batch. */
  readonly batch: Uint8Array;
}

export interface ProduceAnswer extends TopicPartition {
  readonly error: number;
  /** Of the batch's first message; -1 where the broker does not know it. */
  readonly baseOffset: number;
}

/** Acknowledged by all in-sync replicas. */
export const produce: Api<
  {
    readonly transactionalId: string | undefined;
    readonly timeoutMs: number;
    readonly partitions: readonly ProducePartition[];
  },
  readonly ProduceAnswer[]
> = {
  name: "Produce",
  key: 0,
  version: 9,
  write: (w, { transactionalId, timeoutMs, partitions }) =>
    w
      .string(transactionalId ?? null)
      .int16(-1)
      .int32(timeoutMs)
      .array([...byTopic(partitions)], ([topic, of]) =>
        w.string(topic).array(of, ({ partition, batch }) => w.int32(partition).lentBytes(batch)),
      )
      .tags(),
  read: (r) => {
    const partitions = readByTopic(r, (topic) => {
      const partition = r.int32();
      const error = r.int16();
      const baseOffset = r.int64();
      r.int64();
      r.int64();
      // The words for what is wrong with records may repeat them: they are passed over.
      r.array(() => {
        r.int32();
        r.nullableString();
      });
      r.nullableString();
      return { topic, partition, error, baseOffset };
    });
    r.int32();
    return partitions;
  },
};
