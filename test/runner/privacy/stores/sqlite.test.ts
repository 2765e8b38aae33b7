// The embedded store: the conformance suite, and what is SQLite's own.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openSqliteStore } from "../../../../runner/privacy/stores/sqlite.ts";
import { guarded } from "../../../../runner/privacy/stores/sqlite-failures.ts";
import { openSqliteFile } from "../../../../runner/privacy/stores/sqlite-file.ts";
import { keyStoreConformance } from "../../../conformance/key-store.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { linkRequest, openKeyStore } from "../../../kit/key-stores.ts";

describe("conformance", () => {
  keyStoreConformance(async () => ({ store: "sqlite", options: {}, stateDir: emptyFolder() }));
});

const coded = (code: string) => expect.objectContaining({ name: "StrmFailure", code });

test("stands in the state folder unless it has a path", async () => {
  const stateDir = emptyFolder();
  await (await openKeyStore({ store: "sqlite", options: {}, stateDir })).close();
  await (await openKeyStore({ store: "sqlite", options: { path: "a/b.db" }, stateDir })).close();
  expect(statSync(join(stateDir, "keys.db")).isFile()).toBe(true);
  expect(statSync(join(stateDir, "a/b.db")).isFile()).toBe(true);
});

test("is set up so that what was committed survives a loss of power", () => {
  const database = openSqliteFile(join(emptyFolder(), "keys.db"));
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect(pragma("journal_mode")).toBe("wal");
  expect(pragma("synchronous")).toBe(2);
  expect(pragma("secure_delete")).toBe(1);
  expect(pragma("busy_timeout")).toBe(15_000);
  expect(pragma("user_version")).toBe(1);
  database.close();
});

test("the database and its logs are their owner's alone", async () => {
  const path = join(emptyFolder(), "keys.db");
  const store = openSqliteStore(path);
  await store.links([linkRequest(1, 0)], () => ({ keyLink: "k", wrappedSecret: Uint8Array.of(1) }));
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    expect(statSync(file).mode & 0o777, file).toBe(0o600);
  await store.close();
});

test("a batch is one transaction: where one request fails, none was made", async () => {
  const store = openSqliteStore(join(emptyFolder(), "keys.db"));
  const same = () => ({ keyLink: "same", wrappedSecret: Uint8Array.of(1) });
  await expect(store.links([linkRequest(1, 0), linkRequest(2, 0)], same)).rejects.toThrow(
    coded("keys.failed"),
  );
  expect(await store.counts()).toEqual({ links: 0, subjects: 0 });
  // And the store is not stuck within that transaction.
  expect(await store.links([linkRequest(1, 0)], same)).toMatchObject([{ created: true }]);
  await store.close();
});

describe("failures say what is wrong", () => {
  test("a file of a newer version", () => {
    const path = join(emptyFolder(), "keys.db");
    const database = openSqliteFile(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openSqliteStore(path)).toThrow(coded("keys.newer-version"));
  });

  test("a file that is no database, a damaged one, another program's", () => {
    const folder = emptyFolder();
    writeFileSync(
      join(folder, "text.db"),
      "This is no database, but a text that is long enough.\n".repeat(30),
    );
    expect(() => openSqliteStore(join(folder, "text.db"))).toThrow(coded("keys.corrupt"));
    const other = new DatabaseSync(join(folder, "other.db"));
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
    expect(() => openSqliteStore(join(folder, "other.db"))).toThrow(coded("keys.corrupt"));
    const check = new DatabaseSync(join(folder, "other.db"));
    expect(check.prepare("SELECT count(*) AS n FROM sqlite_schema").get()).toEqual({ n: 1 });
    check.close();
  });

  test("a path that is a folder, or leads through a file", () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "keys.db"));
    expect(() => openSqliteStore(join(folder, "keys.db"))).toThrow(coded("keys.denied"));
    writeFileSync(join(folder, "file"), "");
    expect(() => openSqliteStore(join(folder, "file/keys.db"))).toThrow(coded("keys.failed"));
  });

  test("a lock, a full disk, a read-only file", () => {
    const path = join(emptyFolder(), "keys.db");
    const one = openSqliteFile(path);
    const two = openSqliteFile(path);
    two.exec("PRAGMA busy_timeout = 0");
    one.exec("BEGIN IMMEDIATE");
    expect(() => guarded(path, () => two.exec("BEGIN IMMEDIATE"))).toThrow(coded("keys.locked"));
    one.exec("ROLLBACK");
    two.exec("PRAGMA max_page_count = 1");
    const fill = "INSERT INTO settings VALUES ('a', zeroblob(1000000))";
    expect(() => guarded(path, () => two.exec(fill))).toThrow(coded("keys.full"));
    const reader = new DatabaseSync(path, { readOnly: true });
    expect(() => guarded(path, () => reader.exec(fill))).toThrow(coded("keys.denied"));
    for (const database of [reader, two, one]) database.close();
  });

  test("a bug is not dressed up as a failure", () => {
    const bug = new TypeError("x is undefined");
    expect(() =>
      guarded("keys.db", () => {
        throw bug;
      }),
    ).toThrow(bug);
  });
});
