// Keeps reading files that grow: appended data, rotation, truncation, and new files of a pattern.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SourceContext } from "../connector.ts";
import type { Item, Position, Source } from "../delivery.ts";
import type { LineReader } from "../reading/line-reader.ts";
import { isPattern } from "../reading/pattern.ts";
import type { FileOrigin } from "./file-origin.ts";
import { covers } from "./glob.ts";
import { findAll, originOf } from "./paths.ts";
import { inodeIn, offsetIn, ReadFiles } from "./read-files.ts";
import { kinOf, laterThan } from "./rotation.ts";
import { type Standing, standingAt } from "./standing.ts";
import { Tracker } from "./tracker.ts";

export interface Pace {
  /** How long appended data may wait. Polling works on every file system, also on mounted ones that send no notices. */
  readonly pollMs: number;
  /** How often patterns are looked up for new files, and paths for rotation. */
  readonly lookMs: number;
}

const PACE: Pace = { pollMs: 100, lookMs: 500 };

type Items = AsyncGenerator<Item, void, void>;

interface Last {
  readonly at: Standing;
  readonly position: Position;
}

/**
 * What is read for a path is all that bears it, one file after the other. A file that loses its name is read on under the new one where
 * a path of the patterns covers that, and else to its end before the next. A file's position is given out under its new name before another's
 * takes its place under the old one, so that no checkpoint misses it.
 */
export class FollowedFiles implements Source {
  readonly #pace: Pace;
  readonly #patterns: readonly string[];
  readonly #context: SourceContext;
  /** By the path that each is read for; its file may have another name by now. */
  readonly #readers = new Map<string, LineReader<FileOrigin>>();
  readonly #tracker: Tracker;
  /** How far the others were read. */
  readonly #read: ReadFiles;
  /** Compressed files as they were when they were seen, and those that were read to their end. */
  readonly #seen = new Set<string>();
  readonly #finished = new Map<string, string>();
  /** The files of the patterns, as of the last look. */
  #found: ReadonlySet<string> = new Set();
  /** Paths that are being seen to: names may have gone round in a circle. */
  readonly #settling = new Set<string>();

