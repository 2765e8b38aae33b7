// Opens an SQLite file only to look at it: nothing is changed, no file is left behind, and who writes to it is not disturbed.
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { loadSqlite } from "./load-sqlite.ts";

/** How long a reader waits where a writer has just begun or ends. */
const BUSY_TIMEOUT_MS = 5_000;

/** Throws what SQLite throws, also where there is no such file. */
export function readSqlite(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const url = pathToFileURL(path);
  // Without a log nobody has it open. A reader would make one, and leave it there.
  if (!existsSync(`${path}-wal`)) url.searchParams.set("immutable", "1");
  const database = new DatabaseSync(url, { readOnly: true });
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}
