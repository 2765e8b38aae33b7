// Sends the batches of a producer: several partitions in a request, one request a broker at a time, until acknowledged.
import { StrmFailure, TransientFailure } from "../../../failure.ts";
import { type ProduceAnswer, produce } from "./apis/log.ts";
import type { ProducerIdentity } from "./apis/transaction.ts";
import type { Message } from "./batch-builder.ts";
import { brokerError, brokerFailure } from "./broker-errors.ts";
import { Changes } from "./changes.ts";
import type { Cluster } from "./cluster.ts";
import type { Lane } from "./connections.ts";
import type { OutBatch, Outbox } from "./outbox.ts";
import { partitionKey } from "./partitions.ts";
import { awaitChange, mayPass, waitMs, worthAnotherTry } from "./persist.ts";
import { type Address, addressText, closedFailure } from "./reach-failures.ts";
import type { TransactionLog } from "./transaction-log.ts";

/** What goes into one request, unless one batch is larger. */
const MAX_REQUEST_BYTES = 4_194_304;
/** Of the time that a request may take: how long the leader waits for replicas. */
const REPLICA_SHARE = 0.75;

interface Sending {
  readonly outbox: Outbox;
  readonly batch: OutBatch;
}

/** What goes to one broker. */
interface Parcel {
  readonly address: Address;
  readonly sendings: Sending[];
  sizeBytes: number;
}

export class Sender {
  readonly #cluster: Cluster;
  readonly #log: TransactionLog | undefined;
  readonly #deliveryMs: number;
  readonly #lane: Lane;
  readonly #outboxes: Outbox[] = [];
  /** Partitions that are part of the open transaction. */
  readonly #taken = new Set<Outbox>();
  /** Addresses of brokers that have a request of ours. */
  readonly #busy = new Set<string>();
  #identity: ProducerIdentity | undefined;
  /** The open transaction holds something. */
  inTransaction = false;
  bufferedBytes = 0;
  #failure: unknown;
  #closed = false;
  readonly #changes = new Changes();

  /** `deliveryMs`: how long a batch is tried to be written. */
  constructor(cluster: Cluster, log: TransactionLog | undefined, deliveryMs: number) {
    this.#cluster = cluster;
    this.#log = log;
    this.#deliveryMs = deliveryMs;
    this.#lane = cluster.lane("produce");
  }

  /** True where the transaction is ended already, by the cluster or by another producer. */
  get fenced(): boolean {
    return this.#failure instanceof StrmFailure && this.#failure.code === "kafka.fenced";
  }

  start(identity: ProducerIdentity): void {
    if (this.#identity === undefined) void this.#run();
    this.#identity = identity;
  }

  add(outbox: Outbox): void {
    this.#outboxes.push(outbox);
  }

  append(outbox: Outbox, message: Message, sizeBytes: number): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.bufferedBytes += sizeBytes;
    if (outbox.append(message, sizeBytes)) this.#changes.tell();
  }

  /** Throws what the producer has died of. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      this.#expectAlive();
      if (condition()) return;
      await this.#changes.next;
    }
  }

  async flush(): Promise<void> {
    this.#expectAlive();
    for (const outbox of this.#outboxes) outbox.seal();
    this.#changes.tell();
    const batches = this.#outboxes.flatMap((outbox) => outbox.batches);
    await Promise.all(batches.map(({ done }) => done));
    this.#expectAlive();
  }

  /** A new transaction begins with the next message. */
  ended(): void {
    this.inTransaction = false;
    for (const outbox of this.#taken) outbox.committed();
    this.#taken.clear();
  }

  /** Every call throws this from now on, and nothing more is sent. */
  die(failure: unknown): void {
    this.#failure ??= failure;
    for (const outbox of this.#outboxes) outbox.giveUp();
    this.bufferedBytes = 0;
    this.#changes.tell();
  }

  /** Nothing more is sent; what is under way may still arrive. */
  close(): void {
    this.#closed = true;
    for (const outbox of this.#outboxes) outbox.giveUp();
    this.#changes.tell();
    this.#cluster.release(this.#lane);
  }

  #expectAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed || this.#identity === undefined) throw closedFailure();
  }

  async #run(): Promise<void> {
    while (this.#failure === undefined && !this.#closed) {
      const changed = this.#changes.next;
      // One moment for both: what is not ready at it is due later.
      const nowMs = performance.now();
      try {
        await this.#sendReady(nowMs);
      } catch (error) {
        this.die(error);
        return;
      }
      const dues = this.#outboxes.map((outbox) => outbox.dueMs(nowMs)).filter((dueMs) => dueMs !== undefined);
      await awaitChange(changed, dues.length === 0 ? undefined : waitMs(Math.min(...dues)));
    }
  }

  async #sendReady(nowMs: number): Promise<void> {
    const ready: Sending[] = [];
    for (const outbox of this.#outboxes) {
      const batch = outbox.ready(nowMs);
      if (batch !== undefined) ready.push({ outbox, batch });
    }
    if (ready.length === 0 || !(await this.#takeIn(ready))) return;
    for (const [key, parcel] of await this.#parcels(ready)) {
      this.#busy.add(key);
      void this.#send(parcel).finally(() => {
        this.#busy.delete(key);
        this.#changes.tell();
      });
    }
  }

