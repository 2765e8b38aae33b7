// A schema registry in this process, with what strm asks of Confluent's REST API, and with faults that can be switched while it runs.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import type { Certificate } from "./certificates.ts";
import { type Reply, SchemaShelf } from "./schema-shelf.ts";

export interface SmallRegistryOptions {
  /** What the header `authorization` must be, such as `Bearer TOKEN`; absent: anyone may ask. */
  readonly authorization?: string;
  /** Present: it speaks HTTPS alone. */
  readonly tls?: Certificate;
}

/** An answer instead of its own; `held` requests get their right answer when the registry recovers; `cut` breaks the connection off. */
export type RegistryFault =
  | "held"
  | "cut"
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

export class SmallRegistry {
  /** To put schemas into, beside what clients register. */
  readonly shelf = new SchemaShelf();
  /** Requests so far, the refused ones too: `GET /schemas/ids/1`. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #scheme: string;
  readonly #authorization: string | undefined;
  #fault: { readonly what: RegistryFault; left: number } | undefined;
  #recovered = Promise.withResolvers<void>();
  #asking = Promise.withResolvers<void>();

  private constructor({ authorization, tls }: SmallRegistryOptions) {
    this.#authorization = authorization;
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = tls === undefined ? createServer() : createTlsServer({ ...tls });
    this.#server.on("request", (request, response) => void this.#take(request, response));
  }

  static async start(options: SmallRegistryOptions = {}): Promise<SmallRegistry> {
    const registry = new SmallRegistry(options);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    return registry;
  }

  get url(): string {
    const address = this.#server.address();
    return `${this.#scheme}://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** The next requests meet the fault, so many of them; without a number all, until it recovers. */
  fail(fault: RegistryFault, times = Number.POSITIVE_INFINITY): void {
    this.#fault = { what: fault, left: times };
  }

  /** Ends the fault, and answers what was held. */
  recover(): void {
    this.#fault = undefined;
    this.#recovered.resolve();
    this.#recovered = Promise.withResolvers();
  }

  /** Resolves when so many requests have come, from its start on. */
  async hasBeenAsked(times: number): Promise<void> {
    while (this.asked.length < times) await this.#asking.promise;
  }

  async close(): Promise<void> {
    this.recover();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client may go away in the middle of what it sends.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const { method = "", url = "" } = request;
    this.asked.push(`${method} ${url}`);
    this.#asking.resolve();
    this.#asking = Promise.withResolvers();
    const fault = this.#nextFault();
    if (fault === "cut") {
      request.socket.destroy();
      return;
    }
    if (fault === "held") await this.#recovered.promise;
    else if (fault !== undefined) {
      response.writeHead(fault.status, { ...fault.headers }).end(fault.body ?? "");
      return;
    }
    const allowed =
      this.#authorization === undefined || request.headers.authorization === this.#authorization;
    const { status, answer } = allowed ? this.shelf.answer(method, url, body) : denied;
    response
      .writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" })
      .end(JSON.stringify(answer));
  }

  #nextFault(): RegistryFault | undefined {
    if (this.#fault === undefined || this.#fault.left <= 0) return undefined;
    this.#fault.left--;
    return this.#fault.what;
  }
}

const denied: Reply = { status: 401, answer: { error_code: 401, message: "Unauthorized" } };
