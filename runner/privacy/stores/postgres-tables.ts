// Brings the tables of a PostgreSQL key store to the form this version knows.
import { StrmFailure } from "../../failure.ts";
import type { Ask, PostgresDatabase } from "./postgres-database.ts";
import { sqlState } from "./postgres-failures.ts";

/** Each brings the tables one version further. */
export const migrations = [
  `CREATE TABLE schema_version (version integer NOT NULL);
INSERT INTO schema_version VALUES (0);
CREATE TABLE spaces (
  space integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract text COLLATE "C" NOT NULL, scheme text COLLATE "C" NOT NULL, UNIQUE (contract, scheme)
);
CREATE TABLE key_values (digest bytea NOT NULL, space integer NOT NULL, PRIMARY KEY (digest, space));
CREATE TABLE links (
  digest bytea NOT NULL, space integer NOT NULL, start_ms bigint NOT NULL, end_ms bigint NOT NULL CHECK (end_ms > start_ms),
  key_link uuid NOT NULL UNIQUE, wrapped_secret bytea NOT NULL, PRIMARY KEY (digest, space, start_ms)
);
CREATE INDEX links_by_end ON links (end_ms);
CREATE TABLE subjects (
  digest bytea NOT NULL, contract text COLLATE "C" NOT NULL, key_link uuid NOT NULL, PRIMARY KEY (digest, contract, key_link)
);
CREATE INDEX subjects_by_link ON subjects (key_link);
CREATE TABLE settings (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);`,
];

const UNDEFINED_TABLE = "42P01";

/**
 * Makes schema and tables where they are missing: one runner does it, others that start meanwhile wait. A role without the right to do so
 * is no hindrance where the tables are there. Throws `keys.newer-version`, `keys.corrupt` for the schema of another program, and as `ask` does.
 */
export async function preparePostgresTables(database: PostgresDatabase, schema: string): Promise<void> {
  if ((await versionOf(database)) === migrations.length) return;
  await database.transaction(async (ask) => {
    await ask({ text: "SELECT pg_advisory_xact_lock(hashtextextended('strm ' || $1, 0))" }, [schema]);
    await makeSchema(ask, schema, database.place);
    // Another runner may have come first.
    const [made] = await ask({ text: "SELECT to_regclass('schema_version') IS NOT NULL AS made" });
    const version = made?.made === true ? await versionIn(ask, database.place) : 0;
    for (const migration of migrations.slice(version)) await ask({ text: migration });
    await ask({ text: "UPDATE schema_version SET version = $1" }, [migrations.length]);
  });
}

/** 0 where there are no tables yet. */
async function versionOf(database: PostgresDatabase): Promise<number> {
  try {
    return await versionIn(database.ask, database.place);
  } catch (error) {
    if (error instanceof Error && sqlState(error.cause) === UNDEFINED_TABLE) return 0;
    throw error;
  }
}

async function versionIn(ask: Ask, place: string): Promise<number> {
  const [row] = await ask({ text: "SELECT version FROM schema_version" });
  const version = Number(row?.version);
  if (version <= migrations.length) return version;
  throw new StrmFailure(
    "keys.newer-version",
    `The key store ${place} was written by a newer strm.`,
    "Run the newer version.",
  );
}

async function makeSchema(ask: Ask, schema: string, place: string): Promise<void> {
  const [found] = await ask(
    {
      text: `SELECT has_schema_privilege(oid, 'USAGE') AS usable,
        EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid) AS taken,
        EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid AND relname = 'schema_version') AS ours
      FROM pg_namespace n WHERE nspname = $1`,
    },
    [schema],
  );
  if (found === undefined) {
    await ask({ text: `CREATE SCHEMA ${schema}` });
    return;
  }
  if (found.taken === true && found.ours === false) {
    throw new StrmFailure(
      "keys.corrupt",
      `The schema of ${place} holds the tables of another program, not a key store.`,
      "Name another `schema`.",
    );
  }
  if (found.usable === true) return;
  throw new StrmFailure(
    "keys.denied",
    `The key store ${place} denies access to its schema.`,
    "Give the role the rights that docs/postgres.md lists.",
  );
}
