// Keeps refused events that no sink takes: sealed records in the job's folder, cut back to the checkpoint as any sink is.
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Json } from "../../dsl/graph/job-graph.ts";
import type { Committed, Sink } from "../connectors/delivery.ts";
import { codeOf, fileFailure } from "../connectors/file/failures.ts";
import { Fields } from "../formats/fields.ts";

interface State {
  readonly size_bytes: number;
  readonly events: number;
  /** Events that commits have answered with before this checkpoint. */
  readonly told: number;
  /** Events that have been replayed since. */
  readonly replayed: number;
}

/** The folder of a job's quarantine. */
export const quarantineFolder = (jobFolder: string): string => join(jobFolder, "quarantine");

/** One file for all runs from one start to its end; it is made when it is needed. */
export class Quarantine implements Sink {
  readonly path: string;
  readonly #folder: string;
  #handle: FileHandle | undefined;
  #sizeBytes = 0;
  #events = 0;
  #prepared = 0;
  #told = 0;
  #replayed = 0;

  private constructor(jobFolder: string, firstRun: string, { size_bytes, events, told, replayed }: State) {
    this.#folder = quarantineFolder(jobFolder);
    this.path = join(this.#folder, `${firstRun}.jsonl`);
    this.#sizeBytes = size_bytes;
    this.#events = this.#prepared = events;
    this.#told = told;
    this.#replayed = replayed;
  }

  /** `resume`: the state of the checkpoint to go on from; what came after it is cut off. */
  static async open(jobFolder: string, firstRun: string, resume?: Json): Promise<Quarantine> {
    const quarantine = new Quarantine(jobFolder, firstRun, stateOf(resume));
    try {
      await truncate(quarantine.path, quarantine.#sizeBytes);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw fileFailure(error, quarantine.path, "write");
    }
    return quarantine;
  }

  /** Events that are kept here and wait to be replayed. */
  get events(): number {
    return this.#events - this.#replayed;
  }

  /** One of the events of `partition`, a quarantine file's name, came out again. */
  replayed(partition: string): void {
    if (partition === basename(this.path)) this.#replayed++;
  }

  async write(bytes: Uint8Array, events: number): Promise<void> {
    try {
      this.#handle ??= await this.#open();
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#sizeBytes + at);
        at += bytesWritten;
      }
    } catch (error) {
      throw fileFailure(error, this.path, "write");
    }
    this.#sizeBytes += bytes.length;
    this.#events += events;
  }

  async prepare(): Promise<Json> {
    const state: State = {
      size_bytes: this.#sizeBytes,
      events: this.#events,
      told: this.#told,
      replayed: this.#replayed,
    };
    this.#prepared = state.events;
    try {
      await this.#handle?.datasync();
    } catch (error) {
      throw fileFailure(error, this.path, "write");
    }
    return { ...state };
  }

  commit(): Promise<Committed> {
    const events = this.#prepared - this.#told;
    this.#told = this.#prepared;
    return Promise.resolve({ events, written: [] });
  }

  async close(): Promise<void> {
    await this.#handle?.close().catch(() => {});
    this.#handle = undefined;
  }

  async #open(): Promise<FileHandle> {
    if (this.#sizeBytes > 0) return open(this.path, "r+");
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.path, "w", 0o600);
    const folder = await open(this.#folder, "r");
    await folder.sync().finally(() => folder.close());
    return handle;
  }
}

function stateOf(resume: Json | undefined): State {
  const state = new Fields(resume);
  return {
    size_bytes: state.number("size_bytes"),
    events: state.number("events"),
    told: state.number("told"),
    replayed: state.number("replayed"),
  };
}
