// The key ring over the embedded store: links, windows, rotation of the master key, removal, and what the file holds.
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { LinkSecret } from "../../../runner/kernel/kernel.ts";
import { KeyRing, type KeySpace, type RingRequest } from "../../../runner/privacy/key-ring.ts";
import type { KeyStore } from "../../../runner/privacy/key-store.ts";
import { LinkTable } from "../../../runner/privacy/link-table.ts";
import { readMasterKeys } from "../../../runner/privacy/master-key.ts";
import { openSqliteStore } from "../../../runner/privacy/stores/sqlite.ts";
import { emptyFolder } from "../../kit/folder.ts";
import { MemoryStore } from "../../kit/memory-store.ts";
import { fieldCipher, openText, sealText } from "../../kit/siv.ts";
import { WatchedStore } from "../../kit/watched-store.ts";

const hourMs = 3_600_000;
const space: KeySpace = {
  contract: "acme/clicks/1.0.0",
  scheme: "purpose_bound",
  rotate: { kind: "span", spanMs: 24 * hourMs },
};
const daily: KeySpace = { ...space, scheme: "strm", rotate: { kind: "daily" } };
const jwk = (byte: number, kid: string) => ({
  kty: "oct",
  k: Buffer.alloc(32, byte).toString("base64url"),
  kid,
});
const keysOf = (...jwks: object[]) =>
  readMasterKeys(JSON.stringify(jwks.length === 1 ? jwks[0] : { keys: jwks }));

const ofValue = (value: string | null, timeMs = 0, within = space): RingRequest => ({
  kind: "value",
  space: within,
  value,
  timeMs,
});

/** Requests for `name-0`, `name-1`, … */
const values = (name: string, count: number): RingRequest[] =>
  Array.from({ length: count }, (_, i) => ofValue(`${name}-${i}`));

async function openRing(path: string, master = keysOf(jwk(1, "one")), maxLinks = 1000) {
  return KeyRing.open(openSqliteStore(path), master, { maxLinks });
}

/** A ring, and the store behind it with an eye on it. */
async function openWatched(store: KeyStore, maxLinks: number) {
  const watched = new WatchedStore(store);
  const ring = await KeyRing.open(watched, keysOf(jwk(1, "one")), { maxLinks });
  return { ring, watched };
}

/** How many of these the ring had at hand, and did not ask the store for. */
async function held({ ring, watched }: Awaited<ReturnType<typeof openWatched>>, requests: RingRequest[]) {
  watched.take();
  await ring.resolve(requests);
  return watched.take().reduce((rest, { count }) => rest - count, requests.length);
}

async function linkOf(ring: KeyRing, value: string | null, timeMs: number, within = space): Promise<string> {
  const [first, again] = [
    await ring.resolve([ofValue(value, timeMs, within)]),
    await ring.resolve([ofValue(value, timeMs, within)]),
  ];
  // What comes out of memory is what came out of the store.
  expect(again).toEqual(first);
  return first[0]?.keyLink ?? "";
}

const emailOf = (link: LinkSecret) => fieldCipher(link, "purpose_bound", 1, "email");

test("a window starts with its first event, and late events find theirs", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"));
  const first = await linkOf(ring, "a", 100 * hourMs);
  expect(await linkOf(ring, "a", 123 * hourMs)).toBe(first);
  const second = await linkOf(ring, "a", 124 * hourMs);
  expect(second).not.toBe(first);
  expect(await linkOf(ring, "a", 100 * hourMs)).toBe(first);
  // An event from before the first window gets one that ends where that starts.
  const early = await linkOf(ring, "a", 90 * hourMs);
  expect(new Set([first, second, early]).size).toBe(3);
  expect(await linkOf(ring, "a", 100 * hourMs - 1)).toBe(early);
  expect(await linkOf(ring, "a", 100 * hourMs)).toBe(first);
  expect(await linkOf(ring, "b", 100 * hourMs)).not.toBe(first);
  expect(await linkOf(ring, null, 100 * hourMs)).not.toBe(await linkOf(ring, "", 100 * hourMs));
  expect(ring.created).toBe(6);
  expect(ring.rotated).toBe(1);
  await ring.close();
});

