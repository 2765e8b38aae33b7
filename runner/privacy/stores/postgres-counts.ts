// How many keys a PostgreSQL store holds, for whoever only looks.
import { countsQuery, type KeyCounts, keyCountsOf } from "./key-counts.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import type { PostgresTarget } from "./postgres-target.ts";

/** Undefined where there are no tables yet: none are made. Throws `keys.*`. */
export async function countPostgresKeys(target: PostgresTarget): Promise<readonly KeyCounts[] | undefined> {
  const database = await PostgresDatabase.of(target);
  try {
    const [found] = await database.ask({ text: "SELECT to_regclass('links') IS NOT NULL AS made" });
    if (found?.made !== true) return undefined;
    return keyCountsOf(await database.ask({ text: countsQuery("links JOIN spaces USING (space)") }));
  } finally {
    await database.close();
  }
}
