// Sends run events to whoever reads them over HTTP, as NDJSON; who is too slow is left behind, so that nobody holds up the run.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RunEvent } from "../../runner/index.ts";
import { History } from "./history.ts";

const MOST_READERS = 16;
/** What may wait for one reader; it then has missed something, and begins anew with another request. */
const MOST_WAITING_BYTES = 1_048_576;
/** An empty line so often shows both sides that the other one is there. */
const SIGN_EVERY_MS = 10_000;
const LONGEST_BEHIND_MS = 30_000;

/** The first line that a reader gets. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly time: string;
  /** They add up to what happened so far. */
  readonly events: readonly RunEvent[];
}

export class EventFeed {
  readonly #history = new History();
  readonly #readers = new Set<Reader>();
  readonly #signs: NodeJS.Timeout;

  constructor() {
    this.#signs = setInterval(() => {
      for (const reader of this.#readers) reader.greet();
    }, SIGN_EVERY_MS).unref();
  }

  /** True where there is room for another reader, who then has the snapshot and gets all that comes. A connection has one at most. */
  join(response: ServerResponse): boolean {
    const { socket } = response.req;
    if (this.#readers.size >= MOST_READERS || [...this.#readers].some((reader) => reader.socket === socket))
      return false;
    const snapshot: Snapshot = {
      type: "snapshot",
      time: new Date().toISOString(),
      events: this.#history.events(),
    };
    // The connection ends with the stream: nobody waits for another request when the run is over.
    response.writeHead(200, {
      "content-type": "application/x-ndjson",
      "cache-control": "no-store",
      connection: "close",
    });
    const reader = new Reader(response);
    reader.write(`${JSON.stringify(snapshot)}\n`);
    this.#readers.add(reader);
    response.on("close", () => this.#readers.delete(reader));
    return true;
  }

  report(event: RunEvent): void {
    this.#history.note(event);
    if (this.#readers.size === 0) return;
    const line = `${JSON.stringify(event)}\n`;
    for (const reader of this.#readers) {
      if (event.type === "progress") reader.tellLatest(line);
      else reader.write(line);
    }
  }

  /** Ends all streams; what waits for their readers is still sent. */
  close(): void {
    clearInterval(this.#signs);
    for (const reader of this.#readers) reader.end();
  }
}

/** Who reads, and what it has not been told. */
class Reader {
  /** Of its request: an answer that waits for another one on the same connection has none yet. */
  readonly socket: IncomingMessage["socket"];
  readonly #response: ServerResponse;
  /** The latest progress for which there was no room. */
  #missed: string | undefined;
  #behindSinceMs: number | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.socket = response.req.socket;
    response.on("drain", () => {
      this.#behindSinceMs = undefined;
      this.#catchUp();
    });
  }

  /** A later line will say all that this one says, so that who is behind can do without. */
  tellLatest(line: string): void {
    if (this.#response.writableNeedDrain) this.#missed = line;
    else this.#send(line);
  }

  write(line: string): void {
    this.#catchUp();
    this.#send(line);
  }

  /** Shows that we are there. Who has taken nothing for long is not, and takes somebody's place. */
  greet(): void {
    const sinceMs = this.#behindSinceMs;
    if (sinceMs !== undefined && performance.now() - sinceMs > LONGEST_BEHIND_MS) this.#response.destroy();
    else this.#send("\n");
  }

  end(): void {
    this.#catchUp();
    this.#response.end();
  }

  #catchUp(): void {
    const line = this.#missed;
    this.#missed = undefined;
    if (line !== undefined) this.#send(line);
  }

  #send(line: string): void {
    const response = this.#response;
    if (response.writableLength + line.length > MOST_WAITING_BYTES) response.destroy();
    else if (!response.write(line)) this.#behindSinceMs ??= performance.now();
  }
}
