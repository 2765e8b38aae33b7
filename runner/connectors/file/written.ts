// Remembers in the state folder which files a sink wrote, so that a later run may replace its own, untouched files.
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "./failures.ts";

/** What changes when somebody touches a file; what stays the same when it is renamed. */
export type Identity = string;

/** Tells a file under whatever name it has. */
export function inodeOf({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

export function identityOf(status: BigIntStats): Identity {
  return `${inodeOf(status)}:${status.size}:${status.mtimeNs}`;
}

/** Of one file that a sink wrote. */
export interface WrittenFile {
  /** Without its folder. */
  readonly name: string;
  readonly identity: Identity;
}

/** One file of lines for each target, so that runs of other pipelines on the same state folder don't meet; only ever added to. */
export class Written {
  readonly #folder: string;
  readonly #path: string;
  readonly #known: Set<string>;
  /** What was read may come from a run that was killed before it had made it durable. */
  #durable = false;

  private constructor(folder: string, path: string, known: Set<string>) {
    this.#folder = folder;
    this.#path = path;
    this.#known = known;
  }

  static async open(stateDir: string, target: string): Promise<Written> {
    const folder = join(stateDir, "written");
    const path = join(folder, createHash("sha256").update(target).digest("hex").slice(0, 32));
    const lines = await readFile(path, "utf8").catch((error) => {
      if (codeOf(error) === "ENOENT") return "";
      throw error;
    });
    return new Written(folder, path, new Set(lines.split("\n").filter((line) => line !== "")));
  }

  has(file: WrittenFile): boolean {
    return this.#known.has(lineOf(file));
  }

  /** Durable when it resolves. */
  async note(files: readonly WrittenFile[]): Promise<void> {
    const fresh = files.filter((file) => !this.has(file)).map(lineOf);
    if (files.length === 0 || (fresh.length === 0 && this.#durable)) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#path, "a", 0o600);
    try {
      // The line end comes first: a line that a crash cut off spoils no other.
      await handle.writeFile(fresh.map((line) => `\n${line}`).join(""));
      await handle.sync();
    } finally {
      await handle.close();
    }
    for (const line of fresh) this.#known.add(line);
    this.#durable = true;
  }
}

/** The name comes last, and a line break in it is written so that it ends no line. */
function lineOf({ name, identity }: WrittenFile): string {
  return `${identity} ${JSON.stringify(name)}`;
}
