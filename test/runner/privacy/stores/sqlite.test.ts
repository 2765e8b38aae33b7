// The embedded store: the conformance suite, and what is SQLite's own.
import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { TransientFailure } from "../../../../runner/failure.ts";
import { openSqliteStore } from "../../../../runner/privacy/stores/sqlite.ts";
import { guarded } from "../../../../runner/privacy/stores/sqlite-failures.ts";
import { openSqliteFile } from "../../../../runner/privacy/stores/sqlite-file.ts";
import { keyStoreConformance } from "../../../conformance/key-store.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { digestOf, linkRequest, openKeyStore } from "../../../kit/key-stores.ts";

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
  // A run tries again by itself: no longer may it stand still.
  expect(pragma("busy_timeout")).toBe(500);
  expect(pragma("user_version")).toBe(2);
  database.close();
});

test("brings a store of the first version to the present one, with all that it holds", async () => {
  const path = join(emptyFolder(), "keys.db");
  const { contract, scheme, digest } = linkRequest(1, 0);
  const first = new DatabaseSync(path);
  first.exec(`CREATE TABLE links (
      key_link TEXT PRIMARY KEY, contract TEXT NOT NULL, scheme TEXT NOT NULL, digest BLOB NOT NULL,
      start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, wrapped_secret BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX links_by_value ON links (contract, scheme, digest, start_ms);
    CREATE INDEX links_by_end ON links (end_ms);
    CREATE TABLE subjects (
      contract TEXT NOT NULL, digest BLOB NOT NULL, key_link TEXT NOT NULL, PRIMARY KEY (contract, digest, key_link)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subjects_by_link ON subjects (key_link);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1`);
  const insert = first.prepare("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.run("old", contract, scheme, digest, 0, 1000, Uint8Array.of(7));
  insert.run("other", "acme/other/1.0.0", "strm", digest, 0, 1000, Uint8Array.of(8));
  first.exec("INSERT INTO subjects VALUES ('c', x'01', 'old'); INSERT INTO settings VALUES ('s', x'02')");
  first.close();
  const store = openSqliteStore(path);
  const secret = () => ({ keyLink: "new", wrappedSecret: Uint8Array.of(9) });
  expect(await store.links([linkRequest(1, 500), linkRequest(1, 1000)], secret)).toMatchObject([
    {
      keyLink: "old",
      startMs: 0,
      endMs: 1000,
      wrappedSecret: Uint8Array.of(7),
      created: false,
      rotated: false,
    },
    { keyLink: "new", startMs: 1000, created: true },
  ]);
  expect(await store.byName(["other"])).toMatchObject([{ contract: "acme/other/1.0.0", scheme: "strm" }]);
  expect(await store.linksOfSubject("c", Uint8Array.of(1))).toEqual(["old"]);
  expect(await store.setting("s", Uint8Array.of(3))).toEqual(Uint8Array.of(2));
  expect(await store.counts()).toEqual({ links: 3, subjects: 1 });
  await store.close();
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

/** How many transactions stand in the log since it was last begun anew: each ends with a frame that says how large the database is then. */
function transactionsIn(log: string): number {
  const bytes = readFileSync(log);
  const frameBytes = 24 + bytes.readUInt32BE(8);
  const salt = bytes.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frameBytes <= bytes.length; at += frameBytes) {
    if (!bytes.subarray(at + 8, at + 16).equals(salt)) break;
    if (bytes.readUInt32BE(at + 4) !== 0) commits++;
  }
  return commits;
}

/** The files as a process that is killed at this moment leaves them. */
function crashImage(path: string): string {
  const copy = join(emptyFolder(), "keys.db");
  for (const end of ["", "-wal"]) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  return copy;
}

test.each([1, 10, 1000])(
  "the %i new links of a batch are written in one transaction, known ones in none",
  async (count) => {
    const path = join(emptyFolder(), "keys.db");
    const store = openSqliteStore(path);
    const secrets = () => ({ keyLink: randomUUID(), wrappedSecret: new Uint8Array(61) });
    const requests = Array.from({ length: count }, (_, i) => linkRequest(i, 0));
    const before = transactionsIn(`${path}-wal`);
    await store.links(requests, secrets);
    expect(transactionsIn(`${path}-wal`)).toBe(before + 1);
    await store.links(requests, secrets);
    expect(transactionsIn(`${path}-wal`)).toBe(before + 1);
    await store.links([...requests, linkRequest(-1, 0), linkRequest(-2, 0)], secrets);
    expect(transactionsIn(`${path}-wal`)).toBe(before + 2);
    expect((await store.counts()).links).toBe(count + 2);
    await store.close();
  },
);

test("what was answered is on disk by then, whatever becomes of the process", async () => {
  const path = join(emptyFolder(), "keys.db");
  const store = openSqliteStore(path);
  const secrets = () => ({ keyLink: randomUUID(), wrappedSecret: new Uint8Array(61).fill(7) });
  const setting = await store.setting("s", Uint8Array.of(1, 2, 3));
  for (const [round, count] of [1, 300, 40].entries()) {
    const requests = Array.from({ length: count }, (_, i) => linkRequest(1000 * round + i, 0));
    const links = await store.links(requests, secrets);
    const subjects = links.map(({ keyLink }) => ({ contract: "c", digest: digestOf(round), keyLink }));
    const image = openSqliteStore(crashImage(path));
    expect(await image.links(requests, secrets)).toEqual(links.map((link) => ({ ...link, created: false })));
    await image.close();
    await store.noteSubjects(subjects);
    const later = openSqliteStore(crashImage(path));
    expect((await later.linksOfSubject("c", digestOf(round))).toSorted()).toEqual(
      links.map(({ keyLink }) => keyLink).toSorted(),
    );
    expect(await later.setting("s", Uint8Array.of(9))).toEqual(setting);
    await later.close();
  }
  await store.close();
});

test("what is known is found while another process writes", async () => {
  const path = join(emptyFolder(), "keys.db");
  const store = openSqliteStore(path);
  const setting = await store.setting("s", Uint8Array.of(1));
  const secrets = () => ({ keyLink: randomUUID(), wrappedSecret: new Uint8Array(61) });
  const [link] = await store.links([linkRequest(1, 0)], secrets);
  const other = openSqliteFile(path);
  other.exec("BEGIN IMMEDIATE");
  const later = openSqliteStore(path);
  expect(await later.setting("s", Uint8Array.of(2))).toEqual(setting);
  expect(await later.links([linkRequest(1, 0)], secrets)).toEqual([{ ...link, created: false }]);
  expect(await later.byName([link!.keyLink])).toEqual([{ ...link, created: false }]);
  other.exec("ROLLBACK");
  other.close();
  await later.close();
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
    expect(() => guarded(path, () => two.exec("BEGIN IMMEDIATE"))).toThrow(TransientFailure);
    one.exec("ROLLBACK");
    two.exec("PRAGMA max_page_count = 1");
    const fill = "INSERT INTO settings VALUES ('a', zeroblob(1000000))";
    expect(() => guarded(path, () => two.exec(fill))).toThrow(coded("keys.full"));
    expect(() => guarded(path, () => two.exec(fill))).not.toThrow(TransientFailure);
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
