// Opens the file of a key store and brings its tables to the form this version knows.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StrmFailure } from "../../failure.ts";
import { loadSqlite } from "../../load-sqlite.ts";
import { guarded } from "./sqlite-failures.ts";

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
  // Digests and names are random, so each index is written all over: rows stand apart from them, in the order they came, and are short.
  `ALTER TABLE links RENAME TO wide_links;
   DROP INDEX links_by_value; DROP INDEX links_by_end;
   CREATE TABLE spaces (
     space INTEGER PRIMARY KEY, contract TEXT NOT NULL, scheme TEXT NOT NULL, UNIQUE (contract, scheme)
   ) STRICT;
   INSERT INTO spaces (contract, scheme) SELECT DISTINCT contract, scheme FROM wide_links;
   CREATE TABLE links (
     id INTEGER PRIMARY KEY, space INTEGER NOT NULL, digest BLOB NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
     key_link TEXT NOT NULL, wrapped_secret BLOB NOT NULL
   ) STRICT;
   INSERT INTO links (space, digest, start_ms, end_ms, key_link, wrapped_secret)
     SELECT space, digest, start_ms, end_ms, key_link, wrapped_secret FROM wide_links JOIN spaces USING (contract, scheme);
   DROP TABLE wide_links;
   CREATE UNIQUE INDEX links_by_value ON links (digest, space, start_ms);
   CREATE UNIQUE INDEX links_by_name ON links (key_link);
   CREATE INDEX links_by_end ON links (end_ms);`,
];

/** How long a store that is opened waits for another process's lock. */
const OPEN_TIMEOUT_MS = 15_000;
/** The same for one that is open: nothing else can be done meanwhile, and the run tries again by itself. */
const BUSY_TIMEOUT_MS = 500;

/** Makes folder, file (mode 0600) and tables where they are missing. Throws `keys.*`. */
export function openSqliteFile(path: string): DatabaseSync {
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    createPrivately(path);
    const { DatabaseSync } = loadSqlite();
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT_MS}`);
      refuseStrangers(database, path);
      // WAL with FULL: a transaction that has ended is on disk, also after a loss of power.
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
      migrate(database, path);
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** SQLite gives its log files the rights of the database, so these must be right from the start. */
function createPrivately(path: string): void {
  try {
    // Never opens a file that is there: closing it again would drop the locks this process has on it.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function refuseStrangers(database: DatabaseSync, path: string): void {
  const { tables, ours } =
    database
      .prepare("SELECT count(*) AS tables, count(*) FILTER (WHERE name = 'links') AS ours FROM sqlite_schema")
      .get() ?? {};
  if (tables !== 0 && ours === 0) {
    throw new StrmFailure(
      "keys.corrupt",
      `${path} is the database of another program, not a key store.`,
      "Name another path.",
    );
  }
}

function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database, path) === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  // Another process may have come first.
  for (const migration of migrations.slice(versionOf(database, path))) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}

function versionOf(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version <= migrations.length) return version;
  throw new StrmFailure(
    "keys.newer-version",
    `The key store ${path} was written by a newer strm.`,
    "Run the newer version.",
  );
}
