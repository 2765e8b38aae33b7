// Writes a stream to a topic, each event as a message: in the run's transaction, or by a producer of its own.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { Fields } from "../../formats/fields.ts";
import type { SinkContext } from "../connector.ts";
import type { Committed, Cut, Detail, Reached, Sink } from "../delivery.ts";
import type { Cluster } from "./client/cluster.ts";
import { partition, StickyPartition } from "./client/partitioner.ts";
import type { Producer } from "./client/producer.ts";
import { optionsFailure } from "./connection.ts";
import { type SinkOptions, settingsOf } from "./main-cluster.ts";
import { Messages, type TakeMessage } from "./message.ts";
import { noTopicToWrite } from "./no-topic.ts";
import { rewinding } from "./rewinding.ts";
import type { KafkaSession } from "./session.ts";
import type { Send, Transaction } from "./transaction.ts";

/** Throws `kafka.no-topic` before any event is read, and what the client throws. */
export async function openKafkaSink(
  options: SinkOptions,
  context: SinkContext,
  session: KafkaSession,
): Promise<Sink> {
  checkKey(options, context);
  const transaction = options.transactional ? session.transactionIn(options, context.step) : undefined;
  const cluster = await session.cluster(options, context.step);
  const partitions = await partitionsOf(options, context.step, cluster);
  const writer =
    transaction === undefined
      ? new OwnWriter(
          await session.producer(cluster, {
            settings: settingsOf(options),
            transactionTimeoutMs: options.transaction_timeout,
          }),
        )
      : new SharedWriter(transaction);
  return new KafkaSink(options, context, writer, partitions, await prefixOf(options, context));
}

/** A field is taken out of JSON; in a datum it would have to be looked for in every event. */
function checkKey({ key }: SinkOptions, { step, format }: SinkContext): void {
  if (format !== "avro" || key === "link" || key === "source" || key === "none") return;
  throw optionsFailure(
    step,
    "with `format = avro`, a field can't be the key",
    "Choose `link`, `source` or `none`, or write JSON.",
  );
}

/** What a schema registry wants each value to begin with. */
async function prefixOf({ topic, registry }: SinkOptions, context: SinkContext): Promise<Uint8Array> {
  const { schema, step, baseDir } = context;
  if (schema === undefined) return new Uint8Array(0);
  const { avroPrefix } = await import("../../formats/avro/writing.ts");
  return avroPrefix({ schema, topic, registry, step, baseDir });
}

async function partitionsOf({ topic, create }: SinkOptions, step: string, cluster: Cluster): Promise<number> {
  if (create !== undefined) {
    const { partitions, replication, retention } = create;
    await cluster.create(topic, {
      partitions,
      replication,
      ...(retention !== undefined && { retentionMs: retention }),
    });
  }
  const partitions = await cluster.partitionsOf(topic);
  if (partitions !== undefined) return partitions;
  throw noTopicToWrite(step, topic);
}

/** Where messages go; `flush` makes durable what belongs to a checkpoint. */
interface Writer {
  write(bytes: Uint8Array, send: Send): void;
  room(): Promise<void>;
  flush(cut: Cut): Promise<void>;
  reached(topic: string): readonly Reached[];
}

/** Part of what decides the checkpoint. */
class SharedWriter implements Writer {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  write(bytes: Uint8Array, send: Send): void {
    this.#transaction.write(bytes, send);
  }

  room(): Promise<void> {
    return this.#transaction.room();
  }

  flush(cut: Cut): Promise<void> {
    return this.#transaction.cut(cut);
  }

  reached(topic: string): readonly Reached[] {
    return this.#transaction.reached(topic);
  }
}

/** Visible at once; what a checkpoint does not hold may come again. */
class OwnWriter implements Writer {
  readonly #producer: Producer;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  write(bytes: Uint8Array, send: Send): void {
    send(bytes, this.#producer);
  }

  room(): Promise<void> {
    return rewinding(() => this.#producer.room());
  }

  flush(): Promise<void> {
    return rewinding(() => this.#producer.flush());
  }

  reached(topic: string): readonly Reached[] {
    return this.#producer.reached(topic);
  }
}

/** What was written since two checkpoints, as the state keeps it. */
interface Share {
  readonly events: number;
  readonly size_bytes: number;
}

const none: Share = { events: 0, size_bytes: 0 };

class KafkaSink implements Sink {
  readonly #topic: string;
  readonly #writer: Writer;
  readonly #messages: Messages;
  readonly #partitions: number;
  readonly #sticky: StickyPartition;
  #open: Share = none;
  /** What the next commit tells. */
  #prepared: Share;
  #ends = false;
  #all: Share = none;

  constructor(
    options: SinkOptions,
    context: SinkContext,
    writer: Writer,
    partitions: number,
    prefix: Uint8Array,
  ) {
    const { topic, key, headers, batch_size } = options;
    const { stream, contract, format } = context;
    this.#topic = topic;
    this.#writer = writer;
    this.#partitions = partitions;
    this.#messages = new Messages({ key, headers, stream, contract, format, prefix });
    this.#sticky = new StickyPartition(partitions, batch_size);
    const state = new Fields(context.resume);
    this.#prepared = { events: state.number("events"), size_bytes: state.number("size_bytes") };
  }

  async write(bytes: Uint8Array, events: number, detail?: Detail): Promise<void> {
    this.#writer.write(bytes, (all, to) => {
      const take: TakeMessage = (key, value, headers, timestampMs) =>
        to.append({
          topic: this.#topic,
          partition: this.#partitionOf(key, value.length),
          key,
          value,
          headers,
          timestampMs,
        });
      if (detail?.frames === undefined) this.#messages.eachLine(all, take);
      else this.#messages.each(all, { ...detail, frames: detail.frames }, take);
    });
    this.#open = { events: this.#open.events + events, size_bytes: this.#open.size_bytes + bytes.length };
    await this.#writer.room();
  }

  async prepare(cut: Cut): Promise<Json> {
    this.#prepared = sum(this.#prepared, this.#open);
    this.#open = none;
    this.#ends = cut.ends;
    const { events, size_bytes } = this.#prepared;
    await this.#writer.flush(cut);
    return { events, size_bytes };
  }

  commit(): Promise<Committed> {
    const done = this.#prepared;
    this.#prepared = none;
    this.#all = sum(this.#all, done);
    const { events, size_bytes } = this.#all;
    const written = this.#ends ? [{ target: this.#topic, events, sizeBytes: size_bytes }] : [];
    return Promise.resolve({ events: done.events, written });
  }

  reached(): readonly Reached[] {
    return this.#writer.reached(this.#topic);
  }

  /** The session ends the transaction, or undoes it. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #partitionOf(key: Uint8Array | null, sizeBytes: number): number {
    return key === null ? this.#sticky.next(sizeBytes) : partition(key, this.#partitions);
  }
}

function sum(one: Share, other: Share): Share {
  return { events: one.events + other.events, size_bytes: one.size_bytes + other.size_bytes };
}
