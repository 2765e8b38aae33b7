// Writes messages in order, each once, and in transactions where it has a transactional id.
import { StrmFailure, TransientFailure } from "../../../failure.ts";
import type { Reached } from "../../delivery.ts";
import { initProducerId, type ProducerIdentity } from "./apis/transaction.ts";
import type { Message } from "./batch-builder.ts";
import { expectNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Compression } from "./compression.ts";
import { Outbox } from "./outbox.ts";
import { partitionKey, type TopicPartition } from "./partitions.ts";
import { awaitChange, mayPass, pause, persist } from "./persist.ts";
import { Sender } from "./sender.ts";
import { TransactionLog } from "./transaction-log.ts";
import type { GroupOffsets } from "./transaction-offsets.ts";

export type OutgoingRecord = Message & TopicPartition;

export interface ProducerOptions {
  /** Absent: messages are visible as soon as they are written, and nothing is ever undone. */
  readonly transactionalId?: string;
  /** How long the cluster waits for a transaction to end before it undoes it; how long a message is tried to be written. */
  readonly transactionTimeoutMs: number;
  /** Of topics that `topics` does not name. */
  readonly settings: TopicSettings;
  readonly topics?: ReadonlyMap<string, TopicSettings>;
  /** `room` waits where more than this is not acknowledged yet. */
  readonly maxBufferedBytes: number;
}

export interface TopicSettings {
  readonly compression: Compression;
  readonly lingerMs: number;
  /** Of one partition, before compression. */
  readonly batchBytes: number;
  /** What the topic takes at most (`max.message.bytes`). */
  readonly maxMessageBytes: number;
}

/** More than a record and the head of its batch take beside key, value and headers. */
const OVERHEAD_BYTES = 96;
/** Long enough for an answer, short enough for a shutdown. */
const CLOSE_MS = 2000;

/**
 * After any failure but those of `init` and `append` it is of no use any more: every call throws the same failure. What was not committed
 * is undone by the next producer with the same id, by `close`, or by the cluster after the transaction's timeout.
 */
export class Producer {
  readonly #cluster: Cluster;
  readonly #options: ProducerOptions;
  readonly #log: TransactionLog | undefined;
  readonly #outboxes = new Map<string, Outbox[]>();
  readonly #sender: Sender;
  #identity: ProducerIdentity | undefined;

  constructor(cluster: Cluster, options: ProducerOptions) {
    this.#cluster = cluster;
    this.#options = options;
    const { transactionalId, transactionTimeoutMs } = options;
    this.#log =
      transactionalId === undefined
        ? undefined
        : new TransactionLog(cluster, transactionalId, transactionTimeoutMs);
    this.#sender = new Sender(cluster, this.#log, transactionTimeoutMs);
  }

  /** Not acknowledged yet, before compression. */
  get bufferedBytes(): number {
    return this.#sender.bufferedBytes;
  }

  /**
   * Before all else: fences earlier producers of the transactional id, and has what they left open undone, or completed where that was decided:
   * what is asked for afterwards is decided. May be called again where it threw a `TransientFailure`.
   */
  async init(): Promise<void> {
    this.#identity = await (this.#log === undefined ? this.#plainIdentity() : this.#log.init());
    this.#sender.start(this.#identity);
  }

