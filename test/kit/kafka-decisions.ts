// Waits for transactions whose end is decided, but has not yet come to all of their partitions.
import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../../runner/connectors/kafka/client/api.ts";
import type { Cluster } from "../../runner/connectors/kafka/client/cluster.ts";

/** A transaction is decided when its coordinator has written so; partitions, a group's offsets among them, hear of it one after the other. */
const DECIDED = ["PrepareCommit", "PrepareAbort"];

/** Resolves when readers see what was decided before this call. Transactions that are still open are not waited for. */
export async function decisionsArrive(cluster: Cluster): Promise<void> {
  let left = await cluster.askAny(listDecided, undefined);
  while (left.length > 0) {
    await sleep(10);
    const still = await cluster.askAny(listDecided, undefined);
    left = left.filter((id) => still.includes(id));
  }
}

/** ListTransactions (KIP-664): the transactional ids. A broker knows those it coordinates; the kit's is the only one. */
const listDecided: Api<undefined, readonly string[]> = {
  name: "ListTransactions",
  key: 66,
  version: 0,
  write: (w) => {
    w.unsignedVarint(DECIDED.length + 1);
    for (const state of DECIDED) w.string(state);
    // Of any producer.
    w.unsignedVarint(1).tags();
  },
  read: (r) => {
    r.int32();
    r.int16();
    // States that the broker doesn't know: there are none.
    r.unsignedVarint();
    return r.array(() => {
      const id = r.string();
      r.int64();
      r.string();
      return id;
    });
  },
};
