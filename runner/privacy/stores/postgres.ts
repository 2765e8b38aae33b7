// The key store for runners on several machines: a schema of a PostgreSQL database.
import type { KeyStore, KeyStoreCounts, Link, LinkRequest, NewSecret, SubjectLink } from "../key-store.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { linksIn } from "./postgres-links.ts";
import type { PostgresOptions } from "./postgres-spec.ts";
import { preparePostgresTables } from "./postgres-tables.ts";
import { postgresTarget } from "./postgres-target.ts";
import { purge, rewrap } from "./postgres-upkeep.ts";
import { blob, namedLinkOf, number, text } from "./row.ts";

const BY_NAME = {
  name: "by name",
  text: `
  SELECT n, contract, scheme, key_link, start_ms, end_ms, wrapped_secret
  FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (key_link, n) JOIN links USING (key_link) JOIN spaces USING (space)`,
};
/** A link that is being removed is waited for, and gets no row that nobody would ever remove. */
const NOTE_SUBJECTS = {
  name: "note subjects",
  text: `
  WITH held AS (
    SELECT wanted.digest, wanted.contract, key_link
    FROM unnest($1::bytea[], $2::text[], $3::uuid[]) AS wanted (digest, contract, key_link) JOIN links USING (key_link)
    WHERE NOT EXISTS (
      SELECT FROM subjects
      WHERE subjects.digest = wanted.digest AND subjects.contract = wanted.contract AND subjects.key_link = wanted.key_link
    )
    ORDER BY key_link, wanted.digest, wanted.contract FOR KEY SHARE OF links
  )
  INSERT INTO subjects (digest, contract, key_link) SELECT digest, contract, key_link FROM held ON CONFLICT DO NOTHING`,
};
const LINKS_OF_SUBJECT = {
  text: `
  SELECT key_link FROM subjects JOIN links USING (key_link)
  WHERE subjects.digest = $1 AND subjects.contract = $2 ORDER BY start_ms, key_link`,
};
const SETTING = { text: "SELECT value FROM settings WHERE name = $1" };
const ADD_SETTING = { text: "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING" };
const COUNTS = {
  text: "SELECT (SELECT count(*) FROM links) AS links, (SELECT count(*) FROM subjects) AS subjects",
};

/** Opens the store, with its schema and tables made where they are missing. Throws `keys.*`. */
export async function openPostgresStore(options: PostgresOptions, baseDir: string): Promise<KeyStore> {
  const target = await postgresTarget(options, baseDir);
  const database = await PostgresDatabase.of(target);
  try {
    await preparePostgresTables(database, target.schema);
    return new PostgresStore(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

class PostgresStore implements KeyStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  links(requests: readonly LinkRequest[], newSecret: NewSecret): Promise<readonly Link[]> {
    return linksIn(this.#database, requests, newSecret);
  }

  async byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]> {
    // Names come out of events: what is no name of ours asks for nothing.
    const places = [...keyLinks.keys()].filter((place) => isName(keyLinks[place]!));
    const links: (Link | undefined)[] = keyLinks.map(() => undefined);
    if (places.length === 0) return links;
    const rows = await this.#database.ask(BY_NAME, [places.map((place) => keyLinks[place]!)]);
    for (const row of rows) links[places[number(row, "n") - 1]!] = namedLinkOf(row);
    return links;
  }

  async noteSubjects(subjects: readonly SubjectLink[]): Promise<void> {
    const named = subjects.filter(({ keyLink }) => isName(keyLink));
    if (named.length === 0) return;
    await this.#database.ask(NOTE_SUBJECTS, [
      named.map(({ digest }) => digest),
      named.map(({ contract }) => contract),
      named.map(({ keyLink }) => keyLink),
    ]);
  }

  async linksOfSubject(contract: string, digest: Uint8Array): Promise<readonly string[]> {
    const rows = await this.#database.ask(LINKS_OF_SUBJECT, [digest, contract]);
    return rows.map((row) => text(row, "key_link"));
  }

  purge(closedBeforeMs: number): Promise<number> {
    return purge(this.#database, closedBeforeMs);
  }

  async setting(name: string, value: Uint8Array): Promise<Uint8Array> {
    const [known] = await this.#database.ask(SETTING, [name]);
    if (known !== undefined) return blob(known, "value");
    await this.#database.ask(ADD_SETTING, [name, value]);
    const [stored] = await this.#database.ask(SETTING, [name]);
    return blob(stored ?? {}, "value");
  }

  rewrap(change: (wrapped: Uint8Array) => Uint8Array): Promise<number> {
    return rewrap(this.#database, change);
  }

  async counts(): Promise<KeyStoreCounts> {
    const [row] = await this.#database.ask(COUNTS);
    return { links: number(row ?? {}, "links"), subjects: number(row ?? {}, "subjects") };
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** A UUID as `randomUUID` writes it: others spell the same one otherwise, and mean no link of ours. */
function isName(keyLink: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keyLink);
}
