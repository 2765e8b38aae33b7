// The embedded key store: one SQLite file, by Node's own driver.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeyStore, KeyStoreCounts, Link, LinkRequest, NewSecret, SubjectLink } from "../key-store.ts";
import { newWindow } from "../windows.ts";
import { blob, linkOf, namedLinkOf, number, type Space, text } from "./row.ts";
import { guarded } from "./sqlite-failures.ts";
import { openSqliteFile } from "./sqlite-file.ts";

/** Rows that are rewrapped or removed in one transaction, so that no other writer waits long. */
const STEP_ROWS = 1000;

const COLUMNS = "key_link, start_ms, end_ms, wrapped_secret";
/** The last link of a value that starts by a moment, and the first one that starts later. */
const AROUND = `
  SELECT * FROM (SELECT ${COLUMNS} FROM links WHERE digest = ?1 AND space = ?2 AND start_ms <= ?3 ORDER BY start_ms DESC LIMIT 1)
  UNION ALL
  SELECT * FROM (SELECT ${COLUMNS} FROM links WHERE digest = ?1 AND space = ?2 AND start_ms > ?3 ORDER BY start_ms LIMIT 1)`;

/** Opens the store, with its folder and tables made where they are missing. */
export function openSqliteStore(path: string): KeyStore {
  return new SqliteStore(openSqliteFile(path), path);
}

class SqliteStore implements KeyStore {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  /** Of those spaces that were met; a space never changes. */
  readonly #spaces = new Map<string, number>();
  #closed = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  async links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    // Most batches bring values that are known: those are answered without taking the writers' lock.
    const known = guarded(this.#path, () => requests.map((request) => this.#find(request)));
    if (known.every((link) => link !== undefined)) return known;
    return this.#write(() =>
      requests.map((request, i) => known[i] ?? this.#findOrCreate(request, newSecret)),
    );
  }

