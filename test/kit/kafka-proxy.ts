// Stands between clients and a broker, knows the requests that pass, and loses the answers to some, or all.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class KafkaProxy {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #losing: number[] = [];
  #silent = false;
  #lastWords: number | undefined;
  #lost = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
  }

  /** Passes everything on to a port of this machine. */
  static async to(port: number): Promise<KafkaProxy> {
    const server = createServer();
    const proxy = new KafkaProxy(server, port);
    server.on("connection", (client) => proxy.#join(client));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Answers that were lost. */
  get lost(): number {
    return this.#lost;
  }

  /** The broker does what the next request with this key asks, and the connection breaks when it answers. */
  loseAnswerTo(key: number): void {
    this.#losing.push(key);
  }

  /** Takes everything and passes nothing on until `speak`. */
  silence(): void {
    this.#silent = true;
  }

  /** As `silence`, from the moment that the broker has been handed a request with this key. */
  silenceAfter(key: number): void {
    this.#lastWords = key;
  }

  /** What came meanwhile is lost, with its connections. */
  speak(): void {
    this.#silent = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const server = connect(this.#port, "127.0.0.1");
    const requests = new FrameHeads();
    let losing = false;
    client.on("data", (bytes: Buffer) => {
      if (this.#silent) return;
      for (const key of requests.keysIn(bytes)) {
        if (key === this.#lastWords) {
          this.#lastWords = undefined;
          this.#silent = true;
        }
        const at = this.#losing.indexOf(key);
        if (at < 0) continue;
        this.#losing.splice(at, 1);
        losing = true;
      }
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      if (this.#silent) return;
      if (!losing) {
        client.write(bytes);
        return;
      }
      this.#lost++;
      client.destroy();
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

/** Finds the beginning of each frame: a length of four bytes, then the number of the request. */
class FrameHeads {
  #head = Buffer.alloc(0);
  #bodyBytes = 0;

  keysIn(bytes: Buffer): number[] {
    const keys: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#bodyBytes > 0) {
        const skipped = Math.min(this.#bodyBytes, bytes.length - at);
        this.#bodyBytes -= skipped;
        at += skipped;
        continue;
      }
      const taken = bytes.subarray(at, at + 6 - this.#head.length);
      at += taken.length;
      this.#head = Buffer.concat([this.#head, taken]);
      if (this.#head.length < 6) continue;
      keys.push(this.#head.readInt16BE(4));
      this.#bodyBytes = this.#head.readInt32BE(0) - 2;
      this.#head = Buffer.alloc(0);
    }
    return keys;
  }
}
