// The embedded key store: one SQLite file, by Node's own driver.
import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StrmFailure } from "../../failure.ts";
import type { KeyStore, KeyStoreCounts, Link, LinkRequest, NewSecret, SubjectLink } from "../key-store.ts";
import { newWindow } from "../windows.ts";

/** Each brings the tables one version further. */
const migrations = [
  `CREATE TABLE links (
     key_link TEXT PRIMARY KEY, contract TEXT NOT NULL, scheme TEXT NOT NULL, digest BLOB NOT NULL,
     start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, wrapped_secret BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX links_by_value ON links (contract, scheme, digest, start_ms);
   CREATE INDEX links_by_end ON links (end_ms);
   CREATE TABLE subjects (
     contract TEXT NOT NULL, digest BLOB NOT NULL, key_link TEXT NOT NULL, PRIMARY KEY (contract, digest, key_link)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX subjects_by_link ON subjects (key_link);
   CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;`,
];

/** How long a writer waits for another one's lock. */
const busyTimeoutMs = 15_000;
/** Rows that are rewrapped or removed in one transaction, so that no other writer waits long. */
const stepRows = 1000;

type Row = Record<string, unknown>;
const number = (row: Row, name: string): number => Number(row[name]);
const text = (row: Row, name: string): string => String(row[name]);
const blob = (row: Row, name: string): Uint8Array =>
  row[name] instanceof Uint8Array ? row[name] : new Uint8Array();

/** Opens the store, with its folder and tables made where they are missing. */
export function openSqliteStore(path: string): KeyStore {
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    if (path !== ":memory:") chmodSync(path, 0o600);
    // WAL with FULL: a transaction that has ended is on disk, also after a loss of power.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    migrate(database, path);
    return new SqliteStore(database, path);
  });
}

function migrate(database: DatabaseSync, path: string): void {
  const versionOf = () => number(database.prepare("PRAGMA user_version").get() ?? {}, "user_version");
  if (versionOf() > migrations.length) {
    throw new StrmFailure(
      "keys.newer-version",
      `The key store ${path} was written by a newer strm.`,
      "Run the newer version.",
    );
  }
  if (versionOf() === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  // Another process may have come first.
  for (const migration of migrations.slice(versionOf())) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}

class SqliteStore implements KeyStore {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  async links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    // Most batches bring values that are known: those are answered without taking the writers' lock.
    const known = guarded(this.#path, () => requests.map((request) => this.#find(request)));
    if (known.every((link) => link !== undefined)) return known;
    return this.#write(() =>
      requests.map((request) => this.#find(request) ?? this.#create(request, newSecret)),
    );
  }

  async byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    return guarded(this.#path, () =>
      keyLinks.map((keyLink) => {
        const row = this.#statement("SELECT * FROM links WHERE key_link = ?").get(keyLink);
        return row === undefined ? undefined : linkOf(row, false);
      }),
    );
  }

  async noteSubjects(subjects: readonly SubjectLink[]): Promise<void> {
    if (subjects.length === 0) return;
    this.#write(() => {
      const insert = this.#statement("INSERT OR IGNORE INTO subjects VALUES (?, ?, ?)");
      for (const { contract, digest, keyLink } of subjects) insert.run(contract, digest, keyLink);
    });
  }

  async linksOfSubject(contract: string, digest: Uint8Array): Promise<readonly string[]> {
    return guarded(this.#path, () =>
      this.#statement(
        "SELECT key_link FROM subjects JOIN links USING (key_link) WHERE subjects.contract = ? AND subjects.digest = ? ORDER BY start_ms, key_link",
      )
        .all(contract, digest)
        .map((row) => text(row, "key_link")),
    );
  }

  async purge(closedBeforeMs: number): Promise<number> {
    let removed = 0;
    for (let more = true; more; ) {
      more = this.#write(() => {
        const rows = this.#statement("SELECT key_link FROM links WHERE end_ms <= ? LIMIT ?").all(
          closedBeforeMs,
          stepRows,
        );
        for (const row of rows) {
          this.#statement("DELETE FROM subjects WHERE key_link = ?").run(text(row, "key_link"));
          this.#statement("DELETE FROM links WHERE key_link = ?").run(text(row, "key_link"));
        }
        removed += rows.length;
        return rows.length === stepRows;
      });
    }
    // Removed keys must not live on in the log.
    if (removed > 0) guarded(this.#path, () => this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    return removed;
  }

  async setting(name: string, value: Uint8Array): Promise<Uint8Array> {
    return this.#write(() => {
      this.#statement("INSERT OR IGNORE INTO settings VALUES (?, ?)").run(name, value);
      return blob(this.#statement("SELECT value FROM settings WHERE name = ?").get(name) ?? {}, "value");
    });
  }

  async rewrap(change: (wrapped: Uint8Array) => Uint8Array): Promise<number> {
    let changed = 0;
    for (const { table, key, value } of [
      { table: "settings", key: "name", value: "value" },
      { table: "links", key: "key_link", value: "wrapped_secret" },
    ]) {
      for (let last = "", more = true; more; ) {
        more = this.#write(() => {
          const rows = this.#statement(`SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`).all(
            last,
            stepRows,
          );
          for (const row of rows) {
            last = text(row, key);
            const before = blob(row, value);
            const after = change(before);
            if (Buffer.compare(before, after) === 0) continue;
            this.#statement(`UPDATE ${table} SET ${value} = ? WHERE ${key} = ?`).run(after, last);
            changed++;
          }
          return rows.length === stepRows;
        });
      }
    }
    return changed;
  }

  async counts(): Promise<KeyStoreCounts> {
    return guarded(this.#path, () => {
      const count = (table: string) =>
        number(this.#statement(`SELECT count(*) AS n FROM ${table}`).get() ?? {}, "n");
      return { links: count("links"), subjects: count("subjects") };
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) guarded(this.#path, () => this.#database.close());
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** One transaction that takes the writers' lock at once; it is durable when this returns. */
  #write<T>(work: () => T): T {
    return guarded(this.#path, () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #find({ contract, scheme, digest, timeMs }: LinkRequest): Link | undefined {
    const row = this.#statement(
      "SELECT * FROM links WHERE contract = ? AND scheme = ? AND digest = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1",
    ).get(contract, scheme, digest, timeMs);
    return row !== undefined && number(row, "end_ms") > timeMs ? linkOf(row, false) : undefined;
  }

  #create(request: LinkRequest, newSecret: NewSecret): Link {
    const { contract, scheme, digest, timeMs, rotate } = request;
    const before = this.#statement(
      "SELECT max(end_ms) AS edge FROM links WHERE contract = ? AND scheme = ? AND digest = ? AND start_ms <= ?",
    ).get(contract, scheme, digest, timeMs);
    const after = this.#statement(
      "SELECT min(start_ms) AS edge FROM links WHERE contract = ? AND scheme = ? AND digest = ? AND start_ms > ?",
    ).get(contract, scheme, digest, timeMs);
    const edge = (row: Row | undefined) => (typeof row?.edge === "number" ? row.edge : undefined);
    const { startMs, endMs } = newWindow(rotate, timeMs, edge(before), edge(after));
    const { keyLink, wrappedSecret } = newSecret();
    this.#statement("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?)").run(
      keyLink,
      contract,
      scheme,
      digest,
      startMs,
      endMs,
      wrappedSecret,
    );
    return { keyLink, contract, scheme, startMs, endMs, wrappedSecret, created: true };
  }
}