  constructor(patterns: readonly string[], context: SourceContext, pace = PACE) {
    this.#pace = pace;
    this.#patterns = patterns;
    this.#context = context;
    this.#tracker = new Tracker(context);
    this.#read = new ReadFiles(
      [...context.resume].map(([origin, position]) => [resolve(context.baseDir, origin), position]),
    );
  }

  async *items(stop: AbortSignal): Items {
    let lookAtMs = 0;
    while (!stop.aborted) {
      if (performance.now() >= lookAtMs) {
        yield* this.#look(stop);
        lookAtMs = performance.now() + this.#pace.lookMs;
      }
      let quiet = true;
      for (const [path, reader] of [...this.#readers]) {
        for await (const item of this.#readOn(path, reader, stop)) {
          quiet = false;
          yield item;
        }
      }
      if (!quiet) continue;
      for (const reader of this.#readers.values()) reader.rest();
      // Aborting ends the sleep by an error that only says so.
      await sleep(this.#pace.pollMs, undefined, { signal: stop }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.close()));
  }

  async *#look(stop: AbortSignal): Items {
    const { baseDir } = this.#context;
    this.#found = new Set(await findAll(baseDir, this.#patterns, () => {}));
    // A file may have lost its name, and nothing has got it yet.
    const named = this.#patterns.filter((path) => !isPattern(path)).map((path) => resolve(baseDir, path));
    for (const path of new Set([...this.#found, ...named, ...this.#readers.keys()])) {
      yield* this.#settle(path, stop);
    }
  }

  /** To the present end. */
  async *#readOn(path: string, reader: LineReader<FileOrigin>, stop: AbortSignal): Items {
    if (this.#readers.get(path) !== reader) return;
    yield* reader.items(stop);
    if (stop.aborted) return;
    const { contents } = reader;
    if (contents.truncated) yield* this.#goOn(path, await standingAt(path), stop);
    if (!contents.compressed) return;
    const now = await standingAt(path);
    if (now?.inode !== contents.identity) return;
    yield* reader.end();
    await this.#leave(path);
    this.#finished.set(path, now.written);
  }

  /** Until what is read for `path` is the file that bears it now. */
  async *#settle(path: string, stop: AbortSignal): Items {
    if (this.#settling.has(path)) return;
    this.#settling.add(path);
    try {
      while (!stop.aborted) {
        const now = await standingAt(path);
        const reader = this.#readers.get(path);
        // Nothing has got the name of the file that is read, or it still has it.
        const stays =
          now === undefined ? reader?.origin.path === path : reader?.contents.identity === now.inode;
        if (stays) return;
        yield* this.#goOn(path, now, stop);
        const next = this.#readers.get(path);
        if (next === undefined || next === reader || next.origin.path === path) return;
      }
    } finally {
      this.#settling.delete(path);
    }
  }

  /** From the file that was read for `path` last to the one that comes next: `now`, or one that came in between. */
  async *#goOn(path: string, now: Standing | undefined, stop: AbortSignal): Items {
    const reader = this.#readers.get(path);
    if (reader !== undefined) yield* reader.items(stop);
    else if (now !== undefined && (this.#isDone(now) || (this.#finished.has(path) && !this.#isQuiet(now))))
      return;
    if (stop.aborted) return;
    const same = reader === undefined ? await this.#reopen(path, now) : undefined;
    if (same !== undefined) {
      yield* this.#take(path, same);
      return;
    }
    const last = await this.#lastOf(path, reader);
    if (last !== undefined && last.at.path !== path && this.#covers(last.at.path)) {
      yield* this.#handOver(path, last.at, stop);
    } else if (last !== undefined && (last.at.path === path || last.at.inode !== reader?.contents.identity)) {
      const rest = await this.#tracker.open(path, last.at, last.position);
      await this.#leave(path);
      if (rest !== undefined) yield* this.#take(path, rest);
    } else {
      const later = last && (await this.#laterThan(path, last.at));
      // While nothing was written to the file that bears the path now, more may still come to the one before.
      const waits = reader !== undefined && !reader.contents.truncated && later === undefined;
      if (waits && (now === undefined || now.sizeBytes === 0)) return;
      if (reader !== undefined) yield* reader.end();
      await this.#leave(path);
      const next = later ?? now;
      const lost = reader === undefined && last === undefined;
      if (next !== undefined) yield* this.#begin(path, next, last?.at, lost);
    }
  }

  /** The file that was read for `path` last, where it still bears it. */
  async #reopen(path: string, now: Standing | undefined): Promise<LineReader<FileOrigin> | undefined> {
    const own = this.#read.at(path);
    if (own === undefined || now?.inode !== inodeIn(own)) return undefined;
    return this.#tracker.open(path, now, own);
  }

  /** Where the file stands now that was read for `path` last. One that nothing was read of may not be known again: then the one before it. */
  async #lastOf(path: string, reader: LineReader<FileOrigin> | undefined): Promise<Last | undefined> {
    for (const position of [reader?.position, this.#read.at(path)]) {
      if (position === undefined) continue;
      const at = await this.#tracker.find(path, position, this.#found);
      if (at !== undefined) return { at, position };
      if (offsetIn(position) > 0) return undefined;
    }
    return undefined;
  }

  /** The file that was read for `path` stands at `at` by now, where it is read on; what bears `path` now is another. */
  async *#handOver(path: string, at: Standing, stop: AbortSignal): Items {
    await this.#leave(path);
    const circle = this.#settling.has(at.path);
    yield* this.#settle(at.path, stop);
    // Names may be changing right now: the position that `path` stands for must not get lost.
    if (stop.aborted || !(circle || this.#isDone(at))) return;
    const now = await standingAt(path);
    if (now !== undefined) yield* this.#begin(path, now, at, false);
  }

  /** The first that no pattern covers. */
  async #laterThan(path: string, { path: at }: Standing): Promise<Standing | undefined> {
    const later = laterThan(at, await kinOf(path));
    return later.find((one) => one.path !== path && !this.#covers(one.path));
  }

  /** `before`: where the file stands that was read for `path` last; `lost`: what is left of it is not to be found. */
  async *#begin(path: string, next: Standing, before: Standing | undefined, lost: boolean): Items {
    const reader = await this.#openNew(path, next);
    if (reader === undefined) return;
    const own = this.#read.at(path);
    if (before !== undefined && (await standingAt(before.path))?.inode !== before.inode) {
      // Names are changing right now, so that this may not be the next one.
      await reader.close();
      return;
    }
    if (own !== undefined && next.path === path) this.#warn(path, own, reader, lost);
    yield* this.#take(path, reader);
  }

  /** To be read for `path`: from where it was read to under another name or before it was packed, else from its start. */
  async #openNew(path: string, now: Standing): Promise<LineReader<FileOrigin> | undefined> {
    if (this.#isDone(now)) return undefined;
    const known = this.#read.of(now.inode);
    if (known !== undefined && (await this.#tracker.holds(now, known))) {
      return this.#tracker.open(path, now, known);
    }
    for (const kin of this.#read.kinOf(now.path)) {
      const position = this.#readers.get(kin)?.position ?? this.#read.at(kin);
      if (position === undefined || kin === path) continue;
      const at = await this.#tracker.find(kin, position, this.#found);
      if (at?.path === now.path) return this.#tracker.open(path, now, position);
    }
    const reader = await this.#tracker.open(path, now);
    if (reader?.contents.compressed !== true || this.#isQuiet(now)) return reader;
    await reader.close();
    return undefined;
  }

  async *#take(path: string, reader: LineReader<FileOrigin>): Items {
    this.#readers.set(path, reader);
    // A run that goes on must know it under this name.
    if (this.#read.note(path, reader.position)) yield reader.whereItIs();
  }

  async #leave(path: string): Promise<void> {
    const reader = this.#readers.get(path);
    if (reader === undefined) return;
    this.#read.note(path, reader.position);
    this.#readers.delete(path);
    await reader.close();
  }

  /** True for a file that is being read, or was read and won't grow. */
  #isDone({ path, inode, written }: Standing): boolean {
    if (this.#finished.get(path) === written) return true;
    return [...this.#readers.values()].some(({ contents }) => contents.identity === inode);
  }

  /** False for a file that may be in the making: one look finds it other than the one before did. */
  #isQuiet({ written }: Standing): boolean {
    if (this.#seen.has(written)) return true;
    this.#seen.add(written);
    return false;
  }

  #covers(path: string): boolean {
    return this.#patterns.some((pattern) => covers(this.#context.baseDir, pattern, path));
  }

  /** Nothing is told of a file that is read on. */
  #warn(path: string, own: Position, { position, contents }: LineReader<FileOrigin>, lost: boolean): void {
    if (offsetIn(position) > 0) return;
    const what =
      inodeIn(own) === contents.identity
        ? "was truncated and is read from its start"
        : lost
          ? "was replaced and is read from its start; what the old file may have held beyond what was read is not to be found"
          : "was rotated; the new file is read from its start";
    this.#context.warn(
      `${originOf(path, this.#context.baseDir)} ${what}.`,
      "Nothing needs to be done where that is how the file is meant to be.",
    );
  }
}
