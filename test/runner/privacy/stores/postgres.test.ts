// The PostgreSQL store: the conformance suite, how often it asks its server, and what stores do to each other.
import { randomInt, randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, test, vi } from "vitest";
import type { KeyStore, Link } from "../../../../runner/privacy/key-store.ts";
import { PostgresDatabase } from "../../../../runner/privacy/stores/postgres-database.ts";
import { postgresTarget } from "../../../../runner/privacy/stores/postgres-target.ts";
import { keyStoreConformance } from "../../../conformance/key-store.ts";
import { DAY_MS, digestOf, linkRequest, openKeyStore } from "../../../kit/key-stores.ts";
import { havePostgres, testDatabase } from "../../../kit/postgres.ts";

const secret = () => ({ keyLink: randomUUID(), wrappedSecret: new Uint8Array(61) });

describe.skipIf(!havePostgres())("with a server", () => {
  const database = testDatabase();
  const place = () => ({
    store: "postgres",
    options: { url: database.url(), schema: database.schema() },
    stateDir: "/",
  });

  describe("conformance", () => {
    keyStoreConformance(async () => place());
  });

  test("what a role has as its defaults makes keys no less durable, and changes nothing else", async () => {
    const name = new URL(database.url()).pathname.slice(1);
    await database.sql(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await database.sql(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const url = database.url();
    const options = { url, schema: "strm", connections: 1, connect_timeout: 5000, statement_timeout: 7000 };
    const connections = await PostgresDatabase.of(await postgresTarget(options, "/"));
    const setting = async (setting: string) =>
      (await connections.ask({ text: `SELECT current_setting('${setting}') AS value` }))[0]?.value;
    expect(await setting("synchronous_commit")).toBe("on");
    expect(await setting("transaction_isolation")).toBe("read committed");
    expect(await setting("statement_timeout")).toBe("7s");
    expect(await setting("idle_in_transaction_session_timeout")).toBe("7s");
    expect(await setting("search_path")).toBe("strm");
    await connections.close();
    await database.sql(`ALTER DATABASE ${name} RESET ALL`);
  });

  test("never opens more connections than it may", async () => {
    const where = place();
    const url = new URL(database.url());
    url.searchParams.set("application_name", where.options.schema);
    const store = await openKeyStore({
      ...where,
      options: { ...where.options, url: url.href, connections: 2 },
    });
    await Promise.all(Array.from({ length: 30 }, (_, i) => store.links([linkRequest(i, 0)], secret)));
    const rows = await database.sql(
      `SELECT FROM pg_stat_activity WHERE application_name = '${where.options.schema}'`,
    );
    expect(rows).toHaveLength(2);
    await store.close();
  });

  /** What is sent while `work` is done. */
  async function statements(work: () => Promise<unknown>): Promise<readonly string[]> {
    const spy = vi.spyOn(Client.prototype, "query");
    try {
      await work();
      return spy.mock.calls.map((call) => {
        const [asked]: unknown[] = call;
        const text = typeof asked === "object" && asked !== null && "text" in asked ? asked.text : asked;
        return String(text).trim().split(/\s/)[0]!;
      });
    } finally {
      spy.mockRestore();
    }
  }

  test("known values take one statement, new ones two, new windows a transaction", async () => {
    const store = await openKeyStore(place());
    await store.counts();
    const requests = Array.from({ length: 500 }, (_, i) => linkRequest(i, 0));
    const later = requests.map((request) => ({ ...request, timeMs: DAY_MS }));
    const ask = (asked: typeof requests) => statements(() => store.links(asked, secret));
    expect(await ask(requests)).toEqual(["SELECT", "WITH"]);
    expect(await ask(requests)).toEqual(["SELECT"]);
    expect(await ask([...requests, linkRequest(1000, 0), linkRequest(1000, 1)])).toEqual(["SELECT", "WITH"]);
    expect(await ask(later)).toEqual(["SELECT", "BEGIN", "SELECT", "SELECT", "INSERT", "COMMIT"]);
    expect(await ask([...requests, ...later])).toEqual(["SELECT"]);
    const links = await store.links(requests, secret);
    const names = links.map(({ keyLink }) => keyLink);
    expect(await statements(() => store.byName(names))).toEqual(["SELECT"]);
    // What no store of ours can have made is not even asked for.
    expect(await statements(() => store.byName(["x", "", names[0]!.toUpperCase()]))).toEqual([]);
    await store.close();
  });

  test("upkeep of many rows goes by small steps", async () => {
    const store = await openKeyStore(place());
    const requests = Array.from({ length: 20_000 }, (_, i) => linkRequest(i, 0));
    const links = await store.links(requests, secret);
    await store.noteSubjects(links.map(({ keyLink }) => ({ contract: "c", digest: digestOf(1), keyLink })));
    const asked = vi.spyOn(PostgresDatabase.prototype, "transaction");
    expect(await store.rewrap((wrapped) => wrapped.map((byte) => byte + 1))).toBe(20_000);
    // Nothing is left to do, so nothing is written.
    expect(await statements(() => store.rewrap((wrapped) => wrapped))).not.toContain("WITH");
    expect(await store.purge(DAY_MS)).toBe(20_000);
    expect(asked).toHaveBeenCalledTimes(20);
    asked.mockRestore();
    expect(await store.counts()).toEqual({ links: 0, subjects: 0 });
    await store.close();
  });

  test("stores that make, note, rewrap and purge all at once never wait for each other in a circle, and leave nothing behind", async () => {
    const where = place();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openKeyStore(where)));
    const deadlocks = async () =>
      Number(
        (
          await database.sql(
            "SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database WHERE datname = current_database()",
          )
        )[0]?.deadlocks,
      );
    const before = await deadlocks();
    const batch = () =>
      Array.from({ length: 40 }, () =>
        linkRequest(randomInt(60), randomInt(50) * DAY_MS, {
          scheme: randomInt(2) === 0 ? "strm" : "purpose_bound",
        }),
      );
    const note = (store: KeyStore, links: readonly Link[]) =>
      store.noteSubjects(
        links.map(({ keyLink }, i) => ({ contract: "c", digest: digestOf(i % 7), keyLink })),
      );
    const works = [
      async (store: KeyStore) => note(store, await store.links(batch(), secret)),
      async (store: KeyStore) => note(store, await store.links(batch(), secret)),
      (store: KeyStore) => store.purge(randomInt(50) * DAY_MS),
      (store: KeyStore) => store.rewrap((wrapped) => wrapped.map((byte) => byte ^ randomInt(2))),
    ];
    // Each store does two things at once.
    await Promise.all(
      [...stores, ...stores].map(async (store) => {
        for (let round = 0; round < 25; round++) await works[randomInt(works.length)]!(store);
      }),
    );
    const { schema } = where.options;
    const [orphans] = await database.sql(`
      SET search_path = ${schema};
      SELECT
        (SELECT count(*)::int FROM subjects LEFT JOIN links USING (key_link) WHERE links.key_link IS NULL) AS subjects,
        (SELECT count(*)::int FROM links LEFT JOIN key_values USING (digest, space) WHERE key_values.digest IS NULL) AS links,
        (SELECT count(*)::int FROM key_values k WHERE NOT EXISTS
          (SELECT FROM links WHERE links.digest = k.digest AND links.space = k.space)) AS key_values,
        (SELECT count(*)::int FROM links a JOIN links b USING (digest, space)
          WHERE a.key_link <> b.key_link AND a.start_ms < b.end_ms AND b.start_ms < a.end_ms) AS overlaps`);
    expect(orphans).toEqual({ subjects: 0, links: 0, key_values: 0, overlaps: 0 });
    expect(await deadlocks()).toBe(before);
    const [one] = stores;
    await one!.purge(100 * DAY_MS);
    expect(await one!.counts()).toEqual({ links: 0, subjects: 0 });
    await Promise.all(stores.map((store) => store.close()));
  });
});
