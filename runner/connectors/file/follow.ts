// Keeps reading files that grow: appended data, rotation, truncation, and new files of a pattern.
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Chunk, Source, SourceContext } from "../connector.ts";
import { codeOf, fileFailure } from "./failures.ts";
import { CHUNK_BYTES, findAll, originOf } from "./paths.ts";

/** How long appended data may wait. Polling works on every file system, also on mounted ones that send no notices. */
const POLL_MS = 100;
/** How often patterns are looked up for new files, and paths for rotation. */
const LOOK_MS = 500;

interface Followed {
  readonly path: string;
  readonly origin: string;
  handle: FileHandle;
  /** Device and inode of what `handle` reads. */
  identity: string;
  offsetBytes: number;
  /** True once the end was seen: what stands there without a line end may be taken as it is when the run stops. */
  atEnd: boolean;
}

export class FollowedFiles implements Source {
  readonly #patterns: readonly string[];
  readonly #context: SourceContext;
  readonly #files = new Map<string, Followed>();
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(patterns: readonly string[], context: SourceContext) {
    this.#patterns = patterns;
    this.#context = context;
  }

  async *chunks(stop: AbortSignal): AsyncGenerator<Chunk, void, void> {
    let lookAtMs = 0;
    while (!stop.aborted) {
      if (performance.now() >= lookAtMs) {
        await this.#findNew();
        for (const file of this.#files.values()) yield* this.#lookAgain(file, stop);
        lookAtMs = performance.now() + LOOK_MS;
      }
      let quiet = true;
      for (const file of this.#files.values()) {
        for await (const chunk of this.#readOn(file, stop)) {
          quiet = false;
          yield chunk;
        }
      }
      // Aborting ends the sleep by an error that only says so.
      if (quiet) await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {});
    }
    for (const file of this.#files.values()) if (file.atEnd) yield this.#chunk(file, 0, true);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map(({ handle }) => handle.close()));
    this.#files.clear();
  }

  async #findNew(): Promise<void> {
    for (const path of await findAll(this.#context.baseDir, this.#patterns, () => {})) {
      if (this.#files.has(path)) continue;
      const opened = await openAt(path);
      if (opened === undefined) continue;
      const origin = originOf(path, this.#context.baseDir);
      this.#files.set(path, { path, origin, ...opened, offsetBytes: 0, atEnd: false });
    }
  }

  /** Reads to the present end. A file that became shorter was truncated: it is read from its start. */
  async *#readOn(file: Followed, stop: AbortSignal): AsyncGenerator<Chunk, void, void> {
    while (!stop.aborted) {
      const sizeBytes = await read(file, this.#buffer);
      file.atEnd = sizeBytes === 0;
      if (sizeBytes === 0) break;
      const chunk = this.#chunk(file, sizeBytes, false);
      file.offsetBytes += sizeBytes;
      yield chunk;
    }
    if (!file.atEnd || (await file.handle.stat()).size >= file.offsetBytes) return;
    yield this.#chunk(file, 0, true);
    file.offsetBytes = 0;
    this.#warn(file, "was truncated and is read from its start");
  }

  /** Where the path names another file by now, the old one is read to its end and the new one from its start. */
  async *#lookAgain(file: Followed, stop: AbortSignal): AsyncGenerator<Chunk, void, void> {
    const identity = await identityOf(file.path);
    // While a rotated file has no successor, more may still be appended to the old one.
    if (identity === undefined || identity === file.identity) return;
    const opened = await openAt(file.path);
    if (opened === undefined) return;
    yield* this.#readOn(file, stop);
    if (stop.aborted) {
      await opened.handle.close();
      return;
    }
    yield this.#chunk(file, 0, true);
    await file.handle.close();
    Object.assign(file, opened, { offsetBytes: 0, atEnd: false });
    this.#warn(file, "was rotated; the new file is read from its start");
  }

  #chunk(file: Followed, sizeBytes: number, last: boolean): Chunk {
    const bytes = this.#buffer.subarray(0, sizeBytes);
    return { bytes, origin: file.origin, offsetBytes: file.offsetBytes, last };
  }

  #warn(file: Followed, what: string): void {
    this.#context.warn(
      `${file.origin} ${what}.`,
      "Nothing needs to be done where that is how the file is meant to be.",
    );
  }
}

async function read(file: Followed, buffer: Buffer): Promise<number> {
  try {
    return (await file.handle.read(buffer, 0, buffer.length, file.offsetBytes)).bytesRead;
  } catch (error) {
    throw fileFailure(error, file.path, "read");
  }
}

/** Undefined where the file has gone in between. */
async function openAt(path: string): Promise<{ handle: FileHandle; identity: string } | undefined> {
  try {
    const handle = await open(path, "r");
    const { dev, ino } = await handle.stat({ bigint: true });
    return { handle, identity: `${dev}:${ino}` };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileFailure(error, path, "read");
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileFailure(error, path, "read");
  }
}
