// Stands between clients and a store of objects, and makes go wrong what a test tells it to: at which request, how, and how often. It counts what it did.
import { once } from "node:events";
import { Agent, request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cut, paced } from "./http-proxy-streams.ts";
import { freePorts } from "./ports.ts";
import { answer } from "./scripted-store.ts";
import type { StoreAnswer } from "./store-answers.ts";

export type HttpFault =
  /** The connection breaks before the server has heard anything. */
  | "reset"
  /** The server does what it was asked; then the connection breaks instead of its answer. */
  | "lose reply"
  /** Taken, and not passed on. Nothing comes back until the connection is closed. */
  | "black hole"
  /** The server gets so much of the body, one byte at least; then the connections on both sides break. A shorter one goes through, and its answer is lost. */
  | { readonly cutAfterBytes: number }
  /** Bodies pass at this speed, in both directions. */
  | { readonly bytesPerSecond: number }
  /** The server hears nothing, and this is answered. */
  | { readonly answer: StoreAnswer };

export interface FaultRule {
  readonly how: HttpFault;
  /** Absent: all. */
  readonly method?: string;
  /** A part of path and query, as they are sent: `/bucket/`, `uploadId=`. Absent: all. */
  readonly path?: string;
  /** From 1: the first request that it happens to, of those that match from now on. Absent: 1. */
  readonly nth?: number;
  /** How many of them, one after another. Absent: 1; `Infinity`: all, until it is lifted. */
  readonly times?: number;
}

/** A rule that holds. */
export class Fault {
  readonly rule: FaultRule;
  /** Resolves when it happens for the first time: when a request is swallowed or broken, or when the server has given the answer that is lost. */
  readonly met: Promise<void>;
  /** How often it has happened. */
  count = 0;
  readonly #met = Promise.withResolvers<void>();
  #matched = 0;
  #lifted = false;

  constructor(rule: FaultRule) {
    this.rule = rule;
    this.met = this.#met.promise;
  }

  /** From now on it happens no more. What is in a black hole stays there. */
  lift(): void {
    this.#lifted = true;
  }

  /** True where it is to happen to this request. */
  takes({ method, url = "" }: IncomingMessage): boolean {
    const { rule } = this;
    if (this.#lifted || (rule.method !== undefined && rule.method !== method)) return false;
    if (rule.path !== undefined && !url.includes(rule.path)) return false;
    const { nth = 1, times = 1 } = rule;
    const at = ++this.#matched - nth;
    return at >= 0 && at < times;
  }

  happened(): void {
    this.count++;
    this.#met.resolve();
  }
}

const HOP_HEADERS = new Set(["connection", "keep-alive"]);

export class HttpProxy {
  /** Requests so far, whatever became of them: `PUT /bucket/key?x-id=PutObject`. */
  readonly asked: string[] = [];
  readonly #target: URL;
  readonly #port: number;
  readonly #server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    void this.#take(request, response);
  });
  /** A connection for each request: that a server was started again shows in no more than was under way. */
  readonly #agent = new Agent({ keepAlive: false });
  #faults: readonly Fault[] = [];
  #passed = 0;

  private constructor(target: URL, port: number) {
    this.#target = target;
    this.#port = port;
  }

  /** Passes everything on to an endpoint, `http://127.0.0.1:8333`. */
  static async to(endpoint: string): Promise<HttpProxy> {
    const [port = 0] = await freePorts(1);
    const proxy = new HttpProxy(new URL(endpoint), port);
    await proxy.accept();
    return proxy;
  }

  /** Where clients are sent instead. Signatures over it hold: the server gets it as the host that was asked for. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Requests that went through, with their answers, and without a fault. */
  get passed(): number {
    return this.#passed;
  }

  /** Where more than one rule takes a request, the first one given wins. */
  fault(rule: FaultRule): Fault {
    const fault = new Fault(rule);
    this.#faults = [...this.#faults, fault];
    return fault;
  }

  /** Breaks all connections off, and refuses new ones until `accept`. */
  async refuse(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same port. */
  async accept(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** As `refuse`, for good. */
  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse();
    this.#agent.destroy();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked.push(`${request.method} ${request.url}`);
    // A request that has ended may know it no more.
    const { socket } = request;
    // Each rule counts, also where another one wins.
    const [fault] = this.#faults.filter((one) => one.takes(request));
    try {
      await this.#meet(request, response, socket, fault);
    } catch {
      // One side is gone, so the other one goes, too.
      socket.resetAndDestroy();
    }
  }

  async #meet(
    request: IncomingMessage,
    response: ServerResponse,
    socket: Socket,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault === undefined) {
      await this.#pass(request, response, []);
      this.#passed++;
      return;
    }
    const { how } = fault.rule;
    if (how === "lose reply" || (typeof how === "object" && "cutAfterBytes" in how)) {
      const cuts = typeof how === "object";
      const bytes = cuts ? how.cutAfterBytes : Number.POSITIVE_INFINITY;
      const reply = await this.#ask(request, response, (to) => cut(request, to, bytes)).catch(
        () => undefined,
      );
      if (reply !== undefined) await once(reply.resume(), "end");
      socket.resetAndDestroy();
      // Where the server was not there, nothing was lost.
      if (cuts || reply !== undefined) fault.happened();
      return;
    }
    if (how === "reset") socket.resetAndDestroy();
    if (how === "black hole") request.resume();
    if (typeof how === "object" && "answer" in how) {
      await once(request.resume(), "end");
      answer(response, how.answer);
    }
    fault.happened();
    if (typeof how === "object" && "bytesPerSecond" in how) {
      const pace = () => paced(how.bytesPerSecond);
      await this.#pass(request, response, [pace(), pace()]);
    }
  }

  async #pass(
    request: IncomingMessage,
    response: ServerResponse,
    [there, back]: readonly Transform[],
  ): Promise<void> {
    const reply = await this.#ask(request, response, (to) => through(request, there, to));
    response.sendDate = false;
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, headersOf(reply));
    await through(reply, back, response);
  }

  /** Resolves with the reply when that begins: a server may give it before it has read all. */
  async #ask(
    request: IncomingMessage,
    response: ServerResponse,
    send: (to: Writable) => Promise<void>,
  ): Promise<IncomingMessage> {
    const { method, url } = request;
    const { hostname, port } = this.#target;
    const passed = ask({
      hostname,
      port,
      method,
      path: url,
      headers: headersOf(request),
      agent: this.#agent,
    });
    response.on("close", () => {
      if (!response.writableFinished) passed.destroy();
    });
    const replied = once(passed, "response");
    // What is wrong with it breaks the connection, and so shows in the reply.
    send(passed).catch(() => {});
    const [reply]: IncomingMessage[] = await replied;
    if (reply === undefined) throw new Error("no reply");
    return reply;
  }
}

async function through(from: Readable, pace: Transform | undefined, to: Writable): Promise<void> {
  await pipeline(pace === undefined ? [from, to] : [from, pace, to]);
}

/** As they came, in pairs, but for those of one connection alone. */
function headersOf({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, i) => !HOP_HEADERS.has((rawHeaders[i - (i % 2)] ?? "").toLowerCase()));
}
