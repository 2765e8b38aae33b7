// Keeps reading files that grow: appended data, rotation, truncation, and new files of a pattern.
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fields } from "../../formats/fields.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Position, Source } from "../delivery.ts";
import { codeOf, fileFailure } from "./failures.ts";
import { findAll } from "./paths.ts";
import { type Place, placeOf, Reader } from "./reader.ts";

/** How long appended data may wait. Polling works on every file system, also on mounted ones that send no notices. */
const POLL_MS = 100;
/** How often patterns are looked up for new files, and paths for rotation. */
const LOOK_MS = 500;

export class FollowedFiles implements Source {
  readonly #patterns: readonly string[];
  readonly #context: SourceContext;
  /** By path. */
  readonly #readers = new Map<string, Reader>();
  /** How far files were read that are not read any more, by identity: one that was renamed is known again. */
  readonly #left = new Map<string, Position>();
  /** Positions of the last run whose paths have been looked at. */
  readonly #resumed = new Set<string>();
  /** Compressed files that were read, by path: their identities. */
  readonly #finished = new Map<string, string>();

  constructor(patterns: readonly string[], context: SourceContext) {
    this.#patterns = patterns;
    this.#context = context;
    for (const position of context.resume.values()) this.#left.set(identityIn(position), position);
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    let lookAtMs = 0;
    while (!stop.aborted) {
      if (performance.now() >= lookAtMs) {
        yield* this.#findNew(stop);
        for (const reader of this.#readers.values()) yield* this.#lookAgain(reader, stop);
        lookAtMs = performance.now() + LOOK_MS;
      }
      let quiet = true;
      for (const reader of [...this.#readers.values()]) {
        for await (const item of this.#readOn(reader, stop)) {
          quiet = false;
          yield item;
        }
      }
      if (!quiet) continue;
      for (const reader of this.#readers.values()) reader.rest();
      // Aborting ends the sleep by an error that only says so.
      await sleep(POLL_MS, undefined, { signal: stop }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.close()));
  }

  async *#findNew(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const { baseDir } = this.#context;
    for (const path of await findAll(baseDir, this.#patterns, () => {})) {
      if (stop.aborted) return;
      if (!this.#readers.has(path)) yield* this.#begin(placeOf(path, baseDir), stop);
    }
  }

  async *#begin(place: Place, stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const identity = await identityOf(place.path);
    if (identity === undefined || this.#finished.get(place.path) === identity) return;
    // Renamed, and still read under its old name.
    if ([...this.#readers.values()].some(({ contents }) => contents.identity === identity)) return;
    const own = this.#resumed.has(place.origin) ? undefined : this.#context.resume.get(place.origin);
    this.#resumed.add(place.origin);
    if (own !== undefined) {
      const reader = await this.#open(place, own);
      if (reader !== undefined) return;
      yield* this.#changed(place, own, identity, stop);
      if (stop.aborted) {
        // What is left of the old file comes first, in the next run.
        this.#resumed.delete(place.origin);
        return;
      }
    } else {
      const known = this.#left.get(identity);
      const reader = known === undefined ? undefined : await this.#open(place, known);
      if (reader !== undefined) {
        // Under its new name it must be known after a restart, too.
        yield reader.whereItIs();
        return;
      }
    }
    await this.#open(place);
  }

  /** The file is not the one that the last run read: it was truncated, or another took its place. */
  async *#changed(
    place: Place,
    resume: Position,
    identity: string,
    stop: AbortSignal,
  ): AsyncGenerator<Item, void, void> {
    if (identityIn(resume) === identity) {
      this.#warn(place.origin, "was truncated and is read from its start");
      return;
    }
    const old = await this.#rotated(place, resume);
    if (old === undefined) {
      this.#warn(
        place.origin,
        "was replaced and is read from its start; what the old file may have held beyond what was read is not to be found",
      );
      return;
    }
    try {
      yield* old.items(stop);
      if (stop.aborted) return;
      yield* old.end();
      this.#left.set(old.contents.identity, old.position);
    } finally {
      await old.close();
    }
    this.#warn(place.origin, "was rotated; the new file is read from its start");
  }

  /** The file that stood at `place`, under the name that it has now: its content tells, since it may have been compressed. */
  async #rotated(place: Place, resume: Position): Promise<Reader | undefined> {
    const folder = dirname(place.path);
    const names = (await readdir(folder)).filter(
      (name) => name !== basename(place.path) && name.startsWith(basename(place.path)),
    );
    for (const name of names.sort()) {
      const path = join(folder, name);
      if (!(await stat(path)).isFile()) continue;
      const reader = await Reader.open({ path, origin: place.origin }, this.#context, resume);
      if (reader !== undefined) return reader;
    }
    return undefined;
  }

  /** Reads to the present end. A file that became shorter was truncated: it is read from its start. */
  async *#readOn(reader: Reader, stop: AbortSignal): AsyncGenerator<Item, void, void> {
    yield* reader.items(stop);
    if (stop.aborted) return;
    const { place, contents } = reader;
    if (contents.compressed) {
      yield* reader.end();
      this.#finished.set(place.path, contents.identity);
      await this.#leave(reader);
    } else if (await contents.shrunk()) {
      yield* reader.end();
      await this.#leave(reader);
      this.#left.delete(contents.identity);
      await this.#open(place);
      this.#warn(place.origin, "was truncated and is read from its start");
    }
  }

  /** Where the path names another file by now, the old one is read to its end and the new one from its start. */
  async *#lookAgain(reader: Reader, stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const { place, contents } = reader;
    const identity = await identityOf(place.path);
    // While a rotated file has no successor, more may still be appended to the old one.
    if (identity === undefined || identity === contents.identity) return;
    yield* reader.items(stop);
    if (stop.aborted) return;
    yield* reader.end();
    await this.#leave(reader);
    if ((await this.#open(place)) === undefined) return;
    this.#warn(place.origin, "was rotated; the new file is read from its start");
  }

  /** Undefined where it is not the file that `resume` is of, or has gone in between. */
  async #open(place: Place, resume?: Position): Promise<Reader | undefined> {
    try {
      const reader = await Reader.open(place, this.#context, resume);
      if (reader !== undefined) this.#readers.set(place.path, reader);
      return reader;
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "ENOENT") return undefined;
      throw error;
    }
  }

  async #leave(reader: Reader): Promise<void> {
    this.#left.set(reader.contents.identity, reader.position);
    this.#readers.delete(reader.place.path);
    await reader.close();
  }

  #warn(origin: string, what: string): void {
    this.#context.warn(
      `${origin} ${what}.`,
      "Nothing needs to be done where that is how the file is meant to be.",
    );
  }
}

function identityIn(position: Position): string {
  return new Fields(position).text("identity");
}

/** Undefined where nothing is there. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileFailure(error, path, "read");
  }
}
