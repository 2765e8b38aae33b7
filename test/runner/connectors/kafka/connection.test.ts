// Options of a connection, and tokens from an issuer.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { brokersOf, clusterOf, kafkaOptions } from "../../../../runner/connectors/kafka/connection.ts";
import { TokenSource } from "../../../../runner/connectors/kafka/token.ts";
import { TransientFailure } from "../../../../runner/failure.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";

const make = (options: Parameters<typeof kafkaOptions>[0], folder = "/") =>
  kafkaOptions(options, "clicks", "strm", folder);

describe("options", () => {
  test("brokers are a list or a text with commas, and mean one cluster in any order", () => {
    expect(brokersOf({ brokers: "a:1, b:2," })).toEqual(["a:1", "b:2"]);
    expect(clusterOf({ brokers: ["b:2", "a:1"] })).toBe(clusterOf({ brokers: "a:1,b:2" }));
  });

  test.each(["kafka", "kafka:port", "", "http://kafka:9092", "a:1,b"])(
    "brokers %j are refused",
    async (brokers) => {
      await expect(make({ brokers, tls: false })).rejects.toThrow(
        expect.objectContaining({ code: "kafka.options" }),
      );
    },
  );

  test.each(["kafka:9092", "10.0.0.1:9092", "[::1]:9092"])("%s is a broker", async (brokers) => {
    await expect(make({ brokers, tls: false })).resolves.toMatchObject({ brokers: [brokers] });
  });

  test("certificates are read, and a key goes with its certificate", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "ca.pem": "CA", "cert.pem": "CERT" });
    const tls = { ca: "ca.pem", cert: "cert.pem", key: "KEY", server_name: "kafka" };
    expect(await make({ brokers: "a:1", tls }, folder)).toMatchObject({
      tls: { ca: "CA", cert: "CERT", key: "KEY", serverName: "kafka" },
    });
    expect(await make({ brokers: "a:1", tls: true })).toMatchObject({ tls: {} });
    expect(await make({ brokers: "a:1", tls: false })).not.toHaveProperty("tls");
    await expect(make({ brokers: "a:1", tls: { cert: "cert.pem" } }, folder)).rejects.toThrow(/go together/);
    await expect(make({ brokers: "a:1", tls: { ca: "none.pem" } }, folder)).rejects.toThrow(
      `can't read the certificate at ${join(folder, "none.pem")}`,
    );
  });

  test("a mechanism has what it takes, and no message holds a secret", async () => {
    const scram = { mechanism: "scram_sha_512", user: "u", password: "p4ss" } as const;
    expect(await make({ brokers: "a:1", tls: false, sasl: scram })).toMatchObject({
      sasl: { mechanism: "scram_sha_512", username: "u", password: "p4ss" },
    });
    for (const sasl of [
      { mechanism: "plain", password: "p4ss" },
      { mechanism: "oauthbearer", token_url: "http://issuer", client_secret: "p4ss" },
    ] as const) {
      const failure = make({ brokers: "a:1", tls: false, sasl });
      await expect(failure).rejects.toThrow(expect.objectContaining({ code: "kafka.options" }));
      await expect(failure).rejects.not.toThrow(/p4ss/);
    }
  });
});

describe("tokens", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** An issuer that answers with what `answer` writes; its requests are noted. */
  async function issuer(answer: (response: ServerResponse, request: number) => void) {
    const requests: { readonly authorization: string | undefined; readonly body: string }[] = [];
    server = createServer(async (request: IncomingMessage, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      requests.push({ authorization: request.headers.authorization, body });
      answer(response, requests.length);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const source = new TokenSource({
      url: `http://127.0.0.1:${port}/token?tenant=hidden`,
      clientId: "strm:1",
      clientSecret: "s3cret",
      scope: "kafka",
      step: "clicks",
    });
    return { source, requests };
  }

  const granting = (life: number) => (response: ServerResponse, request: number) =>
    response.end(JSON.stringify({ access_token: `t${request}`, expires_in: life }));

  test("are asked for by client credentials, and kept while they are fresh", async () => {
    const { source, requests } = await issuer(granting(3600));
    expect(await source.token()).toBe("t1");
    expect(await source.token()).toBe("t1");
    expect(requests).toEqual([
      {
        authorization: `Basic ${Buffer.from("strm%3A1:s3cret").toString("base64")}`,
        body: "grant_type=client_credentials&scope=kafka",
      },
    ]);
  });

  test("that have expired are fetched anew", async () => {
    const { source } = await issuer(granting(0));
    expect([await source.token(), await source.token()]).toEqual(["t1", "t2"]);
  });

  test("an issuer that fails is tried again by whoever asked, and one that refuses is not", async () => {
    const { source } = await issuer((response, request) => {
      if (request === 1) response.writeHead(503).end();
      else if (request === 2) granting(3600)(response, request);
    });
    await expect(source.token()).rejects.toThrow(TransientFailure);
    expect(await source.token()).toBe("t2");
  });

  test.each([
    [401, "{}", /answered 401/],
    [200, "{}", /no access token/],
    [200, "<html>", /no access token/],
  ])("an answer of %d %s is a refusal without the secret", async (status, body, words) => {
    const { source } = await issuer((response) => response.writeHead(status).end(body));
    const failure = await source.token().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "kafka.auth", message: expect.stringMatching(words) });
    expect(failure).not.toBeInstanceOf(TransientFailure);
    expect(String(failure)).not.toMatch(/s3cret|hidden/);
  });
});
