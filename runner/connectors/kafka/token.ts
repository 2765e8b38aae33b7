// Fetches access tokens by OAuth 2.0 client credentials (RFC 6749, section 4.4), and keeps one until shortly before it expires.
import { StrmFailure, TransientFailure } from "../../failure.ts";

export interface TokenOptions {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  /** For messages. */
  readonly step: string;
}

const TIMEOUT_MS = 10_000;
/** A token is used only while it has at least this long to go, or half its life where that is shorter. */
const MARGIN_MS = 30_000;
const ANSWER_BYTES = 262_144;

interface Token {
  readonly text: string;
  readonly freshUntilMs: number;
}

export class TokenSource {
  readonly #options: TokenOptions;
  #token: Promise<Token> | undefined;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** Throws `kafka.auth` where the issuer refuses, and a transient `kafka.issuer` where it does not answer. */
  async token(): Promise<string> {
    const held = await this.#token?.catch(() => undefined);
    if (held !== undefined && Date.now() < held.freshUntilMs) return held.text;
    // Connections that are opened side by side share one.
    const fetched = this.#fetch();
    this.#token = fetched;
    return (await fetched).text;
  }

  async #fetch(): Promise<Token> {
    const { url, clientId, clientSecret, scope } = this.#options;
    const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) });
    const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const nowMs = Date.now();
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
        accept: "application/json",
      },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => this.#silent(cause));
    if (answer.status >= 500 || answer.status === 429) throw this.#silent(undefined);
    if (!answer.ok) throw this.#refused(`it answered ${answer.status}`);
    const text = await answer.text().catch((cause: unknown) => this.#silent(cause));
    const { token, lifeMs } = tokenIn(text.slice(0, ANSWER_BYTES));
    if (token === undefined) throw this.#refused("its answer holds no access token");
    return { text: token, freshUntilMs: nowMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
  }

  #silent(cause: unknown): never {
    throw new TransientFailure(
      "kafka.issuer",
      `\`${this.#options.step}\` gets no token: the issuer at ${hostOf(this.#options.url)} does not answer.`,
      "Look whether the issuer runs and can be reached from here.",
      { cause },
    );
  }

  #refused(why: string): StrmFailure {
    return new StrmFailure(
      "kafka.auth",
      `\`${this.#options.step}\` gets no token from the issuer at ${hostOf(this.#options.url)}: ${why}.`,
      "Check `token_url`, `client_id`, `client_secret` and `scope`.",
    );
  }
}

function tokenIn(text: string): { readonly token: string | undefined; readonly lifeMs: number } {
  try {
    const { access_token, expires_in } = JSON.parse(text);
    const lifeMs = typeof expires_in === "number" ? expires_in * 1000 : 60_000;
    return { token: typeof access_token === "string" ? access_token : undefined, lifeMs };
  } catch {
    return { token: undefined, lifeMs: 0 };
  }
}

/** A URL may hold a secret in its query or its user's part. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "the address given";
}
