// What is served of a run: to whom, within which limits, and without anybody holding up the run.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { RunServer } from "../../../cli/serve/run-server.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { ask, linesFrom } from "../../kit/ask.ts";
import { lineGraph } from "../../kit/line-parts.ts";
import { at, ledgerOf, progress, started } from "../../kit/run-events.ts";

const token = "a-token-that-nobody-guesses";
const bearer = { authorization: `Bearer ${token}` };
const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
const opened: RunEvent = { type: "opened", time: at(1) };
const failed: RunEvent = { type: "failed", time: at(3), code: "run.locked", message: "m", help: "h" };

let server: RunServer | undefined;
afterEach(async () => server?.close());

async function serve(secret: string | undefined, ...events: readonly RunEvent[]): Promise<RunServer> {
  const door = { address: "127.0.0.1", port: 0, token: secret };
  server = await RunServer.open({ door, graph, checkpointEveryMs: 5_000 });
  for (const event of events) server.report(event);
  return server;
}

/** However it comes about. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

describe("who gets in", () => {
  const guarded = ["/", "/metrics", "/graph", "/events", "/nothing"];

  test.each(guarded)("with a token, %s is for whoever brings it", async (path) => {
    const { url } = await serve(token, started(), opened);
    for (const authorization of [
      "",
      token,
      `Basic ${token}`,
      "Bearer ",
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
    ]) {
      const { status, headers, text } = await ask(`${url}${path}`, { headers: { authorization } });
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toMatch(/^Bearer/);
      expect(text).not.toContain(token);
    }
    const method = path === "/events" ? "HEAD" : "GET";
    expect((await ask(`${url}${path}`, { method, headers: bearer })).status).toBe(
      path === "/nothing" ? 404 : 200,
    );
  });

  test.each(guarded)("without one, %s is for this machine by its own name", async (path) => {
    const { url } = await serve(undefined, started(), opened);
    const method = path === "/events" ? "HEAD" : "GET";
    for (const host of [
      "evil.example",
      "evil.example:80",
      "127.0.0.1.evil.example",
      "10.0.0.1",
      "[::2]:1",
      "localhost.evil.example",
    ]) {
      expect((await ask(`${url}${path}`, { method, headers: { host } })).status, host).toBe(403);
    }
    for (const host of ["localhost:1", "LOCALHOST", "127.0.0.1:9", "[::1]:9"]) {
      expect((await ask(`${url}${path}`, { method, headers: { host } })).status, host).toBe(
        path === "/nothing" ? 404 : 200,
      );
    }
  });

  test("health is for everybody, its reasons are not", async () => {
    const { url } = await serve(token, started());
    expect(await ask(`${url}/livez`)).toMatchObject({ status: 200, text: "alive\n" });
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, text: "not ready\n" });
    expect((await ask(`${url}/readyz`, { headers: bearer })).text).toMatch(
      /^not ready: sources, sinks and keys are not/,
    );
    server?.report(opened);
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, text: "ready\n" });
    server?.report(failed);
    expect(await ask(`${url}/livez`)).toMatchObject({ status: 503, text: "not alive\n" });
  });
});

describe("limits", () => {
  test("nothing can be sent", async () => {
    const { url } = await serve(undefined);
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect((await ask(`${url}/metrics`, { method })).status).toBe(405);
    }
    const sized = await ask(`${url}/metrics`, { body: "x", headers: { "content-length": "1" } });
    expect(sized.status).toBe(413);
    const chunked = await ask(`${url}/metrics`, { body: "x", headers: { "transfer-encoding": "chunked" } });
    expect(chunked.status).toBe(413);
    expect((await ask(`${url}/`, { headers: { long: "x".repeat(9_000) } })).status).toBe(431);
  });

  test("there is room for sixteen readers, and again when one leaves", async () => {
    const { url } = await serve(undefined, started());
    const readers = Array.from({ length: 16 }, () => linesFrom(`${url}/events`));
    for (const reader of readers) await reader.next();
    expect((await ask(`${url}/events`)).status).toBe(503);
    await readers[0]?.return();
    let line: string | undefined;
    while (!line?.startsWith('{"type":"snapshot"'))
      line = (await linesFrom(`${url}/events`).next()).value ?? "";
  });

  test("a port that is taken is told", async () => {
    const { url } = await serve(undefined);
    const door = { address: "127.0.0.1", port: Number(new URL(url).port), token: undefined };
    const failure = await RunServer.open({ door, graph, checkpointEveryMs: 1 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "listen.in-use" });
    expect(String(failure)).toMatch(/nothing can listen on .*EADDRINUSE/);
  });
});

describe("events", () => {
  test("a late reader gets what happened, then what comes, until the end", async () => {
    const { url } = await serve(undefined, started(), opened, progress(ledgerOf(5)));
    const lines = linesFrom(`${url}/events`);
    const next = async () => JSON.parse((await lines.next()).value ?? "null");
    expect(await next()).toEqual({
      type: "snapshot",
      time: expect.any(String),
      events: [started(), opened, progress(ledgerOf(5))],
    });
    server?.report(progress(ledgerOf(9)));
    expect(await next()).toEqual(progress(ledgerOf(9)));
    server?.report(failed);
    await server?.close();
    expect(await next()).toEqual(failed);
    expect((await lines.next()).done).toBe(true);
  });

  test("who does not read is left behind, others get everything", async () => {
    const { url } = await serve(undefined, started());
    const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
    await once(socket, "connect");
    socket.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const lines = linesFrom(`${url}/events`);
    await lines.next();
    // What the system takes for a socket that nobody reads is some MB.
    const large = "x".repeat(100_000);
    for (let i = 0; i < 300; i++) {
      server?.report({ type: "warning", time: at(1), message: large, help: `${i}` });
      expect(JSON.parse((await lines.next()).value ?? "").help).toBe(`${i}`);
    }
    let got = 0;
    socket.on("error", () => {}).on("data", (chunk: Buffer) => (got += chunk.length));
    socket.resume();
    await closed(socket);
    expect(got).toBeLessThan(300 * large.length);
    await lines.return();
  });

  test("a reader that stays does not hold up the end", async () => {
    const { url } = await serve(undefined, started());
    const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
    await once(socket, "connect");
    socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n");
    socket.on("error", () => {});
    await server?.close();
    socket.resume();
    if (!socket.closed) await closed(socket);
    await expect(ask(`${url}/livez`)).rejects.toThrow();
  });
});

test("the graph is the one that `strm graph` prints", async () => {
  const { url } = await serve(undefined);
  const { headers, text } = await ask(`${url}/graph`);
  expect(headers["content-type"]).toBe("application/json");
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(graph)));
});
