// Get-or-create of a batch's key links in PostgreSQL: known ones by one statement, those of new values by one more.
import { TransientFailure } from "../../failure.ts";
import type { Link, LinkRequest, NewSecret } from "../key-store.ts";
import { newWindow } from "../windows.ts";
import type { Ask, PostgresDatabase } from "./postgres-database.ts";
import { blob, linkOf, number, type Space } from "./row.ts";

const COLUMNS = "key_link, start_ms, end_ms, wrapped_secret";
const OF_VALUE = "links.digest = wanted.digest AND links.space = spaces.space";
const BEFORE = `SELECT ${COLUMNS} FROM links WHERE ${OF_VALUE} AND start_ms <= wanted.time_ms ORDER BY start_ms DESC LIMIT 1`;
const AFTER = `SELECT ${COLUMNS} FROM links WHERE ${OF_VALUE} AND start_ms > wanted.time_ms ORDER BY start_ms LIMIT 1`;
const of = (lateral: string) => `
  SELECT n, found.* FROM spaces, unnest($3::bytea[], $4::bigint[]) WITH ORDINALITY AS wanted (digest, time_ms, n), LATERAL (${lateral}) found
  WHERE contract = $1 AND scheme = $2`;

/** Of each moment of a value the last link that starts by then, whether or not it still lasts. */
const FIND = { name: "find", text: of(BEFORE) };
/** Of each moment that link and the first one that starts later. */
const AROUND = { name: "around", text: of(`(${BEFORE}) UNION ALL (${AFTER})`) };

/**
 * The first links of values. Of two who make one for the same value at once, one waits for the other and makes none: a value's row can
 * be added once. Rows are added in the order of the digests, so that no two wait for each other. Not prepared: how many rows there are
 * decides how they are best joined.
 */
const ADD_FIRST = {
  text: `
  WITH known AS (SELECT space FROM spaces WHERE contract = $1 AND scheme = $2),
    added AS (
      INSERT INTO spaces (contract, scheme) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT DO NOTHING RETURNING space
    ),
    wanted AS (
      SELECT * FROM unnest($3::bytea[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bytea[])
        AS wanted (digest, start_ms, end_ms, key_link, wrapped_secret)
    ),
    fresh AS (
      INSERT INTO key_values (digest, space)
      SELECT digest, space FROM wanted, (SELECT space FROM known UNION ALL SELECT space FROM added) target ORDER BY digest
      ON CONFLICT DO NOTHING RETURNING digest, space
    )
  INSERT INTO links (digest, space, start_ms, end_ms, key_link, wrapped_secret)
  SELECT digest, space, start_ms, end_ms, key_link, wrapped_secret FROM fresh JOIN wanted USING (digest)
  RETURNING key_link`,
};

/** Who adds a window to a value that has some holds the value's row meanwhile, so that windows never overlap. */
const HOLD = {
  name: "hold",
  text: `
  SELECT digest FROM key_values JOIN spaces USING (space) WHERE contract = $1 AND scheme = $2 AND digest = ANY ($3::bytea[])
  ORDER BY digest FOR UPDATE OF key_values`,
};
const ADD_MORE = {
  name: "add",
  text: `
  INSERT INTO links (digest, space, start_ms, end_ms, key_link, wrapped_secret)
  SELECT added.digest, space, added.start_ms, added.end_ms, added.key_link, added.wrapped_secret
  FROM spaces, unnest($3::bytea[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bytea[])
    AS added (digest, start_ms, end_ms, key_link, wrapped_secret)
  WHERE contract = $1 AND scheme = $2`,
};

/** A value's row can go again while one waits for it, when its last link is purged: hardly twice in a row. */
const MAX_ROUNDS = 5;

/** One answer a request, in order. Each contract and scheme is a transaction of its own, or two. Throws `keys.*`. */
export async function linksIn(
  database: PostgresDatabase,
  requests: readonly LinkRequest[],
  newSecret: NewSecret,
): Promise<readonly Link[]> {
  const batches = new Map<string, Batch>();
  const batchOf = requests.map((request) => {
    const space = `${request.scheme} ${request.contract}`;
    const batch = batches.get(space) ?? new Batch(database, request, newSecret);
    batches.set(space, batch);
    return { batch, place: batch.add(request) };
  });
  for (const batch of batches.values()) await batch.resolve();
  return batchOf.map(({ batch, place }) => batch.answer(place));
}

/** A request without an answer yet; `value` is its digest, as a text to look up by. */
interface Open {
  readonly request: LinkRequest;
  readonly place: number;
  readonly value: string;
}

/** The requests of one contract and scheme. */
class Batch {
  readonly #database: PostgresDatabase;
  readonly #space: Space;
  readonly #newSecret: NewSecret;
  readonly #answers: Link[] = [];
  #open: Open[] = [];
  #places = 0;

  constructor(database: PostgresDatabase, { contract, scheme }: Space, newSecret: NewSecret) {
    this.#database = database;
    this.#space = { contract, scheme };
    this.#newSecret = newSecret;
  }

  /** Returns the place of its answer. */
  add(request: LinkRequest): number {
    const place = this.#places++;
    this.#open.push({ request, place, value: Buffer.from(request.digest).toString("latin1") });
    return place;
  }

  answer(place: number): Link {
    return this.#answers[place]!;
  }

