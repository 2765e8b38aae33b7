// Removes old keys from PostgreSQL, and replaces wrapped values, in bounded steps that nobody waits for long.
import type { PostgresDatabase } from "./postgres-database.ts";
import { blob, type Row, text } from "./row.ts";

/** Rows that are removed or replaced in one transaction. */
const STEP_ROWS = 1000;

const CLOSED = {
  name: "closed",
  text: "SELECT key_link FROM links WHERE end_ms <= $1 ORDER BY end_ms LIMIT $2",
};
/** All who lock links do so by name, and then lock values by space and digest: so no two wait for each other. */
const HOLD_LINKS = {
  name: "hold links",
  text: "SELECT FROM links WHERE key_link = ANY ($1::uuid[]) ORDER BY key_link FOR UPDATE",
};
const DELETE_LINKS = {
  name: "delete links",
  text: "DELETE FROM links WHERE key_link = ANY ($1::uuid[]) RETURNING digest, space",
};
const DELETE_SUBJECTS = {
  name: "delete subjects",
  text: "DELETE FROM subjects WHERE key_link = ANY ($1::uuid[])",
};
const VALUES = "unnest($1::bytea[], $2::integer[]) AS emptied (digest, space)";
const HOLD_VALUES = {
  name: "hold values",
  text: `
  SELECT FROM key_values JOIN (SELECT DISTINCT digest, space FROM ${VALUES}) emptied USING (digest, space)
  ORDER BY space, digest FOR UPDATE OF key_values`,
};
const DELETE_VALUES = {
  name: "delete values",
  text: `
  DELETE FROM key_values USING ${VALUES}
  WHERE key_values.digest = emptied.digest AND key_values.space = emptied.space
    AND NOT EXISTS (SELECT FROM links WHERE links.digest = key_values.digest AND links.space = key_values.space)`,
};

/** As `KeyStore.purge`. */
export async function purge(database: PostgresDatabase, closedBeforeMs: number): Promise<number> {
  let removed = 0;
  for (let more = true; more; ) {
    const closed = await database.ask(CLOSED, [closedBeforeMs, STEP_ROWS]);
    if (closed.length > 0)
      removed += await remove(
        database,
        closed.map((row) => text(row, "key_link")),
      );
    more = closed.length === STEP_ROWS;
  }
  return removed;
}

/** Several statements, since each sees what others did while the one before waited for them. */
function remove(database: PostgresDatabase, keyLinks: readonly string[]): Promise<number> {
  return database.transaction(async (ask) => {
    await ask(HOLD_LINKS, [keyLinks]);
    await ask(DELETE_SUBJECTS, [keyLinks]);
    const removed = await ask(DELETE_LINKS, [keyLinks]);
    const values = [removed.map((row) => blob(row, "digest")), removed.map((row) => row.space)];
    await ask(HOLD_VALUES, values);
    await ask(DELETE_VALUES, values);
    return removed.length;
  });
}

interface Wrapped {
  readonly table: string;
  readonly key: string;
  readonly type: string;
  readonly value: string;
  /** Comes before all keys. */
  readonly first: string;
}

const wrappedTables: readonly Wrapped[] = [
  {
    table: "links",
    key: "key_link",
    type: "uuid",
    value: "wrapped_secret",
    first: "00000000-0000-0000-0000-000000000000",
  },
  { table: "settings", key: "name", type: "text", value: "value", first: "" },
];

/** As `KeyStore.rewrap`. */
export async function rewrap(
  database: PostgresDatabase,
  change: (wrapped: Uint8Array) => Uint8Array,
): Promise<number> {
  let changed = 0;
  for (const table of wrappedTables) changed += await rewrapTable(database, table, change);
  return changed;
}

/** Looks at the rows without a lock, since after the first time hardly one is to be changed. */
async function rewrapTable(
  database: PostgresDatabase,
  { table, key, type, value, first }: Wrapped,
  change: (wrapped: Uint8Array) => Uint8Array,
): Promise<number> {
  const page = {
    name: `page of ${table}`,
    text: `SELECT ${key} AS id, ${value} AS value FROM ${table} WHERE ${key} > $1 ORDER BY ${key} LIMIT $2`,
  };
  // Only where it still is what was looked at: another runner may be doing the same.
  const replace = {
    name: `replace in ${table}`,
    text: `
    WITH stale AS (
      SELECT id, after FROM ${table} JOIN unnest($1::${type}[], $2::bytea[], $3::bytea[]) AS wanted (id, before, after)
        ON ${key} = id AND ${value} = before
      ORDER BY ${key} FOR NO KEY UPDATE OF ${table}
    )
    UPDATE ${table} SET ${value} = after FROM stale WHERE ${key} = id RETURNING 1`,
  };
  let changed = 0;
  for (let last = first, more = true; more; ) {
    const rows = await database.ask(page, [last, STEP_ROWS]);
    const stale = rows.map((row) => staleOf(row, change)).filter((each) => each !== undefined);
    if (stale.length > 0) {
      const replaced = await database.ask(replace, [
        stale.map(({ id }) => id),
        stale.map(({ before }) => before),
        stale.map(({ after }) => after),
      ]);
      changed += replaced.length;
    }
    last = text(rows.at(-1) ?? {}, "id");
    more = rows.length === STEP_ROWS;
  }
  return changed;
}

interface Stale {
  readonly id: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Undefined where the row stays as it is. */
function staleOf(row: Row, change: (wrapped: Uint8Array) => Uint8Array): Stale | undefined {
  const before = blob(row, "value");
  const after = change(before);
  return Buffer.compare(before, after) === 0 ? undefined : { id: text(row, "id"), before, after };
}
