// Stands between a client and a server, and loses the answer to a certain request: the server has done what it was asked, and the client never learns of it.
import type { Socket } from "node:net";
import { TcpProxy } from "./tcp-proxy.ts";

export class LossyProxy extends TcpProxy {
  #words: string | undefined;
  #lost = 0;

  /** Passes everything on to a port of this machine. */
  static async to(port: number): Promise<LossyProxy> {
    return await new LossyProxy(port).listen();
  }

  /** Answers that were lost. */
  get lost(): number {
    return this.#lost;
  }

  /** The next request with these words is passed on; its connection breaks when the answer comes. */
  loseAnswerTo(words: string): void {
    this.#words = words;
  }

  protected override join(client: Socket, server: Socket): void {
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
    });
  }
}
