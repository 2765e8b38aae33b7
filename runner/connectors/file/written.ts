// Remembers in the state folder which file a sink wrote, so that a later run may replace its own, untouched file.
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "./failures.ts";

/** What changes when somebody touches a file; what stays the same when it is renamed. */
export type Identity = string;

export function identityOf(status: BigIntStats): Identity {
  return `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
}

/** One small file for each target, so that runs of other pipelines on the same state folder don't meet. */
export class Written {
  readonly #folder: string;
  readonly #path: string;

  constructor(stateDir: string, target: string) {
    this.#folder = join(stateDir, "written");
    this.#path = join(this.#folder, createHash("sha256").update(target).digest("hex").slice(0, 32));
  }

  async has(identity: Identity): Promise<boolean> {
    return (await this.#read()).includes(identity);
  }

  /** Keeps `standing` too where it is ours: until the rename, that is the one which stands there. */
  async note(identity: Identity, standing: Identity | undefined): Promise<void> {
    const kept = (await this.#read()).filter((one) => one === standing);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const temporary = `${this.#path}.${process.pid}`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(`${[identity, ...kept].join("\n")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#path);
  }

  async #read(): Promise<readonly Identity[]> {
    try {
      return (await readFile(this.#path, "utf8")).split("\n").filter((line) => line !== "");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  }
}
