// The requests of one transactional id to its coordinator, each tried again as long as that may help.
import type { StrmFailure } from "../../../failure.ts";
import type { Api } from "./api.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  type ProducerIdentity,
  txnOffsetCommit,
} from "./apis/transaction.ts";
import type { Cluster } from "./cluster.ts";
import type { TopicPartition } from "./partitions.ts";
import { persist } from "./persist.ts";
import type { GroupOffsets } from "./transaction-offsets.ts";

/** Of who has none yet: it is given one, and whoever had the transactional id is fenced. */
const UNKNOWN: ProducerIdentity = { producerId: -1, epoch: -1 };

export class TransactionLog {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #timeoutMs: number;
  #identity: ProducerIdentity = UNKNOWN;

  constructor(cluster: Cluster, id: string, timeoutMs: number) {
    this.#cluster = cluster;
    this.id = id;
    this.#timeoutMs = timeoutMs;
  }

  /** Fences whoever had the id before, and waits some seconds until what that left open is undone, or completed where it was decided. */
  async init(): Promise<ProducerIdentity> {
    const { producerId, epoch } = await persist(() => this.#begin(UNKNOWN));
    this.#identity = { producerId, epoch };
    return this.#identity;
  }

  /**
   * Has what is open undone, and shuts out what is still on its way to the brokers (KIP-360): asking to end the transaction would not. Does
   * nothing where another producer has the id by now.
   */
  async undo(): Promise<void> {
    await this.#begin(this.#identity);
  }

  /** Before the first message to each. */
  async addPartitions(partitions: readonly TopicPartition[]): Promise<void> {
    const request = { ...this.#name, partitions };
    await persist(
      () => this.#ask(addPartitionsToTxn, request, firstError, "take partitions into"),
      this.#timeoutMs,
    );
  }

  async addOffsets(offsets: GroupOffsets): Promise<void> {
    const { group } = offsets;
    const request = { ...this.#name, group };
    await persist(
      () => this.#ask(addOffsetsToTxn, request, (error) => error, `take group "${group}" into`),
      this.#timeoutMs,
    );
    await persist(() => this.#commitOffsets(offsets), this.#timeoutMs);
  }

  /** One try: what it means that there is no answer is for the caller to say. */
  async commit(): Promise<void> {
    await this.#ask(endTxn, { ...this.#name, commit: true }, (error) => error, "commit");
  }

  async #commitOffsets(offsets: GroupOffsets): Promise<void> {
    const { group } = offsets;
    const request = { ...this.#name, offsets };
    const answer = await this.#cluster.coordinate("group", group, "ask", txnOffsetCommit, request);
    const error = firstError(answer);
    const doing = `take the offsets of group "${group}" into a transaction`;
    if (error !== 0) throw this.#cluster.coordinatorFailure("group", group, error, doing);
  }

  #begin(identity: ProducerIdentity) {
    const request = { ...identity, transactionalId: this.id, timeoutMs: this.#timeoutMs };
    return this.#ask(initProducerId, request, ({ error }) => error, "begin");
  }

  get #name() {
    return { transactionalId: this.id, ...this.#identity };
  }

  async #ask<Q, A>(api: Api<Q, A>, request: Q, errorIn: (answer: A) => number, doing: string): Promise<A> {
    const answer = await this.#cluster.coordinate("transaction", this.id, "ask", api, request);
    const error = errorIn(answer);
    if (error !== 0) throw this.#failure(error, `${doing} transaction "${this.id}"`);
    return answer;
  }

  #failure(error: number, doing: string): StrmFailure {
    return this.#cluster.coordinatorFailure("transaction", this.id, error, doing);
  }
}

function firstError(partitions: readonly { readonly error: number }[]): number {
  return partitions.find(({ error }) => error !== 0)?.error ?? 0;
}
