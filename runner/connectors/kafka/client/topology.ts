// Who leads which partition, and who coordinates which group or transaction, as far as the brokers have told.
import { StrmFailure, TransientFailure } from "../../../failure.ts";
import {
  type ClusterMetadata,
  type CoordinatorKind,
  findCoordinator,
  metadata,
  type TopicMetadata,
} from "./apis/metadata.ts";
import { brokerError, brokerFailure, expectNone } from "./broker-errors.ts";
import type { Connections } from "./connections.ts";
import { type Address, addressText } from "./reach-failures.ts";

export class Topology {
  readonly #connections: Connections;
  readonly #bootstrap: readonly Address[];
  #brokers: ReadonlyMap<number, Address> = new Map();
  #controller = -1;
  /** The one that answered last is asked first. */
  #good: Address | undefined;
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #coordinators = new Map<string, Address>();
  /** By what is asked for: whoever asks the same meanwhile gets the same answer. */
  readonly #asked = new Map<string, Promise<ClusterMetadata>>();

  constructor(connections: Connections, brokers: readonly string[]) {
    this.#connections = connections;
    this.#bootstrap = brokers.map(addressIn);
  }

  /** Asks anew. Null: about all topics. Topics that are not there are among the answers, with an error. */
  async topics(names: readonly string[] | null): Promise<readonly TopicMetadata[]> {
    const key = JSON.stringify(names);
    const asked = this.#asked.get(key) ?? this.#ask(names).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return (await asked).topics;
  }

  /** Throws `kafka.no-topic` and `kafka.denied`, and what is transient. */
  async leader(topic: string, partition: number): Promise<Address> {
    const known = this.#topics.get(topic) ?? (await this.topics([topic])).find(({ name }) => name === topic);
    const doing = `name the leader of partition ${partition} of topic "${topic}"`;
    if (known === undefined) throw brokerFailure(brokerError.unknownTopicOrPartition, doing);
    expectNone(known.error, doing);
    const found = known.partitions.find((one) => one.partition === partition);
    const address = found && this.#brokers.get(found.leader);
    if (address !== undefined) return address;
    this.forgetLeaders(topic);
    throw brokerFailure(
      found === undefined ? brokerError.unknownTopicOrPartition : brokerError.leaderNotAvailable,
      doing,
    );
  }

  forgetLeaders(topic: string): void {
    this.#topics.delete(topic);
  }

  async coordinator(kind: CoordinatorKind, key: string): Promise<Address> {
    const name = `${kind} ${key}`;
    const known = this.#coordinators.get(name);
    if (known !== undefined) return known;
    const answer = await this.fromAny((address) =>
      this.#connections.send(address, "ask", findCoordinator, { key, kind }),
    );
    expectNone(answer.error, `name the coordinator of ${kind} "${key}"`);
    this.#coordinators.set(name, answer.broker);
    return answer.broker;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind} ${key}`);
  }

  async controller(): Promise<Address> {
    await this.topics([]);
    const address = this.#brokers.get(this.#controller);
    if (address === undefined) throw brokerFailure(brokerError.notController, "name its controller");
    return address;
  }

  async #ask(names: readonly string[] | null): Promise<ClusterMetadata> {
    const answer = await this.fromAny((address) => this.#connections.send(address, "ask", metadata, names));
    this.#brokers = new Map(answer.brokers.map((broker) => [broker.id, broker]));
    this.#controller = answer.controller;
    for (const topic of answer.topics) {
      if (topic.error === brokerError.none) this.#topics.set(topic.name, topic);
      else this.#topics.delete(topic.name);
    }
    return answer;
  }

  /** The first answer that some broker gives; those that were learned are asked before those that were configured. */
  async fromAny<T>(ask: (address: Address) => Promise<T>): Promise<T> {
    const all = [...(this.#good ? [this.#good] : []), ...this.#brokers.values(), ...this.#bootstrap];
    const distinct = new Map(all.map((address) => [addressText(address), address]));
    let failure: unknown;
    for (const address of distinct.values()) {
      try {
        const answer = await ask(address);
        this.#good = address;
        return answer;
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        failure = error;
      }
    }
    throw failure;
  }
}

/** `host:port`, `[v6]:port`. */
function addressIn(broker: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(broker) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined) return { host, port: Number(port) };
  throw new StrmFailure(
    "kafka.options",
    `"${broker}" is not the address of a Kafka broker.`,
    "Write each broker as `host:port`.",
  );
}