test("daily windows are UTC days, also before 1970", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"));
  const day = await linkOf(ring, "a", 24 * hourMs, daily);
  expect(await linkOf(ring, "a", 48 * hourMs - 1, daily)).toBe(day);
  expect(await linkOf(ring, "a", 48 * hourMs, daily)).not.toBe(day);
  const before = await linkOf(ring, "a", -1, daily);
  expect(await linkOf(ring, "a", -24 * hourMs, daily)).toBe(before);
  await ring.close();
});

test("two rings on one file end with one link, and a new process finds it", async () => {
  const path = join(emptyFolder(), "keys.db");
  const [one, two] = await Promise.all([openRing(path), openRing(path)]);
  const wanted = values("v", 200);
  const [a, b] = await Promise.all([one.resolve(wanted), two.resolve(wanted.toReversed())]);
  expect(b.toReversed().map((keys) => keys?.keyLink)).toEqual(a.map((keys) => keys?.keyLink));
  expect(one.created + two.created).toBe(200);
  const sealed = sealText(emailOf(a[0]!), "anna@example.org");
  await one.close();
  await two.close();
  const later = await openRing(path);
  const [keys] = await later.resolve([{ kind: "link", keyLink: await linkOf(later, "v-0", 0) }]);
  expect(openText(emailOf(keys!), sealed)).toBe("anna@example.org");
  expect(openText(fieldCipher(keys!, "purpose_bound", 2, "email"), sealed)).toBeUndefined();
  expect(openText(fieldCipher(keys!, "purpose_bound", 1, "name"), sealed)).toBeUndefined();
  expect(await later.resolve([{ kind: "link", keyLink: "unknown" }])).toEqual([undefined]);
  await later.close();
});

test("new links are on disk when they are handed out: a crash right then loses none", async () => {
  const path = join(emptyFolder(), "keys.db");
  const ring = await openRing(path);
  for (const name of ["one", "two"]) {
    const links = await ring.resolve(values(name, 100));
    // The files as a process that is killed at this moment leaves them.
    const copy = join(emptyFolder(), "keys.db");
    for (const end of ["", "-wal"]) copyFileSync(path + end, copy + end);
    const later = await openRing(copy);
    expect(await later.resolve(values(name, 100))).toEqual(links);
    expect(later.created).toBe(0);
    await later.close();
  }
  await ring.close();
});

test("the file holds neither values nor secrets, and only its owner may read it", async () => {
  const folder = emptyFolder();
  const path = join(folder, "keys.db");
  const ring = await openRing(path);
  const link = await linkOf(ring, "session-of-anna", 0);
  await ring.noteSubjects([{ contract: space.contract, value: "anna@example.org", keyLink: link }]);
  expect(await ring.linksOfSubject(space.contract, "anna@example.org")).toEqual([link]);
  expect(await ring.linksOfSubject("acme/other/1.0.0", "anna@example.org")).toEqual([]);
  await ring.close();
  const content = readFileSync(path);
  for (const text of ["session-of-anna", "anna"]) expect(content.includes(text)).toBe(false);
  expect(content.includes(link)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a master key is replaced by a set with the new one first; another one is refused", async () => {
  const path = join(emptyFolder(), "keys.db");
  const before = await openRing(path, keysOf(jwk(1, "one")));
  const link = await linkOf(before, "a", 0);
  await before.close();
  await expect(openRing(path, keysOf(jwk(2, "two")))).rejects.toMatchObject({
    code: "keys.wrong-master-key",
  });
  const during = await openRing(path, keysOf(jwk(2, "two"), jwk(1, "one")));
  await during.close();
  const after = await openRing(path, keysOf(jwk(2, "two")));
  expect(await linkOf(after, "a", 0)).toBe(link);
  await after.close();
  await expect(openRing(path, keysOf(jwk(1, "one")))).rejects.toMatchObject({
    code: "keys.wrong-master-key",
  });
});

test("keys are gone for good when `retain` is over", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"));
  const old = await linkOf(ring, "a", 0);
  const kept = await linkOf(ring, "a", 30 * hourMs);
  await ring.noteSubjects([{ contract: space.contract, value: "anna", keyLink: old }]);
  expect(await ring.purge(10 * hourMs, 34 * hourMs)).toBe(1);
  expect(await ring.resolve([{ kind: "link", keyLink: old }])).toEqual([undefined]);
  expect(await ring.linksOfSubject(space.contract, "anna")).toEqual([]);
  expect(await linkOf(ring, "a", 30 * hourMs)).toBe(kept);
  // Memory has let go of it too: an event of that time gets keys of its own.
  expect(await linkOf(ring, "a", 0)).not.toBe(old);
  await ring.close();
});

