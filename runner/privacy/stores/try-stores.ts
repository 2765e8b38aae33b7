// Tries a key store before a run: that it answers, and that a run may keep keys there; nothing is made.
import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { StrmFailure } from "../../failure.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import type { PostgresOptions } from "./postgres-spec.ts";
import { postgresTarget } from "./postgres-target.ts";
import { countSqliteKeys } from "./sqlite-counts.ts";
import { guarded } from "./sqlite-failures.ts";

/** What a run does with the tables, where they are there; else whether it may make them. */
const RIGHTS = {
  text: `
  SELECT to_regclass('links') IS NOT NULL AS made,
    CASE WHEN to_regclass('links') IS NOT NULL
      THEN has_table_privilege('links', 'SELECT') AND has_table_privilege('links', 'INSERT')
      WHEN to_regnamespace($1) IS NOT NULL THEN has_schema_privilege($1, 'CREATE, USAGE')
      ELSE has_database_privilege(current_database(), 'CREATE') END AS allowed`,
};

/** Throws `keys.*`. */
export async function tryPostgres(options: PostgresOptions, baseDir: string): Promise<string> {
  const target = await postgresTarget(options, baseDir);
  const database = await PostgresDatabase.of(target);
  try {
    const [row] = await database.ask(RIGHTS, [target.schema]);
    if (row?.allowed !== true) throw denied(database.place, row?.made === true);
    return row.made === true
      ? "the database answers, with its tables"
      : "the database answers; a run will make its tables";
  } finally {
    await database.close();
  }
}

/** Throws `keys.*`. */
export function trySqlite(file: string): string {
  if (countSqliteKeys(file) !== undefined) {
    guarded(file, () => accessSync(file, constants.R_OK | constants.W_OK));
    return "the file is there and can be written to";
  }
  let folder = dirname(file);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  guarded(file, () => accessSync(folder, constants.W_OK | constants.X_OK));
  return "a run will make its file";
}

function denied(place: string, made: boolean): StrmFailure {
  return new StrmFailure(
    "keys.denied",
    `The key store in ${place} can't be used: ${made ? "its tables may not be read or added to" : "its tables are missing, and may not be made"}.`,
    made
      ? "Grant the role SELECT, INSERT, UPDATE and DELETE on the tables of the schema."
      : "Grant the role CREATE on the schema or database, or let somebody who has it run the pipeline once.",
  );
}
