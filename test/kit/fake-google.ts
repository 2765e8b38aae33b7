// A store and an issuer of tokens in one, for tests of identities: notes whom requests come from, and answers what it is told.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificates.ts";

export interface FakeReply {
  readonly status: number;
  readonly json: unknown;
}

export interface SeenRequest {
  /** `https://host/path` for those that came by it as a proxy. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** `reply` gives nothing for what shall never be answered. With a certificate it can also be used as a proxy, and poses as any host. */
export async function fakeGoogle(
  reply: (path: string) => FakeReply | undefined,
  certificate?: Certificate,
): Promise<{ readonly seen: readonly SeenRequest[]; readonly endpoint: string }> {
  const seen: SeenRequest[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const host = request.socket instanceof TLSSocket ? `https://${request.headers.host}` : "";
    const path = `${host}${request.url}`;
    seen.push({
      path,
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString(),
    });
    const answer = reply(path);
    if (answer === undefined) return;
    response
      .writeHead(answer.status, { "content-type": "application/json" })
      .end(JSON.stringify(answer.json));
  };
  const server = createServer((request, response) => void take(request, response));
  server.on("connect", (_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    server.emit("connection", new TLSSocket(socket, { isServer: true, ...certificate }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { seen, endpoint: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` };
}
