// Asks a run for its graph and its events over HTTP: bounded in time and size, led nowhere else, and with words for all that may go wrong.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { CommandFailure } from "../exit.ts";
import { TOKEN_VARIABLE } from "../serve/place.ts";
import { Interruption, Place } from "./interruption.ts";
import { linesOf } from "./lines.ts";
import type { Target } from "./target.ts";

export interface Limits {
  /** For an answer to begin, and for the whole of a graph. */
  readonly answerMs: number;
  /** For a line of events: an empty one comes every ten seconds. */
  readonly silenceMs: number;
  /** The longest line of events, and the largest graph. */
  readonly lineBytes: number;
  readonly graphBytes: number;
}

export const usualLimits: Limits = {
  answerMs: 10_000,
  silenceMs: 30_000,
  lineBytes: 4 * 1_048_576,
  graphBytes: 8 * 1_048_576,
};

const tlsCodes = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

export class Connection {
  readonly #target: Target;
  readonly #limits: Limits;
  readonly #place: Place;

  constructor(target: Target, limits: Limits) {
    this.#target = target;
    this.#limits = limits;
    this.#place = new Place(target.base);
  }

  /** JSON. Throws an `Interruption` or a `CommandFailure`. */
  async graph(leave: AbortSignal): Promise<unknown> {
    const { answerMs, graphBytes } = this.#limits;
    return await this.#ask("graph", "application/json", leave, async (answer, within) => {
      within(answerMs, "has not sent the graph in time");
      let text = "";
      for await (const chunk of (await answer).setEncoding("utf8")) {
        text += chunk;
        if (text.length > graphBytes)
          throw this.#place.notARun("sends a graph that is too large to be shown");
      }
      return this.parsed(text);
    });
  }

  /** Calls `take` for each line that says something, until it answers true or the connection ends. Throws an `Interruption` or a `CommandFailure`. */
  async events(leave: AbortSignal, take: (line: string) => Promise<boolean>): Promise<void> {
    const { answerMs, silenceMs, lineBytes } = this.#limits;
    await this.#ask("events", "application/x-ndjson", leave, async (answer, within) => {
      within(answerMs, "does not answer");
      const response = await answer;
      within(silenceMs, "is silent");
      const tooLong = () => this.#place.notARun("sends a line that is too long for a run event");
      for await (const line of linesOf(response, lineBytes, tooLong)) {
        if (line !== "" && (await take(line))) return;
        within(silenceMs, "is silent");
      }
    });
  }

  /** Throws an `Interruption` where it is no JSON. */
  parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#place.notARun("sends something that is no JSON");
    }
  }

  /** `within` begins the time anew that is left; whoever runs out of it is cut off. */
  async #ask<T>(
    path: string,
    type: string,
    leave: AbortSignal,
    work: (answer: Promise<IncomingMessage>, within: (leftMs: number, why: string) => void) => Promise<T>,
  ): Promise<T> {
    const request = this.#request(path, type);
    let timer: NodeJS.Timeout | undefined;
    let late: Interruption | undefined;
    const within = (leftMs: number, why: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = this.#place.unreachable(why);
        request.destroy(late);
      }, leftMs);
    };
    const left = (): void => void request.destroy();
    leave.addEventListener("abort", left);
    try {
      return await work(this.#answer(request, type), within);
    } catch (error) {
      throw late ?? this.#inWords(error);
    } finally {
      clearTimeout(timer);
      leave.removeEventListener("abort", left);
      request.destroy();
    }
  }

  #request(path: string, accept: string): ClientRequest {
    const { base, token } = this.#target;
    const headers = { accept, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const send = base.protocol === "https:" ? httpsRequest : httpRequest;
    return send(new URL(path, base), { headers, agent: false });
  }

  async #answer(request: ClientRequest, type: string): Promise<IncomingMessage> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve);
      request.on("error", reject);
      request.end();
    });
    const { statusCode: status = 0, headers } = response;
    if (status === 401 || status === 403) throw this.#unauthorized(status);
    if (status >= 500 || status === 408 || status === 429) throw this.#place.unreachable(`answers ${status}`);
    if (status >= 300 && status < 400) throw this.#place.notARun(`sends the request elsewhere (${status})`);
    if (status !== 200) throw this.#place.notARun(`answers ${status}`);
    if (headers["content-type"]?.split(";", 1)[0]?.trim() !== type)
      throw this.#place.notARun(`does not answer with ${type}`);
    return response;
  }

  #unauthorized(status: number): CommandFailure {
    if (status === 403)
      return this.#place.unauthorized(
        "answers 403: it shows itself by another name, or to others",
        "A run without a token wants to be called localhost, 127.0.0.1 or [::1].",
      );
    return this.#target.token === undefined
      ? this.#place.unauthorized(
          "asks for a token",
          `Set ${TOKEN_VARIABLE} to the one that the run was started with.`,
        )
      : this.#place.unauthorized("does not take the token", `Compare ${TOKEN_VARIABLE} with the run's own.`);
  }

  #inWords(error: unknown): Error {
    if (error instanceof Interruption || error instanceof CommandFailure) return error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "") return error instanceof Error ? error : new Error("unknown", { cause: error });
    if (code.startsWith("HPE_")) return this.#place.notARun("answers with something that is no HTTP");
    if (tlsCodes.test(code))
      return this.#place.unreachable(
        `has a certificate that is not trusted here, or no TLS (${code})`,
        "Name the file with its authority's certificate in NODE_EXTRA_CA_CERTS, or say http:// where there is no TLS.",
      );
    return this.#place.unreachable(codesInWords[code] ?? `can't be reached (${code})`);
  }
}

const codesInWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses the connection",
  ECONNRESET: "has broken the connection off",
  ENOTFOUND: "can't be found",
  EAI_AGAIN: "can't be found",
  ETIMEDOUT: "does not answer",
};
