// Serves what is known of a run over HTTP: metrics, health, the graph, and its events as they come.
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobGraph } from "../../dsl/index.ts";
import type { RunEvent } from "../../runner/index.ts";
import { CommandFailure } from "../exit.ts";
import { EventFeed } from "./event-feed.ts";
import { reduceHealth, unborn, whyDead, whyNotReady } from "./health.ts";
import { RunMetrics } from "./metrics.ts";
import { type Door, isLoopback } from "./place.ts";

/** Streams that wait are given so long to end when the run does. */
const FAREWELL_MS = 1_000;
/** What a run may go without a checkpoint beyond the time between two. */
const CHECKPOINT_PATIENCE_MS = 60_000;

/** Nobody has much to say here; connections are few and requests small. */
const limits = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MOST_CONNECTIONS = 64;

const index = `strm: a run

/metrics  for Prometheus
/livez    200 while the run has not failed
/readyz   200 while everything is open and checkpoints hold
/graph    the job graph, as JSON
/events   run events as NDJSON: a snapshot, then as they come
`;

export interface RunServerOptions {
  readonly door: Door;
  readonly graph: JobGraph;
  readonly checkpointEveryMs: number;
}

export class RunServer {
  readonly #options: RunServerOptions;
  readonly #server: Server;
  readonly #feed = new EventFeed();
  readonly #metrics = new RunMetrics();
  #health = unborn;

  private constructor(options: RunServerOptions) {
    this.#options = options;
    this.#server = createServer(limits, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.maxRequestsPerSocket = 1_000;
  }

  /** Throws a `CommandFailure` with the code `listen.in-use` or `listen.address`. */
  static async open(options: RunServerOptions): Promise<RunServer> {
    const server = new RunServer(options);
    const { address, port } = options.door;
    server.#server.listen(port, address);
    try {
      await once(server.#server, "listening");
    } catch (error) {
      server.#feed.close();
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      throw new CommandFailure(
        `\`--listen\`: nothing can listen on ${at(address, port)} (${code}).`,
        "Choose another port, or an address of this machine.",
        code === "EADDRINUSE" ? "listen.in-use" : "listen.address",
      );
    }
    // Who went away has closed its own; a run goes on whatever becomes of its watchers.
    server.#server.on("error", () => {});
    return server;
  }

  get url(): string {
    const bound = this.#server.address();
    const { address, port } = this.#options.door;
    return `http://${at(address, typeof bound === "object" && bound !== null ? bound.port : port)}`;
  }

  /** Takes a run event in; never throws, and never waits for anybody. */
  report(event: RunEvent): void {
    this.#health = reduceHealth(this.#health, event);
    this.#metrics.note(event);
    this.#feed.report(event);
  }

  /** Ends all streams and connections, at the latest after a second. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#feed.close();
    const inTime = new AbortController();
    await Promise.race([closed, sleep(FAREWELL_MS, undefined, { signal: inTime.signal }).catch(() => {})]);
    inTime.abort();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers } = request;
    response.setHeader("x-content-type-options", "nosniff");
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return say(response, 405, "Only GET and HEAD are answered here.");
    }
    if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") {
      response.setHeader("connection", "close");
      return say(response, 413, "No request has a body here.");
    }
    const path = (request.url ?? "").split("?", 1)[0];
    const known = this.#known(request);
    // Whoever probes health has no place for a secret: the answer is one word then, and the status.
    if (path === "/livez") return this.#tell(response, known, whyDead(this.#health), "alive");
    if (path === "/readyz") return this.#tell(response, known, this.#whyNotReady(), "ready");
    if (!known) {
      if (this.#options.door.token === undefined)
        return say(response, 403, "The name of this host is not the one that was asked for.");
      response.setHeader("www-authenticate", 'Bearer realm="strm"');
      return say(response, 401, "A bearer token is needed here.");
    }
    await this.#show(path, request, response);
  }

  async #show(
    path: string | undefined,
    { method }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (path) {
      case "/":
        return say(response, 200, index);
      case "/metrics":
        return say(response, 200, await this.#metrics.text(), this.#metrics.type);
      case "/graph":
        return say(response, 200, JSON.stringify(this.#options.graph), "application/json");
      case "/events":
        if (method === "HEAD") return say(response, 200, "", "application/x-ndjson");
        if (!this.#feed.join(response))
          say(response, 503, "There are as many readers already as there may be.");
        return;
      default:
        return say(response, 404, "There is nothing here; / says what there is.");
    }
  }

  #whyNotReady(): string | undefined {
    return whyNotReady(this.#health, Date.now(), this.#options.checkpointEveryMs + CHECKPOINT_PATIENCE_MS);
  }

  #tell(response: ServerResponse, known: boolean, trouble: string | undefined, word: string): void {
    if (trouble === undefined) say(response, 200, word);
    else say(response, 503, known ? `not ${word}: ${trouble}` : `not ${word}`);
  }

  /**
   * With a token, whoever brings it. Without one only this machine gets here; a page in its browser might do so by a name of its own
   * that leads here, which the host of its requests gives away.
   */
  #known({ headers: { authorization, host } }: IncomingMessage): boolean {
    const { token } = this.#options.door;
    if (token === undefined) return namesThisMachine(host ?? "");
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    // Digests have one length, and tell nothing by the time that comparing takes.
    return given !== undefined && timingSafeEqual(digestOf(given), digestOf(token));
  }
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  const body = text === "" || text.endsWith("\n") || type.startsWith("application/") ? text : `${text}\n`;
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function namesThisMachine(host: string): boolean {
  const [, inBrackets, plain = ""] = /^(?:\[([0-9a-f:.]+)\]|([^:]+))(?::[0-9]+)?$/i.exec(host) ?? [];
  if (inBrackets !== undefined) return isLoopback(inBrackets);
  return plain.toLowerCase() === "localhost" || (/^[0-9.]+$/.test(plain) && isLoopback(plain));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function at(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
