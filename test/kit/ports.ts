// Ports that nobody uses at the moment.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Below those that systems give to outgoing connections (from 32,768 on, or 49,152): while a server is down between two starts, a client that tries to reach
 * it must not be given its port, not even for a connection to itself.
 */
const LOWEST = 15_000;
const HIGHEST = 32_767;

/** Different ones, of 127.0.0.1. Another process may take one before it is used, which is as good as never. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const taken = new Map<number, Server>();
  while (taken.size < count) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    const server = createServer().listen(port, "127.0.0.1");
    // Where it is in use, the next number is tried.
    await once(server, "listening").then(
      () => taken.set(port, server),
      () => {},
    );
  }
  await Promise.all([...taken.values()].map((server) => once(server.close(), "close")));
  return [...taken.keys()];
}
