// One Kafka cluster as one user: its topics, leaders and coordinators, and the connections to its brokers.
import type { StrmFailure } from "../../../failure.ts";
import type { Api } from "./api.ts";
import { offsetFetch } from "./apis/group.ts";
import { listOffsets } from "./apis/log.ts";
import { type CoordinatorKind, createTopics, metadataWithRights, topicRights } from "./apis/metadata.ts";
import { brokerError, brokerFailure, expectNone } from "./broker-errors.ts";
import { Connections, type Lane } from "./connections.ts";
import type { KafkaOptions } from "./options.ts";
import { partitionKey, type TopicPartition } from "./partitions.ts";
import { mayPass, persist } from "./persist.ts";
import { type Address, addressText } from "./reach-failures.ts";
import { Topology } from "./topology.ts";

/*
 * The client of Kafka, from the bottom up:
 *
 *   wire-writer, wire-reader, apis/   requests and answers, one version each
 *   dial, connection, connections     sockets, TLS, SASL; one connection for each broker and kind of work
 *   topology, cluster                 who leads and coordinates what; topics and offsets
 *   record-batch …                    batches of messages, packed and checked
 *   fetcher                           reads partitions ahead, without what was undone
 *   member, assignor                  membership in a consumer group, and who reads what
 *   producer                          writes in order, each message once, in transactions
 *
 * Whatever may pass is tried again for some seconds; only then a `TransientFailure` tells that something is amiss. All other failures
 * stop a run. Nothing is logged.
 */

export interface NewTopic {
  readonly partitions: number;
  /** -1: the cluster's default. */
  readonly replication: number;
  /** Default: the cluster's. */
  readonly retentionMs?: number;
}

/** `timeMs`: the first message of that time (epoch) or later; the end where there is none. */
export type OffsetAt = "earliest" | "latest" | { readonly timeMs: number };

export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

const EARLIEST = -2;
const LATEST = -1;

export class Cluster {
  readonly #connections: Connections;
  readonly #topology: Topology;
  readonly #options: KafkaOptions;
  #lanes = 0;

