// A run as it is seen over HTTP, for tests of who watches it: a server in this process that says what it is told, and an onlooker that notes.
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Onlooker } from "../../cli/attach/follow-run.ts";
import type { JobGraph } from "../../dsl/index.ts";
import type { RunEvent } from "../../runner/index.ts";

/** Gone after the test. */
export async function serve(answer: RequestListener, port = 0): Promise<{ url: string; server: Server }> {
  const server = createServer(answer).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, server };
}

/** Answers as a run does: its graph, and by `events` what its events are. */
export function run(graph: unknown, events: (response: ServerResponse) => void): RequestListener {
  return (request, response) => {
    if (request.url === "/graph") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(graph));
      return;
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    events(response);
  };
}

export const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

export const snapshotOf = (...events: readonly unknown[]): string =>
  line({ type: "snapshot", time: "2026-01-02T03:04:05.000Z", events });

/** What an onlooker was told. */
export type Noted =
  | {
      readonly begun: readonly RunEvent["type"][];
      readonly graph: string;
      readonly runId: string | undefined;
    }
  | { readonly event: RunEvent["type"] }
  | { readonly lost: string };

export class NotingOnlooker implements Onlooker {
  readonly noted: Noted[] = [];

  begin(graph: JobGraph, { events }: Parameters<Onlooker["begin"]>[1]): void {
    const started = events.find((event) => event.type === "started");
    this.noted.push({ begun: events.map(({ type }) => type), graph: graph.hash, runId: started?.run_id });
  }

  report(event: RunEvent): void {
    this.noted.push({ event: event.type });
  }

  lost(why: string): void {
    this.noted.push({ lost: why });
  }

  /** Resolves when what was noted says so. */
  async until(holds: (noted: readonly Noted[]) => boolean): Promise<void> {
    while (!holds(this.noted)) await sleep(2);
  }
}
