// Readers of run events that are slow, gone or greedy: none holds up the run, and none keeps what others could have.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventFeed } from "../../../cli/serve/event-feed.ts";
import { ledgerOf, progress, started } from "../../kit/run-events.ts";

let feed: EventFeed;
let server: Server;
let refused = 0;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  feed = new EventFeed();
  refused = 0;
  server = createServer((_, response) => {
    if (feed.join(response)) return;
    refused++;
    response.writeHead(503).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  feed.close();
  server.closeAllConnections();
  server.close();
  vi.useRealTimers();
});

const request = "GET /events HTTP/1.1\r\nhost: here\r\n\r\n";

async function reader(requests = 1): Promise<Socket> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  const socket = connect(address.port, "127.0.0.1");
  socket.write(request.repeat(requests));
  await once(socket, "readable");
  return socket;
}

/** Some 200 kB: a few fill whatever lies between two sockets. */
const large = (read: number) =>
  progress(ledgerOf(read), {
    consents: Array.from({ length: 4_000 }, (_, i) => ({ source: "clicks", levels: [i], events: read })),
  });

test("a reader that falls behind gets the latest progress as soon as it reads on", async () => {
  feed.report(started());
  const socket = await reader();
  for (let read = 1; read <= 200; read++) {
    feed.report(large(read));
    await new Promise(setImmediate);
  }
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await vi.waitFor(() => expect(text).toContain(`"source":"clicks","levels":[3999],"events":200}`), 10_000);
  // A client that keeps connections must not keep a run that is over from ending.
  expect(text).toMatch(/\r\nconnection: close\r\n/i);
  expect(text.match(/"type":"progress"/g)?.length).toBeLessThan(150);
});

test("one that takes nothing for half a minute loses its place, and one that reads keeps it", async () => {
  feed.report(started());
  const [stuck, reading] = [await reader(), await reader()];
  let closed = false;
  reading.on("close", () => {
    closed = true;
  });
  reading.resume();
  for (let read = 1; read <= 200; read++) {
    feed.report(large(read));
    await new Promise(setImmediate);
  }
  const gone = once(stuck, "error").catch(() => {});
  vi.advanceTimersByTime(50_000);
  stuck.on("close", () => {});
  stuck.resume();
  await Promise.race([gone, once(stuck, "close")]);
  expect(closed).toBe(false);
});

test("one connection has one place, however many requests it sends at once", async () => {
  await reader(20);
  await vi.waitFor(() => expect(refused).toBe(19));
});
