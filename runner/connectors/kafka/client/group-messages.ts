// What members of a consumer group tell each other through the broker: subscriptions and assignments (`ConsumerProtocol`, version 2).
import { byTopic, type TopicPartition } from "./partitions.ts";

/** As in KIP-429, with the generation of KIP-792. Tools read it, too: they list a group's members with their partitions. */
export interface Subscription {
  readonly topics: readonly string[];
  /** What the member saw of its topics: a change of it makes the broker start a rebalance when the member joins again. */
  readonly seen: string;
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
}

const VERSION = 2;

export function writeSubscription({ topics, seen, owned, generation }: Subscription): Buffer {
  return Buffer.concat([
    int16(VERSION),
    array(topics, string),
    bytes(Buffer.from(seen)),
    array([...byTopic(owned)], topicPartitions),
    int32(generation),
  ]);
}

/** Throws a RangeError where it is not one. */
export function readSubscription(message: Uint8Array): Subscription {
  const cursor = new Cursor(message);
  cursor.int16();
  return {
    topics: cursor.array(() => cursor.string()),
    seen: cursor.bytes().toString("utf8"),
    owned: cursor.array(() => cursor.topicPartitions()).flat(),
    generation: cursor.int32(),
  };
}

export function writeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return Buffer.concat([int16(VERSION), array([...byTopic(partitions)], topicPartitions), int32(-1)]);
}

/** Throws a RangeError where it is not one. A member that gets nothing at all may get an empty message. */
export function readAssignment(message: Uint8Array): readonly TopicPartition[] {
  if (message.length === 0) return [];
  const cursor = new Cursor(message);
  cursor.int16();
  return cursor.array(() => cursor.topicPartitions()).flat();
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function string(value: string): Buffer {
  const buffer = Buffer.from(value);
  return Buffer.concat([int16(buffer.length), buffer]);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length), value]);
}

function array<T>(items: readonly T[], write: (item: T) => Buffer): Buffer {
  return Buffer.concat([int32(items.length), ...items.map(write)]);
}

function topicPartitions([topic, partitions]: readonly [string, readonly TopicPartition[]]): Buffer {
  return Buffer.concat([string(topic), array(partitions, ({ partition }) => int32(partition))]);
}

class Cursor {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#buffer = Buffer.from(message.buffer, message.byteOffset, message.length);
  }

  int16(): number {
    this.#at += 2;
    return this.#buffer.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  string(): string {
    return this.#view(this.int16()).toString("utf8");
  }

  bytes(): Buffer {
    return this.#view(this.int32());
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.int32(); count > 0; count--) items.push(read());
    return items;
  }

  topicPartitions(): TopicPartition[] {
    const topic = this.string();
    return this.array(() => ({ topic, partition: this.int32() }));
  }

  #view(length: number): Buffer {
    const at = this.#at;
    this.#at += Math.max(0, length);
    return this.#buffer.subarray(at, this.#at);
  }
}