  async byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    return guarded(this.#path, () =>
      keyLinks.map((keyLink) => {
        const row = this.#statement(
          `SELECT contract, scheme, ${COLUMNS} FROM links JOIN spaces USING (space) WHERE key_link = ?`,
        ).get(keyLink);
        return row === undefined ? undefined : namedLinkOf(row);
      }),
    );
  }

  async noteSubjects(subjects: readonly SubjectLink[]): Promise<void> {
    if (subjects.length === 0) return;
    this.#write(() => {
      // A link that was removed meanwhile gets no row that nobody would ever remove.
      const insert = this.#statement(
        "INSERT OR IGNORE INTO subjects SELECT ?, ?, key_link FROM links WHERE key_link = ?",
      );
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
          STEP_ROWS,
        );
        for (const row of rows) {
          this.#statement("DELETE FROM subjects WHERE key_link = ?").run(text(row, "key_link"));
          this.#statement("DELETE FROM links WHERE key_link = ?").run(text(row, "key_link"));
        }
        removed += rows.length;
        return rows.length === STEP_ROWS;
      });
    }
    // Removed keys must not live on in the log.
    if (removed > 0) guarded(this.#path, () => this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    return removed;
  }

  async setting(name: string, value: Uint8Array): Promise<Uint8Array> {
    const stored = () => this.#statement("SELECT value FROM settings WHERE name = ?").get(name);
    // Each start asks, and only the very first one writes: the others need not wait for whoever is writing.
    const known = guarded(this.#path, stored);
    if (known !== undefined) return blob(known, "value");
    return this.#write(() => {
      this.#statement("INSERT OR IGNORE INTO settings VALUES (?, ?)").run(name, value);
      return blob(stored() ?? {}, "value");
    });
  }

  async rewrap(change: (wrapped: Uint8Array) => Uint8Array): Promise<number> {
    return (
      this.#rewrapTable("links", "key_link", "wrapped_secret", change) +
      this.#rewrapTable("settings", "name", "value", change)
    );
  }

  async counts(): Promise<KeyStoreCounts> {
    return guarded(this.#path, () => {
      const count = (table: string) =>
        number(this.#statement(`SELECT count(*) AS n FROM ${table}`).get() ?? {}, "n");
      return { links: count("links"), subjects: count("subjects") };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    guarded(this.#path, () => this.#database.close());
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
        this.#rollBack();
        throw error;
      }
    });
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // After some errors (a full disk) SQLite has rolled back by itself; the first error is the one to tell.
    }
  }

  /** Looks at the rows without the writers' lock, since after the first time hardly one is to be changed. */
  #rewrapTable(
    table: string,
    key: string,
    value: string,
    change: (wrapped: Uint8Array) => Uint8Array,
  ): number {
    const page = `SELECT ${key}, ${value} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`;
    let changed = 0;
    for (let last = "", more = true; more; ) {
      const rows = guarded(this.#path, () => this.#statement(page).all(last, STEP_ROWS));
      const stale = rows
        .map((row) => ({ name: text(row, key), before: blob(row, value), after: change(blob(row, value)) }))
        .filter(({ before, after }) => Buffer.compare(before, after) !== 0);
      if (stale.length > 0) {
        this.#write(() => {
          // Only where it still is what was looked at: another runner may be doing the same.
          const update = this.#statement(
            `UPDATE ${table} SET ${value} = ? WHERE ${key} = ? AND ${value} = ?`,
          );
          for (const { name, before, after } of stale)
            changed += Number(update.run(after, name, before).changes);
        });
      }
      last = text(rows.at(-1) ?? {}, key);
      more = rows.length === STEP_ROWS;
    }
    return changed;
  }

  /** The link whose window contains the moment. Windows don't overlap: only the last that starts before can. */
  #find(request: LinkRequest): Link | undefined {
    const space = this.#spaceOf(request);
    if (space === undefined) return undefined;
    const row = this.#statement(
      `SELECT ${COLUMNS} FROM links WHERE digest = ? AND space = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1`,
    ).get(request.digest, space, request.timeMs);
    return row !== undefined && number(row, "end_ms") > request.timeMs ? linkOf(row, request) : undefined;
  }

  #findOrCreate(request: LinkRequest, newSecret: NewSecret): Link {
    const { digest, timeMs, rotate } = request;
    const space = this.#spaceOf(request) ?? this.#addSpace(request);
    const around = this.#statement(AROUND).all(digest, space, timeMs);
    const before = around.find((row) => number(row, "start_ms") <= timeMs);
    if (before !== undefined && number(before, "end_ms") > timeMs) return linkOf(before, request);
    const after = around.find((row) => number(row, "start_ms") > timeMs);
    const { startMs, endMs } = newWindow(
      rotate,
      timeMs,
      before && number(before, "end_ms"),
      after && number(after, "start_ms"),
    );
    const { keyLink, wrappedSecret } = newSecret();
    this.#statement(
      "INSERT INTO links (space, digest, start_ms, end_ms, key_link, wrapped_secret) VALUES (?, ?, ?, ?, ?, ?)",
    ).run(space, digest, startMs, endMs, keyLink, wrappedSecret);
    const { contract, scheme } = request;
    const rotated = before !== undefined;
    return { keyLink, contract, scheme, startMs, endMs, wrappedSecret, created: true, rotated };
  }

  #spaceOf({ contract, scheme }: Space): number | undefined {
    const name = `${scheme} ${contract}`;
    const known = this.#spaces.get(name);
    if (known !== undefined) return known;
    const row = this.#statement("SELECT space FROM spaces WHERE contract = ? AND scheme = ?").get(
      contract,
      scheme,
    );
    if (row === undefined) return undefined;
    this.#spaces.set(name, number(row, "space"));
    return number(row, "space");
  }

  /** Not remembered yet: the transaction may still be rolled back. */
  #addSpace({ contract, scheme }: Space): number {
    const { lastInsertRowid } = this.#statement("INSERT INTO spaces (contract, scheme) VALUES (?, ?)").run(
      contract,
      scheme,
    );
    return Number(lastInsertRowid);
  }
}
