// Sends requests to a bucket of Google Cloud Storage: tries again what may pass, and says what failed in words of ours.
import type { IncomingHttpHeaders } from "node:http";
import { tryAgain } from "../objects/tries.ts";
import { connectionFailure, identityFailure, refusalFailure, refusalOf } from "./failures.ts";
import type { Http, HttpAnswer } from "./http.ts";
import type { Identity } from "./identity.ts";

/** A page of a listing is far smaller. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export interface Request {
  /** What it needs: `storage.objects.get`. */
  readonly right: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Behind the endpoint, or a whole address that the service gave. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Statuses beside 2xx that are outcomes and not failures. */
  readonly outcomes?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class Requests {
  readonly store: string;
  readonly #http: Http;
  readonly #identity: Identity;
  readonly #endpoint: URL;
  readonly #common: Readonly<Record<string, string>>;

  /** `common`: part of every query. */
  constructor(
    http: Http,
    identity: Identity,
    endpoint: URL,
    store: string,
    common: Readonly<Record<string, string>>,
  ) {
    this.#http = http;
    this.#identity = identity;
    this.#endpoint = endpoint;
    this.store = store;
    this.#common = common;
  }

  /** Throws a failure with the bucket, or the signal's reason. */
  send(request: Request, signal: AbortSignal): Promise<Answer> {
    return tryAgain(signal, async () => {
      const { status, headers, bytes } = await this.open(request, signal);
      return { status, headers, text: await this.#whole(bytes) };
    });
  }

  /** An answer whose bytes are still to come; without another try. */
  async open(request: Request, signal: AbortSignal): Promise<HttpAnswer> {
    const { right, method, path, query, headers, body, outcomes = [] } = request;
    const url = new URL(path, this.#endpoint);
    for (const [name, value] of Object.entries({ ...query, ...this.#common }))
      url.searchParams.set(name, value);
    const identity = await this.#identity.headers(url, signal).catch((error) => {
      throw identityFailure(error, this.store);
    });
    const answer = await this.#http
      .ask(
        { method, url, headers: { ...identity, ...headers }, ...(body !== undefined && { body: body() }) },
        signal,
      )
      .catch((error) => {
        throw connectionFailure(error, this.store);
      });
    const { status } = answer;
    if ((status >= 200 && status < 300) || outcomes.includes(status)) return answer;
    throw refusalFailure(refusalOf(status, await this.#whole(answer.bytes)), this.store, right);
  }

  close(): void {
    this.#http.close();
  }

  async #whole(bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of bytes) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) break;
      }
    } catch (error) {
      throw connectionFailure(error, this.store);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
