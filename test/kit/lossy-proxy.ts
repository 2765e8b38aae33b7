// Stands between a client and a server, and loses the answer to a certain request: the server has done what it was asked, and the client never learns of it.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class LossyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #words: string | undefined;
  #lost = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Passes everything on to a port of this machine. */
  static async to(port: number): Promise<LossyProxy> {
    const server = createServer();
    const proxy = new LossyProxy(server);
    server.on("connection", (client) => proxy.#join(client, connect(port, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Answers that were lost. */
  get lost(): number {
    return this.#lost;
  }

  /** The next request with these words is passed on; its connection breaks when the answer comes. */
  loseAnswerTo(words: string): void {
    this.#words = words;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    let losing = false;
    client.on("data", (bytes) => {
      if (this.#words !== undefined && bytes.includes(this.#words)) {
        this.#words = undefined;
        losing = true;
      }
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (!losing) {
        client.write(bytes);
        return;
      }
      this.#lost++;
      client.resetAndDestroy();
      server.destroy();
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
