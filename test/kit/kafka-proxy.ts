// Stands between clients and a broker, knows the requests that pass, and loses the answers to some, or all.
import type { Socket } from "node:net";
import { TcpProxy } from "./tcp-proxy.ts";

export class KafkaProxy extends TcpProxy {
  readonly #losing: number[] = [];
  #silent = false;
  #lastWords: number | undefined;
  #lost = 0;

  /** Passes everything on to a port of this machine. */
  static async to(port: number): Promise<KafkaProxy> {
    return await new KafkaProxy(port).listen();
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
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
    this.breakAll();
  }

  protected override join(client: Socket, server: Socket): void {
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
