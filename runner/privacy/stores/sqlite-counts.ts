// How many keys a store's file holds, for whoever only looks.
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { readSqlite } from "../../read-sqlite.ts";
import { countsQuery, type KeyCounts, keyCountsOf } from "./key-counts.ts";
import { guarded } from "./sqlite-failures.ts";

/** Undefined where there is no such file, or no store in it yet. Throws `keys.*`. */
export function countSqliteKeys(path: string): readonly KeyCounts[] | undefined {
  if (!existsSync(path)) return undefined;
  return guarded(path, () => {
    const database = readSqlite(path);
    try {
      return countsIn(database);
    } finally {
      database.close();
    }
  });
}

function countsIn(database: DatabaseSync): readonly KeyCounts[] | undefined {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'links'").get() === undefined)
    return undefined;
  // Whoever only looks takes an older store as it is: the next run brings its tables to the present form.
  const spaces = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'spaces'").get() !== undefined;
  const table = spaces ? "links JOIN spaces USING (space)" : "links";
  return keyCountsOf(database.prepare(countsQuery(table)).all());
}
