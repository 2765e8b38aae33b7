// Key stores are tried without making anything: a file, or a schema of a real database as roles with other rights see it.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPostgresStore } from "../../../../runner/privacy/stores/postgres.ts";
import { openSqliteStore } from "../../../../runner/privacy/stores/sqlite.ts";
import { tryPostgres, trySqlite } from "../../../../runner/privacy/stores/try-stores.ts";
import { emptyFolder, filesBelow } from "../../../kit/folder.ts";
import { havePostgres, testDatabase } from "../../../kit/postgres.ts";

describe("a key store in a file", () => {
  test("that is not there yet needs a folder that can be written to, and is not made", () => {
    const folder = emptyFolder();
    expect(trySqlite(join(folder, "deep/er/keys.db"))).toBe("a run will make its file");
    expect(filesBelow(folder).size).toBe(0);
    expect(existsSync(join(folder, "deep"))).toBe(false);
  });

  test("that is there is looked at", async () => {
    const path = join(emptyFolder(), "keys.db");
    await (await openSqliteStore(path)).close();
    expect(trySqlite(path)).toBe("the file is there and can be written to");
  });

  test("whose path can't be one", () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "file"), "no database, but a text of some length\n".repeat(50));
    expect(() => trySqlite(join(folder, "file"))).toThrow(expect.objectContaining({ code: "keys.corrupt" }));
    expect(() => trySqlite(join(folder, "file/keys.db"))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^keys\./) }),
    );
    mkdirSync(join(folder, "keys.db"));
    expect(() => trySqlite(join(folder, "keys.db"))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^keys\./) }),
    );
  });
});

describe.skipIf(!havePostgres())("a key store in PostgreSQL", () => {
  const database = testDatabase();
  const optionsOf = (url: string, schema: string) => ({
    url,
    schema,
    connections: 2,
    connect_timeout: 5000,
    statement_timeout: 5000,
  });
  const as = (role: string) => {
    const url = new URL(database.url());
    url.username = role;
    url.password = "word";
    return url.toString();
  };

  test("answers, and nothing is made in it", async () => {
    const schema = database.schema();
    const options = optionsOf(database.url(), schema);
    expect(await tryPostgres(options, "/")).toBe("the database answers; a run will make its tables");
    const [found] = await database.sql(`SELECT to_regnamespace('${schema}') IS NULL AS none`);
    expect(found).toEqual({ none: true });
    await (await openPostgresStore(options, "/")).close();
    expect(await tryPostgres(options, "/")).toBe("the database answers, with its tables");
  });

  test("is refused to a role that may neither use its tables nor make them", async () => {
    const schema = database.schema();
    await (await openPostgresStore(optionsOf(database.url(), schema), "/")).close();
    const role = `guest_${schema}`;
    await database.sql(
      `CREATE ROLE ${role} LOGIN PASSWORD 'word'; GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    );
    await expect(tryPostgres(optionsOf(as(role), schema), "/")).rejects.toMatchObject({
      code: "keys.denied",
      message: expect.stringContaining("may not be read or added to"),
    });
    await expect(tryPostgres(optionsOf(as(role), database.schema()), "/")).rejects.toMatchObject({
      code: "keys.denied",
      message: expect.stringContaining("are missing, and may not be made"),
    });
    await database.sql(`GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    expect(await tryPostgres(optionsOf(as(role), schema), "/")).toBe("the database answers, with its tables");
    await database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  test("that can't be reached is told", async () => {
    await expect(tryPostgres(optionsOf("postgres://u:w@127.0.0.1:1/d", "keys"), "/")).rejects.toMatchObject({
      code: "keys.unreachable",
    });
  });
});
