// Stands between clients and a server: each connection that comes is joined to one of its own, by a class that decides what passes.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export abstract class TcpProxy {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  /** To a port of this machine. Where one side of a pair ends, so does the other. */
  constructor(port: number) {
    this.#server.on("connection", (client) => {
      const pair = [client, connect(port, "127.0.0.1")] as const;
      for (const socket of pair) this.#keep(socket, pair);
      this.join(...pair);
    });
  }

  /** Hands on what comes from either side, or does not. */
  protected abstract join(client: Socket, server: Socket): void;

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Breaks off all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on, it refuses connections, too. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.breakAll();
    await closed;
  }

  #keep(socket: Socket, pair: readonly Socket[]): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      for (const one of pair) one.destroy();
    });
  }
}
