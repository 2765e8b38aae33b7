// Databases for tests: of a server that is started for the test file, or of the one that DATABASE_URL names.
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { type PostgresServer, postgresMissing, startPostgres } from "./postgres-server.ts";
import { needServer } from "./servers.ts";

/** An empty database that is removed after the tests of a file. */
export interface TestDatabase {
  /** Names it, as whoever made it. Known once tests run. */
  url(): string;
  /** Runs SQL in it, of one statement or several; returns the rows of the last one. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** A schema's name that is not taken yet. */
  schema(): string;
}

const given = process.env.DATABASE_URL;

/** False where tests that need a database are to be skipped. */
export const havePostgres = (): boolean => given !== undefined || needServer("PostgreSQL", postgresMissing());

/** False where tests that need a server of their own are to be skipped: to stop it, or to set it up. */
export const haveOwnPostgres = (): boolean => needServer("PostgreSQL", postgresMissing());

/** To be called once in a file, where suites are declared. */
export function testDatabase(): TestDatabase {
  const name = `strm_test_${randomBytes(6).toString("hex")}`;
  let server: PostgresServer | undefined;
  let base = given ?? "";
  let schemas = 0;
  beforeAll(async () => {
    if (given === undefined) {
      server = await startPostgres();
      base = server.url();
    }
    await sqlAt(base, `CREATE DATABASE ${name}`);
  });
  afterAll(async () => {
    if (server !== undefined) await server.remove();
    else await sqlAt(base, `DROP DATABASE ${name} WITH (FORCE)`);
  });
  const url = () => databaseUrl(base, name);
  return { url, sql: (text) => sqlAt(url(), text), schema: () => `keys_${++schemas}` };
}

/** Runs SQL over a connection of its own. */
export async function sqlAt(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results: unknown = await client.query(text);
    const last = Array.isArray(results) ? results.at(-1) : results;
    return last.rows;
  } finally {
    await client.end();
  }
}

/** The same server and role, another database. */
function databaseUrl(base: string, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  // As drivers take it that know of no better default.
  if (!url.searchParams.has("sslmode")) url.searchParams.set("sslmode", "disable");
  return url.href;
}
