// Falls silent in the middle of what a server sends, without breaking the connection; the connections after that are sound.
import type { Socket } from "node:net";
import { TcpProxy } from "./tcp-proxy.ts";

export class StallingProxy extends TcpProxy {
  readonly #afterBytes: number;
  /** How often it fell silent: once, if ever. */
  stalls = 0;

  /** To a port of this machine. */
  constructor(port: number, afterBytes: number) {
    super(port);
    this.#afterBytes = afterBytes;
  }

  protected join(client: Socket, server: Socket): void {
    let passed = 0;
    let silent = false;
    client.pipe(server);
    server.on("data", (chunk: Buffer) => {
      if (silent) return;
      passed += chunk.length;
      if (passed > this.#afterBytes && this.stalls === 0) {
        silent = true;
        this.stalls++;
        return;
      }
      if (!client.write(chunk)) server.pause();
    });
    client.on("drain", () => server.resume());
  }
}
