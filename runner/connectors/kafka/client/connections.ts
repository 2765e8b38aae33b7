// The open connections to the brokers of a cluster, one for each broker and kind of work.
import type { Api } from "./api.ts";
import type { Connection } from "./connection.ts";
import { type Dialled, dial } from "./dial.ts";
import type { KafkaOptions } from "./options.ts";
import { type Address, addressText, closedFailure } from "./reach-failures.ts";

/** A broker works on one request of a connection at a time: what waits there must not hold up anything else. */
export type Lane = "ask" | `${"fetch" | "produce" | "group"} ${number}`;

export class Connections {
  readonly #options: KafkaOptions;
  readonly #open = new Map<string, Promise<Dialled>>();
  readonly #all = new Set<Connection>();
  #closed = false;

  constructor(options: KafkaOptions) {
    this.#options = options;
  }

  /** Opens a connection where there is none. See `Connection.send` and `dial` for what it throws. */
  async send<Q, A>(
    address: Address,
    lane: Lane,
    api: Api<Q, A>,
    request: Q,
    timeoutMs = this.#options.requestTimeoutMs,
  ): Promise<A> {
    const connection = await this.#connection(address, lane);
    return connection.send(api, request, timeoutMs);
  }

  /** Closes what was opened for a kind of work; what is asked there fails. */
  release(lane: Lane): void {
    for (const [key, dialled] of this.#open) {
      if (!key.startsWith(`${lane}@`)) continue;
      this.#open.delete(key);
      dialled.then(
        ({ connection }) => connection.close(),
        () => undefined,
      );
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of [...this.#all]) connection.close();
  }

  async #connection(address: Address, lane: Lane): Promise<Connection> {
    const key = `${lane}@${addressText(address)}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      const { connection, goodUntilMs } = await known;
      if (!connection.closed && Date.now() < goodUntilMs) return connection;
      if (this.#open.get(key) === known) this.#open.delete(key);
      connection.retire();
      return this.#connection(address, lane);
    }
    if (this.#closed) throw closedFailure();
    const dialled = this.#dial(address);
    this.#open.set(key, dialled);
    dialled.catch(() => {
      if (this.#open.get(key) === dialled) this.#open.delete(key);
    });
    return (await dialled).connection;
  }

  async #dial(address: Address): Promise<Dialled> {
    let closed = (): void => undefined;
    const dialled = await dial(address, this.#options, () => closed());
    const { connection } = dialled;
    if (this.#closed) connection.close();
    this.#all.add(connection);
    closed = () => void this.#all.delete(connection);
    if (connection.closed) closed();
    return dialled;
  }
}
