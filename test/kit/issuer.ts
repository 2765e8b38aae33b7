// An OAuth 2.0 issuer in this process: hands out signed tokens for client credentials (RFC 6749, section 4.4), and shows the key that checks them.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

const ALGORITHM = "ES256";

export interface IssuerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** For whom its tokens are. */
  readonly audience: string;
  readonly lifeSeconds: number;
}

export class Issuer {
  readonly #options: IssuerOptions;
  readonly #server: Server;
  readonly #key: CryptoKey;
  readonly #shown: JWK;
  /** Tokens so far. */
  issued = 0;

  private constructor(options: IssuerOptions, server: Server, key: CryptoKey, shown: JWK) {
    this.#options = options;
    this.#server = server;
    this.#key = key;
    this.#shown = shown;
  }

  static async start(options: IssuerOptions): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
    const shown = { ...(await exportJWK(publicKey)), kid: "1", alg: ALGORITHM, use: "sig" };
    const server = createServer();
    const issuer = new Issuer(options, server, privateKey, shown);
    server.on("request", async (request, response) => {
      const [status, answer] = await issuer.#answer(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return issuer;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** Where clients get tokens. */
  get tokenUrl(): string {
    return `${this.url}/token`;
  }

  /** Where its key stands (RFC 7517). */
  get keysUrl(): string {
    return `${this.url}/keys`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage): Promise<readonly [number, object]> {
    const { method, url, headers } = request;
    if (method === "GET" && url === "/keys") return [200, { keys: [this.#shown] }];
    if (method !== "POST" || url !== "/token") return [404, {}];
    const { clientId, clientSecret, audience, lifeSeconds } = this.#options;
    const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    if (headers.authorization !== expected) return [401, { error: "invalid_client" }];
    const form = new URLSearchParams(await text(request));
    if (form.get("grant_type") !== "client_credentials") return [400, { error: "unsupported_grant_type" }];
    const token = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, kid: "1" })
      .setIssuer(this.url)
      .setSubject(clientId)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifeSeconds} s`)
      .sign(this.#key);
    this.issued++;
    return [200, { access_token: token, token_type: "Bearer", expires_in: lifeSeconds }];
  }
}
