// The connections to PostgreSQL: statements, transactions, and sessions that are set up as the key store needs them.
import type { ClientBase, Pool } from "pg";
import { guarded } from "./postgres-failures.ts";
import type { PostgresTarget } from "./postgres-target.ts";
import type { Row } from "./row.ts";

export interface Statement {
  readonly text: string;
  /** Given where it is planned once a connection; without, it is planned anew for the sizes of each batch. */
  readonly name?: string;
}

export type Ask = (statement: Statement, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** The server ends a statement that takes too long; only where nothing of it is heard is the connection dropped. */
const SILENCE_MS = 2000;
const IDLE_MS = 10_000;

const SETUP = `
  SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS setting (name, value)`;

export class PostgresDatabase {
  readonly place: string;
  readonly #pool: Pool;
  #closed = false;

  private constructor(pool: Pool, place: string) {
    this.#pool = pool;
    this.place = place;
  }

  /** Opens no connection yet. */
  static async of(target: PostgresTarget): Promise<PostgresDatabase> {
    const { Pool } = await import("pg");
    const { host, port, user, database, tls } = target;
    const pool = new Pool({
      host,
      port,
      user,
      database,
      // An empty one is never right, and keeps the driver from looking elsewhere.
      password: target.password ?? "",
      ssl: tls,
      application_name: target.applicationName,
      max: target.connections,
      connectionTimeoutMillis: target.connectTimeoutMs,
      query_timeout: target.statementTimeoutMs + SILENCE_MS,
      idleTimeoutMillis: IDLE_MS,
      keepAlive: true,
      onConnect: (client) => setUp(client, target),
    });
    // An idle connection that breaks is dropped by the pool, and nobody has lost anything.
    pool.on("error", () => {});
    return new PostgresDatabase(pool, target.place);
  }

  /** A transaction of its own. Throws `keys.*`. */
  readonly ask: Ask = (statement, values = []) =>
    guarded(this.place, async () => {
      const { rows } = await this.#pool.query<Row>({ ...statement, values: [...values] });
      return rows;
    });

  /** One transaction; it is durable when this resolves. Whatever fails undoes all of it. Throws `keys.*`. */
  transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    return guarded(this.place, async () => {
      const client = await this.#pool.connect();
      // What breaks between two statements is told by the next one.
      const ignore = () => {};
      client.on("error", ignore);
      try {
        await client.query("BEGIN");
        const result = await work(async (statement, values = []) => {
          const { rows } = await client.query<Row>({ ...statement, values: [...values] });
          return rows;
        });
        await client.query("COMMIT");
        client.release();
        return result;
      } catch (error) {
        // Closing the connection undoes the transaction, also where no statement would get through any more.
        client.release(true);
        throw error;
      } finally {
        client.off("error", ignore);
      }
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }
}

/** Nothing of what the role or the database has as its defaults may make keys less durable, or change what a transaction sees. */
async function setUp(client: ClientBase, { schema, statementTimeoutMs }: PostgresTarget): Promise<void> {
  const settings = {
    search_path: schema,
    synchronous_commit: "on",
    default_transaction_isolation: "read committed",
    statement_timeout: String(statementTimeoutMs),
    // A runner that is frozen must not hold others up.
    idle_in_transaction_session_timeout: String(statementTimeoutMs),
    // Statements are short, and their plans known.
    jit: "off",
  };
  await client.query(SETUP, [Object.keys(settings), Object.values(settings)]);
}
