// How many keys a store's file holds, by contract and scheme: counts alone, so that no master key is needed.
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { readSqlite } from "../../read-sqlite.ts";
import { guarded } from "./sqlite-failures.ts";

export interface KeyCounts {
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  readonly scheme: string;
  readonly links: number;
  /** From the start of the first window to the end of the last one. */
  readonly fromMs: number;
  readonly toMs: number;
}

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
  const rows = database
    .prepare(
      `SELECT contract, scheme, count(*) AS links, min(start_ms) AS from_ms, max(end_ms) AS to_ms
       FROM ${table} GROUP BY contract, scheme ORDER BY contract, scheme`,
    )
    .all();
  return rows.map((row) => ({
    contract: String(row.contract),
    scheme: String(row.scheme),
    links: Number(row.links),
    fromMs: Number(row.from_ms),
    toMs: Number(row.to_ms),
  }));
}
