// One run at a time for each job: a lock of the operating system, which ends with the process that holds it, however that dies.
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StrmFailure } from "../../failure.ts";
import { loadSqlite } from "../../load-sqlite.ts";
import { isBusy, stateFailure } from "./state-failures.ts";

/** Who holds the lock, for the message to those who come second. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * An SQLite file in an exclusive transaction, since that gives a lock on every system which nobody has to clean up: a process that is
 * killed leaves the file behind, but not the lock.
 */
export class JobLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws `run.locked` where another run holds it; `folder` must exist. */
  static take(folder: string, pipeline: string): JobLock {
    const { DatabaseSync } = loadSqlite();
    const database = new DatabaseSync(join(folder, "lock.db"));
    try {
      database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    } catch (cause) {
      database.close();
      throw isBusy(cause) ? locked(folder, pipeline, cause) : stateFailure(folder, cause);
    }
    writeFileSync(ownerFile(folder), `${JSON.stringify(me())}\n`, { mode: 0o600 });
    return new JobLock(database);
  }

  release(): void {
    this.#database.close();
  }
}

function locked(folder: string, pipeline: string, cause: unknown): StrmFailure {
  const owner = ownerOf(folder);
  const who =
    owner === undefined ? "another process" : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  return new StrmFailure(
    "run.locked",
    `The pipeline \`${pipeline}\` is running already on this state folder: ${who}.`,
    "Stop that run, or give this one a state folder of its own with `--state DIR`.",
    { cause },
  );
}

function me(): Owner {
  return { pid: process.pid, host: hostname(), since: new Date().toISOString() };
}

/** Undefined where it was not written yet. */
function ownerOf(folder: string): Owner | undefined {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(ownerFile(folder), "utf8"));
    return { pid: Number(pid), host: String(host), since: String(since) };
  } catch {
    return undefined;
  }
}

const ownerFile = (folder: string): string => join(folder, "lock.json");