  /** Connects to nothing yet. Throws `kafka.options` where a broker's address is none. */
  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#connections = new Connections(options);
    this.#topology = new Topology(this.#connections, options.brokers);
  }

  /** The number of a topic's partitions; undefined where there is no such topic, or none that this user may know of. */
  async partitionsOf(topic: string): Promise<number | undefined> {
    const [found] = await persist(() => this.#topology.topics([topic]));
    if (found === undefined || found.error === brokerError.unknownTopicOrPartition) return undefined;
    expectNone(found.error, `tell about topic "${topic}"`);
    return found.partitions.length;
  }

  /** Whether this user may read or write a topic; throws `kafka.denied` and `kafka.no-topic` where it may not even know of it. */
  async may(right: keyof typeof topicRights, topic: string): Promise<boolean> {
    const { topics } = await persist(() => this.askAny(metadataWithRights, [topic]));
    const found = topics.find(({ name }) => name === topic);
    const doing = `tell about topic "${topic}"`;
    if (found === undefined) throw brokerFailure(brokerError.unknownTopicOrPartition, doing);
    expectNone(found.error, doing);
    return (found.rights & topicRights[right]) !== 0;
  }

  /** All topics that this user may see, with the number of their partitions; internal ones are left out. */
  async topics(): Promise<ReadonlyMap<string, number>> {
    const all = await persist(() => this.#topology.topics(null));
    const seen = all.filter(({ internal, error }) => !internal && error === brokerError.none);
    return new Map(seen.map(({ name, partitions }) => [name, partitions.length]));
  }

  /** Resolves when each partition has a leader. Throws `kafka.refused` and `kafka.denied`. */
  async create(topic: string, settings: NewTopic): Promise<"created" | "exists"> {
    const made = await persist(() => this.#create(topic, settings));
    await persist(async () => {
      const [found] = await this.#topology.topics([topic]);
      // A broker that has not heard of it yet says so.
      const ready = found?.error === brokerError.none && found.partitions.every(({ leader }) => leader >= 0);
      if (!ready) throw brokerFailure(brokerError.leaderNotAvailable, `make topic "${topic}" ready`);
    });
    return made;
  }

  /** By `partitionKey`. `latest` is the end of what readers of `read_committed` see. */
  async offsets(partitions: readonly TopicPartition[], at: OffsetAt): Promise<ReadonlyMap<string, number>> {
    if (typeof at === "string") return this.#list(partitions, at === "earliest" ? EARLIEST : LATEST);
    const found = await this.#list(partitions, at.timeMs);
    const younger = partitions.filter((one) => (found.get(partitionKey(one.topic, one.partition)) ?? -1) < 0);
    return new Map([...found, ...(await this.#list(younger, LATEST))]);
  }

  /**
   * What the group has committed, by `partitionKey`; partitions without an offset are left out. Waits some seconds for transactions that
   * are being decided (KIP-447), and throws a transient `kafka.not-ready` then.
   */
  async committed(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyMap<string, CommittedOffset>> {
    if (partitions.length === 0) return new Map();
    const doing = `tell the offsets of group "${group}"`;
    const offsets = await persist(async () => {
      const answer = await this.coordinate("group", group, "ask", offsetFetch, { group, partitions });
      const error = [answer, ...answer.offsets].map((one) => one.error).find((code) => code !== 0);
      if (error !== undefined) throw this.coordinatorFailure("group", group, error, doing);
      return answer.offsets;
    });
    const there = offsets.filter(({ offset }) => offset >= 0);
    return new Map(
      there.map(({ topic, partition, offset, metadata }) => [
        partitionKey(topic, partition),
        { offset, metadata },
      ]),
    );
  }

  /** Requests that are under way fail. */
  close(): void {
    this.#connections.close();
  }

  // What follows is for member, fetcher and producer.

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /** The number of partitions of those of the topics that are there, asked for anew. */
  async counts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = topics.length === 0 ? [] : await this.#topology.topics(topics);
    const there = found.filter(({ error }) => error === brokerError.none);
    return new Map(there.map(({ name, partitions }) => [name, partitions.length]));
  }

  leader(topic: string, partition: number): Promise<Address> {
    return this.#topology.leader(topic, partition);
  }

  forgetLeaders(topics: Iterable<string>): void {
    for (const topic of topics) this.#topology.forgetLeaders(topic);
  }

  /** Connections of one's own, so that nobody waits for anybody else; to be released. */
  lane(kind: "fetch" | "produce" | "group"): Lane {
    this.#lanes++;
    return `${kind} ${this.#lanes}`;
  }

  release(lane: Lane): void {
    this.#connections.release(lane);
  }

  /** Asks whichever broker answers first. */
  askAny<Q, A>(api: Api<Q, A>, request: Q): Promise<A> {
    return this.#topology.fromAny((address) => this.#connections.send(address, "ask", api, request));
  }

  send<Q, A>(address: Address, lane: Lane, api: Api<Q, A>, request: Q, timeoutMs?: number): Promise<A> {
    return this.#connections.send(address, lane, api, request, timeoutMs);
  }

  /** Asks the coordinator of a group or a transaction; who that is will be asked anew where it does not answer. */
  async coordinate<Q, A>(
    kind: CoordinatorKind,
    key: string,
    lane: Lane,
    api: Api<Q, A>,
    request: Q,
    timeoutMs?: number,
  ): Promise<A> {
    const address = await this.#topology.coordinator(kind, key);
    try {
      return await this.#connections.send(address, lane, api, request, timeoutMs);
    } catch (error) {
      if (mayPass(error)) this.#topology.forgetCoordinator(kind, key);
      throw error;
    }
  }

  /** Who it is will be asked anew where its answer says so. */
  noteCoordinator(kind: CoordinatorKind, key: string, error: number): void {
    if (error === brokerError.notCoordinator || error === brokerError.coordinatorNotAvailable) {
      this.#topology.forgetCoordinator(kind, key);
    }
  }

  /** The failure of a coordinator's answer, which is noted. */
  coordinatorFailure(kind: CoordinatorKind, key: string, error: number, doing: string): StrmFailure {
    this.noteCoordinator(kind, key, error);
    return brokerFailure(error, doing);
  }

  /** By the address of their leader. Those whose leader can't be told are left out and given to `failed`. */
  async byLeader<T extends TopicPartition>(
    partitions: readonly T[],
    failed: (one: T, error: unknown) => void,
  ): Promise<Map<string, Led<T>>> {
    const led = new Map<string, Led<T>>();
    for (const one of partitions) {
      try {
        const address = await this.leader(one.topic, one.partition);
        const key = addressText(address);
        const there = led.get(key);
        if (there === undefined) led.set(key, { address, partitions: [one] });
        else there.partitions.push(one);
      } catch (error) {
        failed(one, error);
      }
    }
    return led;
  }

  async #create(
    topic: string,
    { partitions, replication, retentionMs }: NewTopic,
  ): Promise<"created" | "exists"> {
    const settings = retentionMs === undefined ? [] : ([["retention.ms", String(retentionMs)]] as const);
    const timeoutMs = this.#options.requestTimeoutMs;
    const request = { topic: { name: topic, partitions, replication, settings }, timeoutMs };
    const controller = await this.#topology.controller();
    const [answer] = await this.send(controller, "ask", createTopics, request);
    if (answer?.error === brokerError.topicAlreadyExists) return "exists";
    if (answer !== undefined) expectNone(answer.error, `make topic "${topic}"`, answer.words);
    return "created";
  }

  async #list(partitions: readonly TopicPartition[], timeMs: number): Promise<Map<string, number>> {
    const attempt = async (): Promise<Map<string, number>> => {
      const led = await this.byLeader(partitions, (_, error) => {
        throw error;
      });
      const lists = await Promise.all(
        [...led.values()].map((one) =>
          this.send(one.address, "ask", listOffsets, { partitions: one.partitions, timeMs }),
        ),
      );
      for (const { topic, partition, error } of lists.flat()) {
        expectNone(error, `tell an offset of partition ${partition} of topic "${topic}"`);
      }
      return new Map(
        lists.flat().map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]),
      );
    };
    return persist(async () => {
      try {
        return await attempt();
      } catch (error) {
        this.forgetLeaders(partitions.map(({ topic }) => topic));
        throw error;
      }
    });
  }
}

/** Partitions that one broker leads. */
export interface Led<T> {
  readonly address: Address;
  readonly partitions: T[];
}
