// A store of objects that only refuses: it answers what a test tells it to, for tests of what clients make of that.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { StoreAnswer } from "./store-answers.ts";

export class ScriptedStore {
  /** Requests so far: `PUT /bucket/key?x-id=PutObject`. */
  readonly asked: string[] = [];
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #next: StoreAnswer[] = [];
  #rest: StoreAnswer;

  private constructor(rest: StoreAnswer) {
    this.#rest = rest;
  }

  /** All requests get `rest`, but for those that `answerNext` has answers for. */
  static async start(rest: StoreAnswer): Promise<ScriptedStore> {
    const store = new ScriptedStore(rest);
    store.#server.listen(0, "127.0.0.1");
    await once(store.#server, "listening");
    return store;
  }

  get endpoint(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  answerNext(...answers: readonly StoreAnswer[]): void {
    this.#next.push(...answers);
  }

  answerAll(rest: StoreAnswer): void {
    this.#next.length = 0;
    this.#rest = rest;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(`${request.method} ${request.url}`);
    // Clients that are answered while they still send may take that for a broken connection.
    request.resume().on("end", () => answer(response, this.#next.shift() ?? this.#rest));
  }
}

/** To a `HEAD` there is no body, as of real stores. */
export function answer(response: ServerResponse, { status, headers, body }: StoreAnswer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
