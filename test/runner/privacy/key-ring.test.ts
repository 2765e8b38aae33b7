// The key ring over the embedded store: links, windows, rotation of the master key, removal, and what the file holds.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeyRing, type KeySpace, type RingRequest } from "../../../runner/privacy/key-ring.ts";
import type { KeyStore } from "../../../runner/privacy/key-store.ts";
import type { LinkKeys } from "../../../runner/privacy/link-keys.ts";
import { readMasterKeys } from "../../../runner/privacy/master-key.ts";
import { openSqliteStore } from "../../../runner/privacy/stores/sqlite.ts";
import { emptyFolder } from "../../kit/folder.ts";

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

/** Requests for `name-0`, `name-1`, … */
const values = (name: string, count: number): RingRequest[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "value", space, value: `${name}-${i}`, timeMs: 0 }));

async function openRing(path: string, master = keysOf(jwk(1, "one")), maxLinks = 1000) {
  return KeyRing.open(openSqliteStore(path), master, { maxLinks });
}

async function linkOf(ring: KeyRing, value: string | null, timeMs: number, within = space): Promise<string> {
  const known = ring.find(within, value, timeMs);
  const [resolved] = await ring.resolve([{ kind: "value", space: within, value, timeMs }]);
  if (known !== undefined) expect(resolved).toBe(known);
  return resolved?.keyLink ?? "";
}

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
  const plain = Buffer.from("anna@example.org");
  const sealed = Buffer.alloc(200);
  const end = a[0]!.cipher(1, "email").seal(plain, 0, plain.length, sealed, 0);
  await one.close();
  await two.close();
  const later = await openRing(path);
  const [keys] = await later.resolve([{ kind: "link", keyLink: await linkOf(later, "v-0", 0) }]);
  const opened = Buffer.alloc(100);
  expect(opened.toString("utf8", 0, keys!.cipher(1, "email").open(sealed, 0, end, opened, 0))).toBe(
    "anna@example.org",
  );
  expect(keys!.cipher(2, "email").open(sealed, 0, end, opened, 0)).toBe(-1);
  expect(keys!.cipher(1, "name").open(sealed, 0, end, opened, 0)).toBe(-1);
  expect(await later.resolve([{ kind: "link", keyLink: "unknown" }])).toEqual([undefined]);
  await later.close();
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
  const path = join(emptyFolder(), "keys.db");
  const ring = await openRing(path);
  const old = await linkOf(ring, "a", 0);
  const kept = await linkOf(ring, "a", 30 * hourMs);
  await ring.noteSubjects([{ contract: space.contract, value: "anna", keyLink: old }]);
  expect(await ring.purge(10 * hourMs, 34 * hourMs)).toBe(1);
  expect(ring.find(space, "a", 0)).toBeUndefined();
  expect(await ring.resolve([{ kind: "link", keyLink: old }])).toEqual([undefined]);
  expect(await ring.linksOfSubject(space.contract, "anna")).toEqual([]);
  expect(await linkOf(ring, "a", 30 * hourMs)).toBe(kept);
  await ring.close();
});

test("the cache stays within its bound, and what was let go comes back the same", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"), keysOf(jwk(1, "one")), 100);
  const first = await linkOf(ring, "v0", 0);
  for (let batch = 0; batch < 10; batch++) {
    await ring.resolve(
      Array.from({ length: 60 }, (_, i) => ({
        kind: "value",
        space,
        value: `v${batch * 60 + i}`,
        timeMs: 0,
      })),
    );
  }
  expect(ring.find(space, "v0", 0)).toBeUndefined();
  expect(await linkOf(ring, "v0", 0)).toBe(first);
  await ring.close();
});

test("keys in use are spared when others are let go", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"), keysOf(jwk(1, "one")), 100);
  await linkOf(ring, "busy", 0);
  for (let batch = 0; batch < 20; batch++) {
    expect(ring.find(space, "busy", 0)).toBeDefined();
    await ring.resolve(values(`b${batch}`, 60));
  }
  expect(ring.find(space, "b0-1", 0)).toBeUndefined();
  expect(ring.find(space, "b19-1", 0)).toBeDefined();
  await ring.close();
});

test("keys that were let go can still seal: a batch may hold them", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"), keysOf(jwk(1, "one")), 10);
  const [held] = await ring.resolve(values("held", 1));
  for (let batch = 0; batch < 3; batch++) await ring.resolve(values(`b${batch}`, 20));
  expect(ring.find(space, "held-0", 0)).toBeUndefined();
  const cipher = held!.cipher(1, "a");
  expect(cipher.seal(Buffer.from("x"), 0, 1, Buffer.alloc(99), 0)).toBe(cipher.sealedLength(1));
  await ring.close();
});

test("closing overwrites the keys at hand and the ring's own secrets", async () => {
  const ring = await openRing(join(emptyFolder(), "keys.db"));
  const [keys] = await ring.resolve(values("a", 1));
  const cipher = keys!.cipher(1, "a");
  const { nonceSecret } = ring;
  expect(nonceSecret.some((byte) => byte !== 0)).toBe(true);
  await ring.close();
  expect(nonceSecret.every((byte) => byte === 0)).toBe(true);
  expect(() => cipher.seal(Buffer.from("x"), 0, 1, Buffer.alloc(99), 0)).toThrow();
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
  const store = openSqliteStore(join(emptyFolder(), "keys.db"));
  let written = 0;
  const counting: KeyStore = {
    links: (requests, newSecret) => store.links(requests, newSecret),
    byName: (keyLinks) => store.byName(keyLinks),
    noteSubjects: (subjects) => {
      written += subjects.length;
      return store.noteSubjects(subjects);
    },
    linksOfSubject: (contract, digest) => store.linksOfSubject(contract, digest),
    purge: (closedBeforeMs) => store.purge(closedBeforeMs),
    setting: (name, value) => store.setting(name, value),
    rewrap: (change) => store.rewrap(change),
    counts: () => store.counts(),
    close: () => store.close(),
  };
  const ring = await KeyRing.open(counting, keysOf(jwk(1, "one")));
  const [a, b] = await ring.resolve(values("v", 2));
  const note = (value: string, keys: LinkKeys | undefined) =>
    ring.noteSubjects([{ contract: space.contract, value, keyLink: keys!.keyLink }]);
  for (let i = 0; i < 3; i++) {
    await note("anna", a);
    await note("anna", b);
    await note("bob", a);
  }
  expect(written).toBe(3);
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
