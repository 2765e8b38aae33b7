// What tests do to topics and strm never does: delete them, give them more partitions and other settings.
import type { Api } from "../../runner/connectors/kafka/client/api.ts";
import { createTopics } from "../../runner/connectors/kafka/client/apis/metadata.ts";
import { brokerFailure } from "../../runner/connectors/kafka/client/broker-errors.ts";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";
import type { WireReader } from "../../runner/connectors/kafka/client/wire-reader.ts";
import { newName } from "./kafka-data.ts";

const TIMEOUT_MS = 20_000;

export async function deleteTopic(cluster: Cluster, topic: string): Promise<void> {
  expectNone(await cluster.askAny(deleteTopics, topic));
  while ((await cluster.partitionsOf(topic)) !== undefined);
}

export async function growTopic(cluster: Cluster, topic: string, partitions: number): Promise<void> {
  expectNone(await cluster.askAny(createPartitions, { topic, partitions }));
  while ((await cluster.partitionsOf(topic)) !== partitions);
}

/** Sets one setting of a topic. */
export async function alterTopic(
  cluster: Cluster,
  topic: string,
  setting: string,
  value: string,
): Promise<void> {
  expectNone(await cluster.askAny(alterConfigs, { topic, setting, value }));
}

/** A new topic of one partition, with settings of its own. */
export async function topicWith(
  cluster: Cluster,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const topic = newName(name);
  const wish = { name: topic, partitions: 1, replication: 1, settings: Object.entries(settings) };
  const [answer] = await cluster.askAny(createTopics, { topic: wish, timeoutMs: TIMEOUT_MS });
  expectNone(answer?.error ?? -1);
  await cluster.create(topic, { partitions: 1, replication: 1 });
  return topic;
}

function expectNone(error: number): void {
  if (error !== 0) throw brokerFailure(error, "prepare a test");
}

const deleteTopics: Api<string, number> = {
  name: "DeleteTopics",
  key: 20,
  version: 4,
  write: (w, topic) => w.unsignedVarint(2).string(topic).int32(TIMEOUT_MS).tags(),
  read: onlyError,
};

const createPartitions: Api<{ readonly topic: string; readonly partitions: number }, number> = {
  name: "CreatePartitions",
  key: 37,
  version: 2,
  write: (w, wish) =>
    w
      .array([wish], ({ topic, partitions }) => w.string(topic).int32(partitions).unsignedVarint(0))
      .int32(TIMEOUT_MS)
      .boolean(false)
      .tags(),
  read: onlyError,
};

const TOPIC_RESOURCE = 2;

/** IncrementalAlterConfigs (KIP-339). */
const alterConfigs: Api<
  { readonly topic: string; readonly setting: string; readonly value: string },
  number
> = {
  name: "IncrementalAlterConfigs",
  key: 44,
  version: 1,
  write: (w, { topic, setting, value }) =>
    w
      .array([topic], (name) =>
        w
          .int8(TOPIC_RESOURCE)
          .string(name)
          .array([setting], (one) => w.string(one).int8(0).string(value)),
      )
      .boolean(false)
      .tags(),
  read: (r) => {
    r.int32();
    r.unsignedVarint();
    return r.int16();
  },
};

/** Of an answer about one topic, whose first two members are its name and the error. */
function onlyError(r: WireReader): number {
  r.int32();
  r.unsignedVarint();
  r.string();
  return r.int16();
}

/** Grants a user one right to a topic or a group of that very name. */
export async function allow(
  cluster: Cluster,
  user: string,
  resource: "topic" | "group",
  name: string,
  right: keyof typeof rights,
): Promise<void> {
  expectNone(await cluster.askAny(createAcls, { user, resource, name, right }));
}

const rights = { read: 3, write: 4, describe: 8 } as const;
const literal = 3;
const allowed = 3;

const createAcls: Api<
  {
    readonly user: string;
    readonly resource: "topic" | "group";
    readonly name: string;
    readonly right: keyof typeof rights;
  },
  number
> = {
  name: "CreateAcls",
  key: 30,
  version: 3,
  write: (w, acl) =>
    w
      .array([acl], ({ user, resource, name, right }) =>
        w
          .int8(resource === "topic" ? 2 : 3)
          .string(name)
          .int8(literal)
          .string(`User:${user}`)
          .string("*")
          .int8(rights[right])
          .int8(allowed),
      )
      .tags(),
  read: (r) => {
    r.int32();
    const [error = -1] = r.array(() => {
      const code = r.int16();
      r.nullableString();
      return code;
    });
    return error;
  },
};
