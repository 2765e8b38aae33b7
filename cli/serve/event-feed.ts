// Sends run events to whoever reads them over HTTP, as NDJSON; who is too slow is left behind, so that nobody holds up the run.
import type { ServerResponse } from "node:http";
import type { RunEvent } from "../../runner/index.ts";
import { History } from "./history.ts";

const MOST_READERS = 16;
/** What may wait for one reader; it then has missed something, and begins anew with another request. */
const MOST_WAITING_BYTES = 1_048_576;
/** An empty line so often shows both sides that the other one is there. */
const SIGN_EVERY_MS = 10_000;

/** The first line that a reader gets. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly time: string;
  /** They add up to what happened so far. */
  readonly events: readonly RunEvent[];
}

export class EventFeed {
  readonly #history = new History();
  readonly #readers = new Set<ServerResponse>();
  readonly #signs: NodeJS.Timeout;

  constructor() {
    this.#signs = setInterval(() => this.#sendAll("\n"), SIGN_EVERY_MS).unref();
  }

  /** True where there is room for another reader, who then has the snapshot and gets all that comes. */
  join(response: ServerResponse): boolean {
    if (this.#readers.size >= MOST_READERS) return false;
    const snapshot: Snapshot = {
      type: "snapshot",
      time: new Date().toISOString(),
      events: this.#history.events(),
    };
    response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
    response.write(`${JSON.stringify(snapshot)}\n`);
    this.#readers.add(response);
    response.on("close", () => this.#readers.delete(response));
    return true;
  }

  report(event: RunEvent): void {
    this.#history.note(event);
    if (this.#readers.size > 0) this.#sendAll(`${JSON.stringify(event)}\n`, event.type === "progress");
  }

  /** Ends all streams; what waits for their readers is still sent. */
  close(): void {
    clearInterval(this.#signs);
    for (const reader of this.#readers) reader.end();
  }

  /** `latest`: a later line will say all that this one says, so that who is behind can do without. */
  #sendAll(line: string, latest = false): void {
    for (const reader of this.#readers) {
      if (latest && reader.writableNeedDrain) continue;
      if (reader.writableLength + line.length > MOST_WAITING_BYTES) reader.destroy();
      else reader.write(line);
    }
  }
}