describe("the links at hand", () => {
  test("stay within their bound, and what was let go comes back the same", async () => {
    const opened = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 100);
    const { ring } = opened;
    const [first] = await ring.resolve([ofValue("v0")]);
    for (let batch = 0; batch < 10; batch++) {
      await ring.resolve(Array.from({ length: 60 }, (_, i) => ofValue(`v${batch * 60 + i}`)));
    }
    expect(await held(opened, [ofValue("v0")])).toBe(0);
    expect(await ring.resolve([ofValue("v0")])).toEqual([first]);
    await ring.close();
  });

  test("are no more than that when ten thousand values pass, each of which keeps its link", async () => {
    const maxLinks = 500;
    const opened = await openWatched(new MemoryStore(), maxLinks);
    const { ring, watched } = opened;
    const all = values("session", 10_000);
    const links: string[] = [];
    for (let at = 0; at < all.length; at += 100) {
      const answers = await ring.resolve(all.slice(at, at + 100));
      links.push(...answers.map((link) => link?.keyLink ?? ""));
    }
    expect(watched.take()).toEqual(new Array(100).fill({ method: "links", count: 100 }));
    expect(new Set(links).size).toBe(all.length);
    expect(ring.created).toBe(all.length);
    // Asked for all in one batch, it looks at what it holds before it takes up anything.
    const again = await ring.resolve(all);
    const [asked, ...more] = watched.take();
    expect(more).toEqual([]);
    expect(all.length - (asked?.count ?? 0)).toBe(maxLinks);
    expect(again.map((link) => link?.keyLink)).toEqual(links);
    expect(ring.created).toBe(all.length);
    // And a batch of more than the bound leaves no more behind than others do.
    await ring.resolve([]);
    expect(await held(opened, all)).toBe(maxLinks);
    await ring.close();
  });

  test("are spared while they are in use", async () => {
    const opened = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 100);
    const { ring } = opened;
    await ring.resolve([ofValue("busy")]);
    for (let batch = 0; batch < 20; batch++) {
      expect(await held(opened, [ofValue("busy")])).toBe(1);
      await ring.resolve(values(`b${batch}`, 60));
    }
    expect(await held(opened, [ofValue("b19-1")])).toBe(1);
    expect(await held(opened, [ofValue("b0-1")])).toBe(0);
    await ring.close();
  });

  test("can still seal once they were let go: a batch may hold them", async () => {
    const opened = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 10);
    const { ring } = opened;
    const [made] = await ring.resolve(values("held", 1));
    const [found] = await ring.resolve(values("held", 1));
    const sealed = sealText(emailOf(made!), "x");
    for (let batch = 0; batch < 3; batch++) await ring.resolve(values(`b${batch}`, 20));
    expect(await held(opened, values("held", 1))).toBe(0);
    for (const link of [made!, found!]) expect(sealText(emailOf(link), "x")).toBe(sealed);
    await ring.close();
  });
});

describe("a batch", () => {
  test.each([1, 7, 5000])("of %i values asks the store once", async (count) => {
    const { ring, watched } = await openWatched(new MemoryStore(), 10_000);
    const links = await ring.resolve(values("v", count));
    expect(watched.take()).toEqual([{ method: "links", count }]);
    // Once they are known, not even that; and only for what is new.
    expect(await ring.resolve(values("v", count))).toEqual(links);
    expect(watched.take()).toEqual([]);
    await ring.resolve([...values("w", 3), ...values("v", count)]);
    expect(watched.take()).toEqual([{ method: "links", count: 3 }]);
    await ring.close();
  });

  test("of links by name asks once, and again for those that the store lacked", async () => {
    const { ring, watched } = await openWatched(new MemoryStore(), 10_000);
    const made = await ring.resolve(values("v", 200));
    const named: RingRequest[] = made.map((link) => ({ kind: "link", keyLink: link!.keyLink }));
    const lacking: RingRequest[] = ["a", "b"].map((keyLink) => ({ kind: "link", keyLink }));
    watched.take();
    expect(await ring.resolve([...named, ...lacking])).toEqual([...made, undefined, undefined]);
    expect(watched.take()).toEqual([{ method: "byName", count: 202 }]);
    await ring.resolve([...named, ...lacking]);
    expect(watched.take()).toEqual([{ method: "byName", count: 2 }]);
    await ring.close();
  });

  test("of many moments asks once where each value has them in one window", async () => {
    const { ring, watched } = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 1000);
    const moments = Array.from({ length: 3000 }, (_, i) => ofValue(`v${i % 50}`, i * 1000));
    const links = await ring.resolve(moments);
    expect(watched.take()).toEqual([{ method: "links", count: 50 }]);
    expect(new Set(links.map((link) => link?.keyLink)).size).toBe(50);
    await ring.close();
  });

  test("of many windows asks twice at most, and each moment is in its own", async () => {
    const { ring, watched } = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 1000);
    const moments = Array.from({ length: 600 }, (_, i) => ofValue(`v${i % 5}`, i * hourMs));
    const links = await ring.resolve(moments);
    // The first of each value, and then those that its window does not hold.
    expect(watched.take()).toEqual([
      { method: "links", count: 5 },
      { method: "links", count: 600 - 5 * 5 },
    ]);
    links.forEach((link, i) => {
      expect(link!.startMs <= i * hourMs && i * hourMs < link!.endMs).toBe(true);
    });
    expect(new Set(links.map((link) => link?.keyLink)).size).toBe(ring.created);
    await ring.close();
  });
});

