// One run at a time for each job: a lock of the operating system, which ends with the process that holds it, however that dies.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StrmFailure } from "../../failure.ts";
import { loadSqlite } from "../../load-sqlite.ts";
import { isBusy, stateFailure } from "./state-failures.ts";

/** Who holds the lock, for the message to those who come second. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** As long as somebody who looks whether the lock is held may be in the way. */
const LOOK_MS = 50;

/**
 * An SQLite file in an exclusive transaction, since that gives a lock on every system which nobody has to clean up: a process that is
 * killed leaves the file behind, but not the lock.
 */
export class JobLock {
  /** A database that nobody refers to is closed by the garbage collector, and its lock gone. */
  static readonly #held = new Set<JobLock>();
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws `run.locked` where another run holds it; `folder` must exist. */
  static take(folder: string, pipeline: string): JobLock {
    const { DatabaseSync } = loadSqlite();
    const database = new DatabaseSync(lockFile(folder));
    try {
      database.exec(`PRAGMA busy_timeout = ${LOOK_MS}; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE`);
    } catch (cause) {
      database.close();
      throw isBusy(cause) ? locked(folder, pipeline, cause) : stateFailure(folder, cause);
    }
    writeFileSync(ownerFile(folder), `${JSON.stringify(me())}\n`, { mode: 0o600 });
    const lock = new JobLock(database);
    JobLock.#held.add(lock);
    return lock;
  }

  /** Who holds the lock, as far as is known; undefined where nobody does. Looks for a moment, and takes nothing. */
  static holder(folder: string): Partial<Owner> | undefined {
    if (!existsSync(lockFile(folder))) return undefined;
    try {
      const { DatabaseSync } = loadSqlite();
      const database = new DatabaseSync(lockFile(folder), { readOnly: true });
      try {
        database.exec("PRAGMA busy_timeout = 0; SELECT count(*) FROM sqlite_schema");
        return undefined;
      } finally {
        database.close();
      }
    } catch (cause) {
      if (isBusy(cause)) return ownerOf(folder) ?? {};
      throw stateFailure(folder, cause);
    }
  }

  release(): void {
    this.#database.close();
    JobLock.#held.delete(this);
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

const lockFile = (folder: string): string => join(folder, "lock.db");
const ownerFile = (folder: string): string => join(folder, "lock.json");
