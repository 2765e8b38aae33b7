// The tables of a PostgreSQL store: who makes them, what is refused, and with how few rights a runner does its work.
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { KeyStore } from "../../../../runner/privacy/key-store.ts";
import { migrations } from "../../../../runner/privacy/stores/postgres-tables.ts";
import { keyStoreConformance } from "../../../conformance/key-store.ts";
import { root } from "../../../kit/cli.ts";
import { codeOf } from "../../../kit/failures.ts";
import { DAY_MS, digestOf, linkRequest, openKeyStore } from "../../../kit/key-stores.ts";
import { havePostgres, sqlAt, testDatabase } from "../../../kit/postgres.ts";

const secret = () => ({ keyLink: randomUUID(), wrappedSecret: Uint8Array.of(1, 2, 3) });
const open = (url: string, schema: string): Promise<KeyStore> =>
  openKeyStore({ store: "postgres", options: { url, schema }, stateDir: "/" });
const page = readFileSync(join(root, "docs/postgres.md"), "utf8");
const [tablesSql = "", runnerSql = "", readerSql = ""] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(
  ([, sql]) => sql,
);

test("the page about PostgreSQL shows the tables as they are made", () => {
  const update = `UPDATE schema_version SET version = ${migrations.length};`;
  expect(tablesSql).toContain(`${migrations.join("\n")}\n${update}`);
});

describe.skipIf(!havePostgres())("with a server", () => {
  const database = testDatabase();

  test("runners that start at once make the tables once", async () => {
    const schema = database.schema();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(database.url(), schema)));
    const links = await Promise.all(stores.map((store) => store.links([linkRequest(1, 0)], secret)));
    expect(new Set(links.map(([link]) => link?.keyLink)).size).toBe(1);
    expect(await database.sql(`SELECT version FROM ${schema}.schema_version`)).toEqual([
      { version: migrations.length },
    ]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a migration that fails leaves nothing behind", async () => {
    const schema = database.schema();
    // Its name is taken: the index can't be made.
    await database.sql(`CREATE SCHEMA ${schema}; CREATE TYPE ${schema}.subjects_by_link AS (a int)`);
    await database.sql(`CREATE TABLE ${schema}.schema_version AS SELECT 0 AS version`);
    expect(await codeOf(open(database.url(), schema))).toBe("keys.failed");
    const rows = await database.sql(`SELECT to_regclass('${schema}.links') IS NULL AS none`);
    expect(rows).toEqual([{ none: true }]);
  });

  test("tables of a newer version are left alone", async () => {
    const schema = database.schema();
    await (await open(database.url(), schema)).close();
    await database.sql(`UPDATE ${schema}.schema_version SET version = 99`);
    expect(await codeOf(open(database.url(), schema))).toBe("keys.newer-version");
  });

  test("another program's schema is left alone", async () => {
    const schema = database.schema();
    await database.sql(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.links (url text)`);
    expect(await codeOf(open(database.url(), schema))).toBe("keys.corrupt");
    const rows = await database.sql(
      `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = '${schema}'`,
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  describe("with few rights", () => {
    const roles: string[] = [];
    afterAll(async () => {
      for (const role of roles) await database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });

    /** Runs the page's SQL for a schema and roles of the test's own; returns the URL of a role. */
    const withRoles = async (schema: string, ...sql: string[]): Promise<(role: string) => string> => {
      const suffix = randomBytes(4).toString("hex");
      const named = (text: string) =>
        text
          .replaceAll(/\bstrm\b(?!_)/g, schema)
          .replaceAll(/\bstrm_(runner|reader)\b/g, `strm_$1_${suffix}`)
          .replaceAll(/PASSWORD '[^']*'/g, `PASSWORD 'p${suffix}'`);
      for (const text of sql) {
        for (const [, role] of named(text).matchAll(/CREATE ROLE (\w+)/g)) roles.push(role!);
        await database.sql(named(text));
      }
      return (role) => {
        const url = new URL(database.url());
        url.username = `${role}_${suffix}`;
        url.password = `p${suffix}`;
        return url.href;
      };
    };

    describe("those of the page suffice for all that a store does", () => {
      keyStoreConformance(async () => {
        const schema = database.schema();
        const url = await withRoles(schema, tablesSql, runnerSql);
        return { store: "postgres", options: { url: url("strm_runner"), schema }, stateDir: "/" };
      });
    });

    test("a runner can't change or drop a table, or forge a window", async () => {
      const schema = database.schema();
      const url = (await withRoles(schema, tablesSql, runnerSql))("strm_runner");
      for (const sql of [
        `DROP TABLE ${schema}.links`,
        `ALTER TABLE ${schema}.links ADD x int`,
        `CREATE TABLE ${schema}.x ()`,
        `UPDATE ${schema}.links SET end_ms = 0`,
        `UPDATE ${schema}.schema_version SET version = 9`,
      ])
        await expect(sqlAt(url, sql), sql).rejects.toThrow(/permission denied|must be owner/);
    });

    test("whoever only reads finds keys by name, and makes none", async () => {
      const schema = database.schema();
      const url = await withRoles(schema, tablesSql, runnerSql, readerSql);
      const runner = await open(url("strm_runner"), schema);
      const setting = await runner.setting("s", Uint8Array.of(1));
      const [link] = await runner.links([linkRequest(1, 0)], secret);
      const reader = await open(url("strm_reader"), schema);
      expect(await reader.setting("s", Uint8Array.of(2))).toEqual(setting);
      expect(await reader.byName([link!.keyLink])).toEqual([{ ...link, created: false }]);
      expect(await reader.links([linkRequest(1, 0)], secret)).toEqual([{ ...link, created: false }]);
      expect(await reader.counts()).toEqual({ links: 1, subjects: 0 });
      const subject = { contract: "c", digest: digestOf(1), keyLink: link!.keyLink };
      for (const work of [
        () => reader.links([linkRequest(2, 0)], secret),
        () => reader.links([linkRequest(1, DAY_MS)], secret),
        () => reader.noteSubjects([subject]),
        () => reader.purge(2 * DAY_MS),
        () => reader.rewrap((wrapped) => Uint8Array.of(...wrapped, 1)),
        () => reader.setting("other", Uint8Array.of(1)),
      ])
        expect(await codeOf(work())).toBe("keys.denied");
      await runner.close();
      await reader.close();
    });

    test("where tables are missing and may not be made, that is said", async () => {
      const schema = database.schema();
      const url = (
        await withRoles(schema, `CREATE SCHEMA strm`, "CREATE ROLE strm_runner LOGIN PASSWORD ''")
      )("strm_runner");
      // Neither may it see the schema, nor make one.
      expect(await codeOf(open(url, schema))).toBe("keys.denied");
      expect(await codeOf(open(url, database.schema()))).toBe("keys.denied");
      await database.sql(`GRANT USAGE ON SCHEMA ${schema} TO ${new URL(url).username}`);
      expect(await codeOf(open(url, schema))).toBe("keys.denied");
    });
  });
});