  /** Takes a message over; its bytes may be reused as soon as this returns. Throws `kafka.message-too-large`. */
  append(record: OutgoingRecord): void {
    const { key, value, headers } = record;
    let sizeBytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) sizeBytes += 10 + 3 * header.name.length + (header.value?.length ?? 0);
    const outbox = this.#outbox(record);
    const { maxMessageBytes } = outbox.settings;
    if (sizeBytes > maxMessageBytes) {
      throw new StrmFailure(
        "kafka.message-too-large",
        `A message of ${sizeBytes} bytes is more than topic "${record.topic}" takes, which is ${maxMessageBytes} bytes.`,
        "Raise `max.message.bytes` of the topic and `max_message` of the sink, or refuse such events by the source's `max_event`.",
      );
    }
    this.#sender.append(outbox, record, sizeBytes);
  }

  /** Where the partitions of a topic stand, as far as this producer has written to them. */
  reached(topic: string): readonly Reached[] {
    return (this.#outboxes.get(topic) ?? []).flatMap(({ partition, lastOffset, committedOffset }) =>
      lastOffset === undefined
        ? []
        : [
            {
              partition: partitionKey(topic, partition),
              offset: lastOffset,
              committed: committedOffset ?? null,
            },
          ],
    );
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    await this.#sender.until(() => this.bufferedBytes < this.#options.maxBufferedBytes);
  }

  /** Resolves when all that was appended before this call is acknowledged by all in-sync replicas. */
  async flush(): Promise<void> {
    await this.#sender.flush();
  }

  /**
   * Flushes, and commits the transaction with these offsets. Nothing is appended meanwhile. Throws a transient `kafka.stale-member` where a
   * group has moved on, `kafka.fenced`, `kafka.transaction-failed`: nothing was committed. Throws a transient `kafka.outcome-unknown`
   * where the cluster's decision did not arrive: `init` of a new producer, then `Cluster.committed` tell.
   */
  async commit(offsets: readonly GroupOffsets[]): Promise<void> {
    const log = this.#log;
    if (log === undefined) throw new Error("a producer without a transactional id has nothing to commit");
    await this.flush();
    const moved = offsets.filter(({ positions }) => positions.length > 0);
    if (moved.length === 0 && !this.#sender.inTransaction) return;
    await this.#deadly(async () => {
      for (const one of moved) {
        this.#sender.inTransaction = true;
        await log.addOffsets(one);
      }
      await this.#end(log);
      this.#sender.ended();
    });
  }

  /** Gives up what is not acknowledged, and undoes an open transaction where that is quickly done. Never throws. */
  async close(): Promise<void> {
    const open = this.#sender.inTransaction && !this.#sender.fenced;
    this.#sender.close();
    if (!open || this.#log === undefined) return;
    await awaitChange(
      this.#log.undo().catch(() => undefined),
      CLOSE_MS,
    );
  }

  async #end(log: TransactionLog): Promise<void> {
    const untilMs = performance.now() + this.#options.transactionTimeoutMs;
    for (let attempts = 0; ; attempts++) {
      try {
        await log.commit();
        return;
      } catch (error) {
        // The first try, or a later one, may have had success although its answer was lost.
        if (attempts === 0 && !mayPass(error)) throw error;
        if (!mayPass(error) || performance.now() >= untilMs) throw unknownOutcome(log.id, error);
      }
      await pause(attempts);
    }
  }

  async #deadly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#sender.die(error);
      throw error;
    }
  }

  async #plainIdentity(): Promise<ProducerIdentity> {
    const timeoutMs = this.#options.transactionTimeoutMs;
    return persist(async () => {
      const request = { transactionalId: undefined, timeoutMs, producerId: -1, epoch: -1 };
      const answer = await this.#cluster.askAny(initProducerId, request);
      expectNone(answer.error, "give a producer an id");
      return answer;
    });
  }

  #outbox({ topic, partition }: TopicPartition): Outbox {
    let outboxes = this.#outboxes.get(topic);
    if (outboxes === undefined) {
      outboxes = [];
      this.#outboxes.set(topic, outboxes);
    }
    const there = outboxes[partition];
    if (there !== undefined) return there;
    const settings = this.#options.topics?.get(topic) ?? this.#options.settings;
    const made = new Outbox(topic, partition, settings);
    outboxes[partition] = made;
    this.#sender.add(made);
    return made;
  }
}

function unknownOutcome(id: string, cause: unknown): TransientFailure {
  return new TransientFailure(
    "kafka.outcome-unknown",
    `It is not known whether transaction "${id}" was committed: the cluster's answer did not arrive.`,
    "Look whether the brokers run. The next start asks how it was decided.",
    { cause },
  );
}
