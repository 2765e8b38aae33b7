// The key ring over the embedded store: links, windows, rotation of the master key, removal, and what the file holds.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeyRing, type KeySpace } from "../../../runner/privacy/key-ring.ts";
import { readMasterKeys, stateMasterKeys } from "../../../runner/privacy/master-key.ts";
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
  const values = Array.from({ length: 200 }, (_, i) => ({
    kind: "value" as const,
    space,
    value: `v${i}`,
    timeMs: 0,
  }));
  const [a, b] = await Promise.all([one.resolve(values), two.resolve(values.toReversed())]);
  expect(b.toReversed().map((keys) => keys?.keyLink)).toEqual(a.map((keys) => keys?.keyLink));
  expect(one.created + two.created).toBe(200);
  const plain = Buffer.from("anna@example.org");
  const sealed = Buffer.alloc(200);
  const end = a[0]!.cipher(1, "email").seal(plain, 0, plain.length, sealed, 0);
  await one.close();
  await two.close();
  const later = await openRing(path);
  const [keys] = await later.resolve([{ kind: "link", keyLink: await linkOf(later, "v0", 0) }]);
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

test("the state folder's master key is made once, for its owner alone", async () => {
  const folder = emptyFolder();
  const both = await Promise.all([stateMasterKeys(folder), stateMasterKeys(folder)]);
  expect(both.filter(({ made }) => made).length).toBe(1);
  expect(statSync(join(folder, "master.jwk")).mode & 0o777).toBe(0o600);
  const jwe = await both[0].keys.sealEvent(Buffer.from('{"email":"anna"}'));
  expect(jwe.split(".").length).toBe(5);
  expect(Buffer.from(await both[1].keys.openEvent(jwe)).toString()).toBe('{"email":"anna"}');
  await expect(keysOf(jwk(3, "three")).openEvent(jwe)).rejects.toMatchObject({
    code: "keys.wrong-master-key",
  });
  for (const bad of ["", "[]", '{"keys":[]}', '{"kty":"RSA"}', '{"kty":"oct","k":"AA"}']) {
    expect(() => readMasterKeys(bad)).toThrow(expect.objectContaining({ code: "keys.bad-master-key" }));
  }
});