function linkOf(row: Row, created: boolean): Link {
  return {
    keyLink: text(row, "key_link"),
    contract: text(row, "contract"),
    scheme: row.scheme === "strm" ? "strm" : "purpose_bound",
    startMs: number(row, "start_ms"),
    endMs: number(row, "end_ms"),
    wrappedSecret: blob(row, "wrapped_secret"),
    created,
  };
}

/** SQLite's primary result codes, by what we call them. */
const failures = {
  5: [
    "keys.locked",
    "is locked by another process",
    "Wait until the other process has ended, and run again.",
  ],
  6: [
    "keys.locked",
    "is locked by another process",
    "Wait until the other process has ended, and run again.",
  ],
  8: [
    "keys.denied",
    "can't be written",
    "Give the user that runs strm the right to write the file and its folder.",
  ],
  11: ["keys.corrupt", "is damaged", "Restore it from a backup."],
  13: ["keys.full", "can't grow: the disk is full", "Make space and run again."],
  14: ["keys.denied", "can't be opened", "Check the path and the rights of the user that runs strm."],
  23: ["keys.denied", "can't be opened", "Check the rights of the user that runs strm."],
  26: ["keys.corrupt", "is not a SQLite database", "Restore it from a backup, or name another path."],
} as const;

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof StrmFailure || !(cause instanceof Error)) throw cause;
    const result = "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined;
    const known = Object.entries(failures).find(([code]) => Number(code) === result)?.[1];
    if (known !== undefined)
      throw new StrmFailure(known[0], `The key store ${path} ${known[1]}.`, known[2], { cause });
    const denied =
      "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM" || cause.code === "EROFS");
    if (denied)
      throw new StrmFailure("keys.denied", `The key store ${path} can't be written.`, failures[8][2], {
        cause,
      });
    if (result === undefined && !("code" in cause)) throw cause;
    const reason = result === undefined && "code" in cause ? String(cause.code) : cause.message;
    throw new StrmFailure(
      "keys.failed",
      `The key store ${path} failed: ${reason}.`,
      "Put right what it names, and run again.",
      { cause },
    );
  }
}
