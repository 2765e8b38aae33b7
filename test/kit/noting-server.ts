// A service for tests of who asks it and how: notes its requests, and answers what it is told.
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificates.ts";

export interface NotedReply {
  readonly status: number;
  /** Of JSON where it is no text. */
  readonly body?: unknown;
}

export interface NotedRequest {
  readonly method: string;
  /** With the query; `https://host/path` for those that came by it as a proxy. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface NotingServer {
  readonly seen: readonly NotedRequest[];
  readonly endpoint: string;
}

/** Gone after the test. `reply` gives nothing for what shall never be answered. With a certificate it can also be used as a proxy, and poses as any host. */
export async function notingServer(
  reply: (request: NotedRequest) => NotedReply | undefined,
  certificate?: Certificate,
): Promise<NotingServer> {
  const seen: NotedRequest[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url, headers, socket } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = `${socket instanceof TLSSocket ? `https://${headers.host}` : ""}${url}`;
    const noted = { method, path, headers, body: Buffer.concat(chunks).toString() };
    seen.push(noted);
    const answer = reply(noted);
    if (answer === undefined) return;
    const { status, body = "" } = answer;
    const type = typeof body === "string" ? "application/xml" : "application/json";
    response
      .writeHead(status, { "content-type": type, etag: '"7"' })
      .end(typeof body === "string" ? body : JSON.stringify(body));
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