  /** Makes the partitions part of the transaction; false where that has to be tried again. */
  async #takeIn(ready: readonly Sending[]): Promise<boolean> {
    const outboxes = ready.map(({ outbox }) => outbox).filter((outbox) => !this.#taken.has(outbox));
    if (this.#log === undefined || outboxes.length === 0) return true;
    // Also where the answer gets lost.
    this.inTransaction = true;
    try {
      await this.#log.addPartitions(outboxes);
    } catch (error) {
      for (const outbox of outboxes) this.#failed(outbox, error);
      return false;
    }
    for (const outbox of outboxes) this.#taken.add(outbox);
    return true;
  }

  /** By the broker's address; brokers that are busy are left out. */
  async #parcels(ready: readonly Sending[]): Promise<ReadonlyMap<string, Parcel>> {
    const parcels = new Map<string, Parcel>();
    for (const sending of ready) {
      const { outbox, batch } = sending;
      try {
        const address = await this.#cluster.leader(outbox.topic, outbox.partition);
        const key = addressText(address);
        if (this.#busy.has(key)) continue;
        const parcel = parcels.get(key) ?? { address, sendings: [], sizeBytes: 0 };
        if (parcel.sendings.length > 0 && parcel.sizeBytes + batch.sizeBytes > MAX_REQUEST_BYTES) continue;
        parcel.sendings.push(sending);
        parcel.sizeBytes += batch.sizeBytes;
        parcels.set(key, parcel);
      } catch (error) {
        this.#failed(outbox, error);
      }
    }
    return parcels;
  }

  async #send({ address, sendings }: Parcel): Promise<void> {
    for (const { outbox } of sendings) outbox.busy = true;
    try {
      const partitions = await Promise.all(sendings.map((sending) => this.#stamp(sending)));
      const request = {
        transactionalId: this.#log?.id,
        timeoutMs: Math.floor(this.#cluster.requestTimeoutMs * REPLICA_SHARE),
        partitions,
      };
      const answers = await this.#cluster.send(address, this.#lane, produce, request);
      const byPartition = new Map(answers.map((one) => [partitionKey(one.topic, one.partition), one]));
      for (const { outbox } of sendings) {
        this.#take(outbox, byPartition.get(partitionKey(outbox.topic, outbox.partition)));
      }
    } catch (error) {
      for (const { outbox } of sendings) this.#failed(outbox, error);
    } finally {
      for (const { outbox } of sendings) outbox.busy = false;
    }
  }

  async #stamp({ outbox, batch }: Sending) {
    const { topic, partition, settings, sequence } = outbox;
    if (batch.bytes === undefined && this.#identity !== undefined) {
      const transactional = this.#log !== undefined;
      const stamp = { ...this.#identity, sequence, transactional };
      outbox.stamped(batch, await batch.builder.finish(stamp, settings.compression));
    }
    return { topic, partition, batch: batch.bytes ?? nothing };
  }

  #take(outbox: Outbox, answer: ProduceAnswer | undefined): void {
    const error = answer?.error ?? brokerError.unknownServerError;
    // It was written by an earlier try, whose answer got lost.
    if (error === brokerError.none || error === brokerError.duplicateSequenceNumber) {
      this.bufferedBytes -= outbox.acknowledged(answer?.baseOffset ?? -1);
      if (this.#log === undefined) outbox.committed();
      return;
    }
    const { topic, partition } = outbox;
    this.#failed(outbox, brokerFailure(error, `write to partition ${partition} of topic "${topic}"`));
  }

  #failed(outbox: Outbox, error: unknown): void {
    this.#cluster.forgetLeaders([outbox.topic]);
    if (worthAnotherTry(error, outbox.backoff.failed(performance.now()), this.#deliveryMs)) return;
    this.die(mayPass(error) ? undelivered(outbox, error) : error);
  }
}

const nothing = new Uint8Array(0);

function undelivered({ topic, partition }: Outbox, cause: unknown): TransientFailure {
  const why = cause instanceof Error ? ` ${cause.message}` : "";
  return new TransientFailure(
    "kafka.transaction-failed",
    `Messages for partition ${partition} of topic "${topic}" could not be written in time.${why}`,
    "It goes on from the last checkpoint; nothing is lost. Look at the health of the cluster.",
    { cause },
  );
}