test("closing overwrites the keys at hand and the ring's own secrets", async () => {
  const added = vi.spyOn(LinkTable.prototype, "add");
  const ring = await openRing(join(emptyFolder(), "keys.db"));
  const links = await ring.resolve(values("a", 3));
  const [table] = added.mock.contexts;
  const rows = added.mock.results.map(({ value }) => Number(value));
  added.mockRestore();
  if (!(table instanceof LinkTable)) throw new Error("the ring has no table");
  const secrets = rows.map((row) =>
    table.page(row).bytes.subarray(table.secretAt(row), table.secretAt(row) + 32),
  );
  expect(secrets.map((secret) => Buffer.from(secret))).toEqual(
    links.map((link) => Buffer.from(link!.secret)),
  );
  const { nonceSecret } = ring;
  expect(nonceSecret.some((byte) => byte !== 0)).toBe(true);
  await ring.close();
  expect(nonceSecret.every((byte) => byte === 0)).toBe(true);
  for (const secret of secrets) expect(secret.every((byte) => byte === 0)).toBe(true);
});

test("nonce secret and digests are the store's: the same for every ring, and not another store's", async () => {
  const path = join(emptyFolder(), "keys.db");
  const [one, two, other] = [
    await openRing(path),
    await openRing(path),
    await openRing(join(emptyFolder(), "keys.db")),
  ];
  expect(one.nonceSecret.length).toBe(32);
  expect(Buffer.from(one.nonceSecret)).toEqual(Buffer.from(two.nonceSecret));
  expect(Buffer.from(one.nonceSecret)).not.toEqual(Buffer.from(other.nonceSecret));
  for (const ring of [one, two, other]) await ring.close();
});

test("a subject is written once for a link, however often it is noted", async () => {
  const { ring, watched } = await openWatched(openSqliteStore(join(emptyFolder(), "keys.db")), 1000);
  const [a, b] = await ring.resolve(values("v", 2));
  watched.take();
  const note = (value: string, link: LinkSecret | undefined) =>
    ring.noteSubjects([{ contract: space.contract, value, keyLink: link!.keyLink }]);
  for (let i = 0; i < 3; i++) {
    await note("anna", a);
    await note("anna", b);
    await note("bob", a);
  }
  expect(watched.take()).toEqual(new Array(3).fill({ method: "noteSubjects", count: 1 }));
  expect((await ring.linksOfSubject(space.contract, "anna")).toSorted()).toEqual(
    [a!.keyLink, b!.keyLink].toSorted(),
  );
  await ring.close();
});

test("a link that a runner with the old master key adds during a rotation is rewrapped at the next start", async () => {
  const path = join(emptyFolder(), "keys.db");
  const old = await openRing(path, keysOf(jwk(1, "one")));
  await linkOf(old, "a", 0);
  const rotating = await openRing(path, keysOf(jwk(2, "two"), jwk(1, "one")));
  const late = await linkOf(old, "late", 0);
  await old.close();
  await rotating.close();
  await (await openRing(path, keysOf(jwk(2, "two"), jwk(1, "one")))).close();
  const after = await openRing(path, keysOf(jwk(2, "two")));
  expect(await linkOf(after, "late", 0)).toBe(late);
  await after.close();
});
