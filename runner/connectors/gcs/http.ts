// Requests over HTTP that end: each is broken off when nothing moves for a while, and connections are kept for the next. Google's own client has no limit on uploads.
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its connection is free again when this was read to its end or left. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MAX_CONNECTIONS = 32;

export class Http {
  readonly #silenceMs: number;
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** Throws errors of sockets, what the body throws, and the signal's reason. */
  ask({ method, url, headers, body = [] }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const secure = url.protocol === "https:";
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method,
        headers,
        agent: secure ? this.#https : this.#http,
        // Also while it connects.
        timeout: this.#silenceMs,
      });
      let answer: IncomingMessage | undefined;
      const breakOff = (error: Error) => {
        answer?.destroy(error);
        request.destroy(error);
      };
      const abort = () => breakOff(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
      signal.addEventListener("abort", abort);
      request.on("timeout", () => breakOff(Object.assign(new Error("silence"), { code: "ETIMEDOUT" })));
      request.on("close", () => signal.removeEventListener("abort", abort));
      request.on("error", reject);
      request.on("response", (response) => {
        answer = response;
        // Whoever reads it is told by its bytes.
        response.on("error", () => {});
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, bytes: untilLeft(response, request) });
      });
      // It destroys the request where the body fails, and tells the request's error where that fails.
      pipeline(body, request).catch(reject);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

/** The connection of what is not read to its end, or was answered before it was sent to its end, takes no other request. */
async function* untilLeft(
  response: IncomingMessage,
  request: ClientRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* response;
  } finally {
    if (!response.complete || !request.writableFinished) request.destroy();
  }
}
