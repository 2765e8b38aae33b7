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

export class TransactionLog {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #timeoutMs: number;
  #identity: ProducerIdentity = { producerId: -1, epoch: -1 };

  constructor(cluster: Cluster, id: string, timeoutMs: number) {
    this.#cluster = cluster;
    this.id = id;
    this.#timeoutMs = timeoutMs;
  }

  /** Fences whoever had the id before, and waits some seconds until what that left open is undone, or completed where it was decided. */
  async init(): Promise<ProducerIdentity> {
    const request = { transactionalId: this.id, timeoutMs: this.#timeoutMs };
    const { producerId, epoch } = await persist(() =>
      this.#ask(initProducerId, request, ({ error }) => error, "begin"),
    );
    this.#identity = { producerId, epoch };
    return this.#identity;
  }

  /** Before the first message to each. */
  async addPartitions(partitions: readonly TopicPartition[]): Promise<void> {
    const request = { ...this.#name, partitions };
    await persist(() => this.#ask(addPartitionsToTxn, request, firstError, "take partitions in"));
  }

  async addOffsets(offsets: GroupOffsets): Promise<void> {
    const { group } = offsets;
    const request = { ...this.#name, group };
    await persist(() => this.#ask(addOffsetsToTxn, request, (error) => error, `take group "${group}" in`));
    await persist(async () => {
      const answer = await this.#cluster.coordinate("group", group, "ask", txnOffsetCommit, {
        ...this.#name,
        offsets,
      });
      const error = firstError(answer);
      const doing = `take the offsets of group "${group}" into a transaction`;
      if (error !== 0) throw this.#cluster.coordinatorFailure("group", group, error, doing);
    });
  }

  /** One try: what it means that there is no answer is for the caller to say. */
  async end(commit: boolean): Promise<void> {
    await this.#ask(endTxn, { ...this.#name, commit }, (error) => error, commit ? "commit" : "undo");
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
