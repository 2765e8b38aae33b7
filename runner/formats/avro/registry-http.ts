// Asks a schema registry one thing at a time over HTTP: bounded in time and size, and never led elsewhere.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Json } from "../../../dsl/spec/option-value.ts";
import { StrmFailure, TransientFailure } from "../../failure.ts";
import { Fields } from "../fields.ts";

export interface RegistryTarget {
  /** Without credentials and query. */
  readonly url: URL;
  /** The value of the header `authorization`. */
  readonly authorization: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
  /** The step's name, for messages. */
  readonly step: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Fields;
}

/** For a connection, and for an answer. */
const TIMEOUT_MS = 10_000;
/** A schema of 1 MiB, with all its quotes escaped. */
const ANSWER_BYTES = 4 * 1_048_576;
const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

const tlsCodes = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

export class RegistryHttp {
  readonly #target: RegistryTarget;

  constructor(target: RegistryTarget) {
    this.#target = target;
  }

  get step(): string {
    return this.#target.step;
  }

  /** Host and port, for messages. */
  get place(): string {
    return this.#target.url.host;
  }

  get(path: string): Promise<Answer> {
    return this.#ask("GET", path, undefined);
  }

  post(path: string, body: Json): Promise<Answer> {
    return this.#ask("POST", path, JSON.stringify(body));
  }

  /** What answers is something else; `what` completes "it". */
  garbled(what: string): StrmFailure {
    return this.#failure(
      "registry.garbled",
      what,
      "Check `url`, with the path of the registry's Confluent-compatible API.",
    );
  }

  /** The registry won't do it; `what` completes "it". */
  refused(what: string): StrmFailure {
    return this.#failure(
      "registry.refused",
      what,
      "Look into the registry's log, and check `url` and `subject`.",
    );
  }

  /** Answers of what is there, is not there or does not fit; all others throw a `registry.*` failure. */
  async #ask(method: string, path: string, body: string | undefined): Promise<Answer> {
    const { status, text } = await this.#send(method, path, body).catch((error: unknown) => {
      throw error instanceof StrmFailure ? error : this.#unreached(error);
    });
    if (status === 401 || status === 403) {
      const help = "Check `user` and `password`, or `token`, and what the registry grants them.";
      throw this.#failure("registry.denied", `it answered ${status}`, help);
    }
    if (status >= 500 || status === 408 || status === 429) throw this.#silent(`it answered ${status}`);
    if (status >= 300 && status < 400) throw this.refused("it sent the request elsewhere");
    return { status, body: this.#read(text) };
  }

  #read(text: string): Fields {
    try {
      return new Fields(JSON.parse(text));
    } catch {
      throw this.garbled("its answer is no JSON");
    }
  }

  #send(method: string, path: string, body: string | undefined): Promise<{ status: number; text: string }> {
    const { url, authorization, ca } = this.#target;
    const options = {
      method,
      headers: {
        accept: `${CONTENT_TYPE}, application/json`,
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && {
          "content-type": CONTENT_TYPE,
          "content-length": Buffer.byteLength(body),
        }),
      },
      agent: false as const,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const to = `${url.href.replace(/\/$/, "")}${path}`;
    return new Promise((resolve, reject) => {
      const answered = (answer: IncomingMessage): void => {
        this.#textOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
      };
      const request: ClientRequest =
        url.protocol === "https:"
          ? httpsRequest(to, { ...options, ...(ca !== undefined && { ca }) }, answered)
          : httpRequest(to, options, answered);
      request.on("error", reject);
      request.end(body);
    });
  }

  async #textOf(answer: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of answer) {
      sizeBytes += chunk.length;
      if (sizeBytes > ANSWER_BYTES) throw this.garbled("its answer is larger than any schema");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  #unreached(error: unknown): StrmFailure {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    if (!tlsCodes.test(code))
      return this.#silent(timedOut ? "it is silent" : code || "the connection failed", error);
    const plain =
      code === "ERR_SSL_WRONG_VERSION_NUMBER" ||
      code === "EPROTO" ||
      code === "ERR_SSL_PACKET_LENGTH_TOO_LONG";
    const why = plain ? "it does not speak TLS there" : `the check says ${code}`;
    return this.#failure("registry.tls", why, "Check `url` and `ca`.", error);
  }

  #silent(why: string, cause?: unknown): TransientFailure {
    return new TransientFailure(
      "registry.unreachable",
      `\`${this.step}\` can't ask the schema registry at ${this.place}: ${why}.`,
      "Look whether it runs and can be reached from here.",
      { cause },
    );
  }

  #failure(code: StrmFailure["code"], why: string, help: string, cause?: unknown): StrmFailure {
    const message = `\`${this.step}\` gets no answer of use from the schema registry at ${this.place}: ${why}.`;
    return new StrmFailure(code, message, help, { cause });
  }
}