  async resolve(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const known = await this.#find();
      if (this.#open.length === 0) return;
      await this.#addFirst(known);
      if (this.#open.length > 0) await this.#addMore();
      if (this.#open.length === 0) return;
    }
    throw new TransientFailure(
      "keys.busy",
      `The key store ${this.#database.place} removes the values that keys are asked for, again and again.`,
      "Look how many runners purge the store at once.",
    );
  }

  /** Answers what lasts, without a lock. Returns the values that have an earlier link, which are no new ones. */
  async #find(): Promise<ReadonlySet<string>> {
    const asked = this.#open;
    const known = new Set<string>();
    for (const row of await this.#database.ask(FIND, this.#moments(asked))) {
      const open = asked[number(row, "n") - 1]!;
      known.add(open.value);
      const link = linkOf(row, this.#space);
      if (holds(link, open)) this.#answers[open.place] = link;
    }
    this.#keepOpen();
    return known;
  }

  /** Makes the links of values that nobody has met before. */
  async #addFirst(known: ReadonlySet<string>): Promise<void> {
    const firsts = new Map<string, { readonly open: Open; readonly link: Link }>();
    for (const open of this.#open) {
      if (known.has(open.value) || firsts.has(open.value)) continue;
      firsts.set(open.value, { open, link: this.#newLink(open.request, undefined, undefined) });
    }
    if (firsts.size === 0) return;
    const rows = await this.#database.ask(ADD_FIRST, this.#columns([...firsts.values()]));
    const added = new Set(rows.map((row) => row.key_link));
    for (const open of this.#open) {
      const first = firsts.get(open.value);
      if (first === undefined || !added.has(first.link.keyLink) || !holds(first.link, open)) continue;
      this.#answers[open.place] = first.open === open ? first.link : { ...first.link, created: false };
    }
    this.#keepOpen();
  }

  /** Makes further links of values, each beside those that its value has by then. */
  #addMore(): Promise<void> {
    return this.#database
      .transaction(async (ask) => {
        const digests = this.#open.map(({ request }) => request.digest);
        const held = await ask(HOLD, [...this.#spaceValues(), digests]);
        const values = new Set(held.map((row) => Buffer.from(blob(row, "digest")).toString("latin1")));
        const asked = this.#open.filter(({ value }) => values.has(value));
        const windows = await this.#windowsAround(ask, asked);
        const answers = asked.map((open) => ({
          open,
          link: this.#linkAmong(windows.get(open.value) ?? [], open),
        }));
        const made = answers.filter(({ link }) => link.created);
        if (made.length > 0) await ask(ADD_MORE, this.#columns(made));
        return answers;
      })
      .then((answers) => {
        // Only now are they durable.
        for (const { open, link } of answers) this.#answers[open.place] = link;
        this.#keepOpen();
      });
  }

  /** By value; what a value is asked for more than once may come more than once. */
  async #windowsAround(ask: Ask, asked: readonly Open[]): Promise<ReadonlyMap<string, Link[]>> {
    const windows = new Map<string, Link[]>(asked.map(({ value }) => [value, []]));
    for (const row of await ask(AROUND, this.#moments(asked))) {
      windows.get(asked[number(row, "n") - 1]!.value)!.push(linkOf(row, this.#space));
    }
    return windows;
  }

  /** The link that holds the moment, or a new one, which is added to `windows`. */
  #linkAmong(windows: Link[], { request }: Open): Link {
    const { timeMs } = request;
    const earlier = windows.filter(({ startMs }) => startMs <= timeMs);
    const holding = earlier.find(({ endMs }) => endMs > timeMs);
    if (holding !== undefined) return { ...holding, created: false, rotated: false };
    const later = windows.filter(({ startMs }) => startMs > timeMs);
    const beforeMs = earlier.length === 0 ? undefined : Math.max(...earlier.map(({ endMs }) => endMs));
    const afterMs = later.length === 0 ? undefined : Math.min(...later.map(({ startMs }) => startMs));
    const link = this.#newLink(request, beforeMs, afterMs);
    windows.push(link);
    return link;
  }

  #newLink({ rotate, timeMs }: LinkRequest, beforeMs: number | undefined, afterMs: number | undefined): Link {
    const window = newWindow(rotate, timeMs, beforeMs, afterMs);
    const rotated = beforeMs !== undefined;
    return { ...this.#newSecret(), ...this.#space, ...window, created: true, rotated };
  }

  #spaceValues(): readonly unknown[] {
    return [this.#space.contract, this.#space.scheme];
  }

  #moments(asked: readonly Open[]): readonly unknown[] {
    return [
      ...this.#spaceValues(),
      asked.map(({ request }) => request.digest),
      asked.map(({ request }) => request.timeMs),
    ];
  }

  #columns(added: readonly { readonly open: Open; readonly link: Link }[]): readonly unknown[] {
    return [
      ...this.#spaceValues(),
      added.map(({ open }) => open.request.digest),
      added.map(({ link }) => link.startMs),
      added.map(({ link }) => link.endMs),
      added.map(({ link }) => link.keyLink),
      added.map(({ link }) => link.wrappedSecret),
    ];
  }

  #keepOpen(): void {
    this.#open = this.#open.filter(({ place }) => this.#answers[place] === undefined);
  }
}

function holds({ startMs, endMs }: Link, { request }: Open): boolean {
  return startMs <= request.timeMs && request.timeMs < endMs;
}
