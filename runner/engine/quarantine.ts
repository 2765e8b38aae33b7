// Keeps refused events that no sink takes: sealed records in the state folder, in a file that is made when it is needed.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { fileFailure } from "../connectors/file/failures.ts";
import type { RecordTaker } from "./rejections.ts";

export class Quarantine implements RecordTaker {
  readonly exposing = false;
  readonly path: string;
  readonly #folder: string;
  #handle: Promise<FileHandle> | undefined;
  /** Several sources write at once: records must not run into each other. */
  #queue: Promise<void> = Promise.resolve();
  #events = 0;

  constructor(stateDir: string, runId: string) {
    this.#folder = join(stateDir, "quarantine");
    this.path = join(this.#folder, `${runId}.jsonl`);
  }

  /** Events whose records have been written. */
  get events(): number {
    return this.#events;
  }

  write(bytes: Uint8Array, events: number): Promise<void> {
    const written = this.#queue.then(() => this.#append(bytes, events));
    this.#queue = written.catch(() => {});
    return written;
  }

  /** Makes what was written durable. After a failure too: the source may not be able to give these events again. */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#handle === undefined) return;
    const opened = this.#handle;
    this.#handle = undefined;
    try {
      const handle = await opened;
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      throw fileFailure(error, this.path, "write");
    }
  }

  async #append(bytes: Uint8Array, events: number): Promise<void> {
    try {
      this.#handle ??= this.#create();
      await (await this.#handle).appendFile(bytes);
      this.#events += events;
    } catch (error) {
      throw fileFailure(error, this.path, "write");
    }
  }

  async #create(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return open(this.path, "ax", 0o600);
  }
}
