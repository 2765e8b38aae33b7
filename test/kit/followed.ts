// A log that a program writes and rotation renames, and runs that follow it one after another.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Positions } from "../../runner/connectors/delivery.ts";
import { FollowedFiles } from "../../runner/connectors/file/follow.ts";
import { sourceContext } from "./contexts.ts";
import { folderInMemory } from "./folder.ts";
import { CountedBuffers, type Line, Taken } from "./taken.ts";

/** How long a run waits for what should come; and for what should not. */
const PATIENCE_MS = 4000;
const QUIET_MS = 15;
/** Runs look around more often here than they do elsewhere. */
export const LOOK_MS = 5;

/** A file, and what was made of it by rotation: `.1` is the newest of the old ones. */
export class Log {
  readonly folder = folderInMemory();
  readonly name: string;
  /** The whole lines that were written, in order. */
  readonly written: string[] = [];
  #open = "";

  constructor(name = "a.jsonl") {
    this.name = name;
  }

  path(suffix = ""): string {
    return join(this.folder, `${this.name}${suffix}`);
  }

  /** The text is unique to its place, so that no two files look alike. */
  write(count = 1, suffix = ""): this {
    for (let i = 0; i < count; i++) {
      appendFileSync(this.path(suffix), `${this.#rest()}\n`);
      this.written.push(this.#whole());
      this.#open = "";
    }
    return this;
  }

  /** A part of a line; the next write completes it. */
  writePart(): this {
    if (this.#open !== "") return this;
    this.#open = `line ${this.written.length}`.slice(0, 3);
    appendFileSync(this.path(), this.#open);
    return this;
  }

  /** Numbers go up by one; a new file comes with the next write, or now. */
  rotate(created = true): this {
    // A program writes a line into one file.
    if (this.#open !== "") this.write();
    for (const [from, to] of this.#renames()) renameSync(from, to);
    if (created) writeFileSync(this.path(), "");
    return this;
  }

  /** The same with time between the renames, as for a program of its own. */
  async rotateSlowly(): Promise<void> {
    if (this.#open !== "") this.write();
    for (const [from, to] of this.#renames()) {
      renameSync(from, to);
      await sleep(1);
    }
    writeFileSync(this.path(), "");
  }

  pack(suffix: string, by: "gz" | "zst" = "gz"): this {
    const bytes = readFileSync(this.path(suffix));
    writeFileSync(this.path(`${suffix}.${by}`), by === "gz" ? gzipSync(bytes) : zstdCompressSync(bytes));
    rmSync(this.path(suffix));
    return this;
  }

  /** The oldest that is not packed yet; the newest of the old ones stays as it is, as with `delaycompress`. */
  packLast(by: "gz" | "zst"): this {
    for (let number = 50; number > 1; number--) {
      if (existsSync(this.path(`.${number}`))) return this.pack(`.${number}`, by);
    }
    return this;
  }

  /** As `logrotate` with `copytruncate` does. */
  copyAndTruncate(): this {
    if (!existsSync(this.path())) return this;
    if (this.#open !== "") this.write();
    const path = this.path();
    copyFileSync(path, this.path(".copy"));
    this.rotate(false);
    renameSync(this.path(".1"), path);
    renameSync(this.path(".copy"), this.path(".1"));
    truncateSync(path);
    return this;
  }

  #renames(): readonly (readonly [string, string])[] {
    const numbers = Array.from({ length: 50 }, (_, i) => 49 - i);
    return numbers
      .flatMap((number) => ["", ".gz", ".zst"].map((packed) => [number, packed] as const))
      .map(([number, packed]) => {
        const from = number === 0 ? packed : `.${number}${packed}`;
        return [this.path(from), this.path(`.${number + 1}${packed}`)] as const;
      })
      .filter(([from]) => existsSync(from));
  }

  #whole(): string {
    return `line ${this.written.length}`;
  }

  #rest(): string {
    return this.#whole().slice(this.#open.length);
  }
}

/** Runs that go on where the one before came to. */
export class Follower {
  readonly lines: Line[] = [];
  readonly warnings: string[] = [];
  positions: Positions = new Map();
  readonly #folder: string;
  readonly #patterns: readonly string[];
  readonly #lookMs: number;

  constructor(folder: string, path: string | readonly string[], lookMs = LOOK_MS) {
    this.#folder = folder;
    this.#patterns = typeof path === "string" ? [path] : path;
    this.#lookMs = lookMs;
  }

  get texts(): readonly string[] {
    return this.lines.map(({ text }) => text);
  }

  /** Until so many lines have come in all, and nothing more within a while. */
  async run(lines: number): Promise<void> {
    const run = this.start();
    await run.until(() => this.lines.length >= lines);
    await sleep(QUIET_MS);
    await run.stop();
  }

  /** A run that is killed behind so many items. */
  async killedAfter(items: number): Promise<void> {
    if (items === 0) return;
    const taken = new Taken(new CountedBuffers());
    const source = this.#open();
    let left = items;
    for await (const item of source.items(AbortSignal.timeout(QUIET_MS))) {
      taken.take(item);
      if (--left === 0) break;
    }
    await source.close();
    this.#take(taken);
  }

  start(): FollowingRun {
    const buffers = new CountedBuffers();
    const taken = new Taken(buffers);
    const source = this.#open();
    const stop = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    const reading = (async () => {
      for await (const item of source.items(stop.signal)) {
        const before = taken.lines.length;
        taken.take(item);
        this.lines.push(...taken.lines.slice(before));
      }
    })().catch((error: unknown) => {
      failure = { error };
    });
    return {
      until: async (condition) => {
        const startMs = performance.now();
        while (!condition() && failure === undefined && performance.now() - startMs < PATIENCE_MS)
          await sleep(1);
        if (failure !== undefined) throw failure.error;
      },
      stop: async () => {
        stop.abort();
        await reading;
        await source.close();
        if (failure !== undefined) throw failure.error;
        this.positions = new Map([...this.positions, ...taken.positions]);
      },
    };
  }

  #open(): FollowedFiles {
    const context = sourceContext(this.#folder, { resume: this.positions });
    const warn = (message: string) => this.warnings.push(message);
    return new FollowedFiles(this.#patterns, { ...context, warn }, { pollMs: 1, lookMs: this.#lookMs });
  }

  #take(taken: Taken): void {
    this.lines.push(...taken.lines);
    this.positions = new Map([...this.positions, ...taken.positions]);
  }
}

export interface FollowingRun {
  /** Gives up after a while without a word: what is compared then says more. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}
