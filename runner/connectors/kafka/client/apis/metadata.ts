// Metadata: the brokers, and who leads which partition. And FindCoordinator, CreateTopics, ApiVersions.
import type { Api } from "../api.ts";

export interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly error: number;
  readonly partition: number;
  /** -1 where there is none. */
  readonly leader: number;
}

export interface TopicMetadata {
  readonly error: number;
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
  /** What the user may do with it, a bit for each kind; only where that was asked for. */
  readonly rights: number;
}

export interface ClusterMetadata {
  readonly brokers: readonly Broker[];
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

type MetadataApi = Api<readonly string[] | null, ClusterMetadata>;

const metadataApi = (withRights: boolean): MetadataApi => ({
  name: "Metadata",
  key: 3,
  version: 9,
  write: (w, topics) => {
    if (topics === null) w.unsignedVarint(0);
    else w.array(topics, (topic) => w.string(topic));
    w.boolean(false).boolean(false).boolean(withRights).tags();
  },
  read: (r) => {
    r.int32();
    const brokers = r.array(() => {
      const broker = { id: r.int32(), host: r.string(), port: r.int32() };
      r.nullableString();
      return broker;
    });
    r.nullableString();
    const controller = r.int32();
    const topics = r.array(() => ({
      error: r.int16(),
      name: r.string(),
      internal: r.boolean(),
      partitions: r.array(() => {
        const partition = { error: r.int16(), partition: r.int32(), leader: r.int32() };
        r.int32();
        r.int32Array();
        r.int32Array();
        r.int32Array();
        return partition;
      }),
      rights: r.int32(),
    }));
    return { brokers, controller, topics };
  },
});

/** Null asks for all topics. None is made by asking. */
export const metadata = metadataApi(false);
export const metadataWithRights = metadataApi(true);

/** Bits of `rights`, by the codes of Kafka's AclOperation. */
export const topicRights = { read: 1 << 3, write: 1 << 4 } as const;

export type CoordinatorKind = "group" | "transaction";

export const findCoordinator: Api<
  { readonly key: string; readonly kind: CoordinatorKind },
  { readonly error: number; readonly words: string | null; readonly broker: Broker }
> = {
  name: "FindCoordinator",
  key: 10,
  version: 3,
  write: (w, { key, kind }) =>
    w
      .string(key)
      .int8(kind === "group" ? 0 : 1)
      .tags(),
  read: (r) => {
    r.int32();
    const error = r.int16();
    const words = r.nullableString();
    return { error, words, broker: { id: r.int32(), host: r.string(), port: r.int32() } };
  },
};

export interface TopicToCreate {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

export const createTopics: Api<
  { readonly topic: TopicToCreate; readonly timeoutMs: number },
  readonly { readonly error: number; readonly words: string | null }[]
> = {
  name: "CreateTopics",
  key: 19,
  version: 7,
  write: (w, { topic, timeoutMs }) =>
    w
      .array([topic], ({ name, partitions, replication, settings }) =>
        w
          .string(name)
          .int32(partitions)
          .int16(replication)
          .array([], () => undefined)
          .array(settings, ([setting, value]) => w.string(setting).string(value)),
      )
      .int32(timeoutMs)
      .boolean(false)
      .tags(),
  read: (r) => {
    r.int32();
    return r.array(() => {
      r.string();
      // The topic's id.
      r.int64();
      r.int64();
      const error = r.int16();
      const words = r.nullableString();
      r.int32();
      r.int16();
      r.array(() => {
        r.string();
        r.nullableString();
        r.boolean();
        r.int8();
        r.boolean();
      });
      return { error, words };
    });
  },
};

export interface ApiRange {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

/** Brokers that don't know this version answer in version 0, with an error and no more than this needs. */
export const apiVersions: Api<
  { readonly software: string; readonly version: string },
  { readonly error: number; readonly ranges: readonly ApiRange[] }
> = {
  name: "ApiVersions",
  key: 18,
  version: 3,
  headers: "plain-answer",
  write: (w, { software, version }) => w.string(software).string(version).tags(),
  read: (r) => {
    const error = r.int16();
    if (error !== 0) return { error, ranges: [] };
    return { error, ranges: r.array(() => ({ key: r.int16(), min: r.int16(), max: r.int16() })) };
  },
};
