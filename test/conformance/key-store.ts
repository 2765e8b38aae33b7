// What every key store must do, wherever it keeps its keys.
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeyStore, Link, LinkRequest } from "../../runner/privacy/key-store.ts";
import {
  DAY_MS,
  digestOf,
  type GivenLink,
  linkRequest,
  openKeyStore,
  type RacePlan,
  type StorePlace,
} from "../kit/key-stores.ts";

const daily = { rotate: { kind: "daily" } } as const;
const newSecret = () => ({ keyLink: randomUUID(), wrappedSecret: Uint8Array.from(randomBytes(61)) });

async function linkAt(store: KeyStore, request: LinkRequest): Promise<Link> {
  const [link] = await store.links([request], newSecret);
  return link!;
}

/** `place` gives an empty store of its own for each test, and removes it afterwards. */
export function keyStoreConformance(place: () => Promise<StorePlace>): void {
  const stores = async (count: number): Promise<KeyStore[]> => {
    const where = await place();
    return Promise.all(Array.from({ length: count }, () => openKeyStore(where)));
  };
  const opened = async (): Promise<KeyStore> => (await stores(1))[0]!;

  test("makes a link once and finds it again, one answer a request, in order", async () => {
    const store = await opened();
    let made = 0;
    const counting = () => {
      made++;
      return newSecret();
    };
    const requests = [7, 3, 7, 9, 3].map((value) => linkRequest(value, 5));
    const first = await store.links(requests, counting);
    expect(made).toBe(3);
    expect(first.map((link) => link.created)).toEqual([true, true, false, true, false]);
    expect(first[2]).toEqual({ ...first[0], created: false });
    const again = await store.links(requests.toReversed(), counting);
    expect(made).toBe(3);
    expect(again.toReversed()).toEqual(first.map((link) => ({ ...link, created: false })));
    expect(first[0]).toMatchObject({
      contract: "acme/clicks/1.0.0",
      scheme: "purpose_bound",
      startMs: 5,
      endMs: 5 + DAY_MS,
    });
    expect(await store.links([], counting)).toEqual([]);
    await store.close();
  });

  test("tells a link that changes the keys of a value from its first, and from one for events that came late", async () => {
    const [store, other] = await stores(2);
    const rotatedAt = async (asked: KeyStore | undefined, ...times: readonly number[]) => {
      const requests = times.map((timeMs) => linkRequest(1, timeMs));
      return (await asked!.links(requests, newSecret)).map(({ created, rotated }) => [created, rotated]);
    };
    expect(await rotatedAt(store, 0)).toEqual([[true, false]]);
    expect(await rotatedAt(store, 1, DAY_MS, DAY_MS + 1)).toEqual([
      [false, false],
      [true, true],
      [false, false],
    ]);
    expect(await rotatedAt(other, 2 * DAY_MS)).toEqual([[true, true]]);
    expect(await rotatedAt(other, 2 * DAY_MS)).toEqual([[false, false]]);
    // Before all others: nothing was sealed with other keys by then.
    expect(await rotatedAt(store, -DAY_MS)).toEqual([[true, false]]);
    // Nothing is known of windows that were removed.
    await store!.purge(9 * DAY_MS);
    expect(await rotatedAt(store, 5 * DAY_MS)).toEqual([[true, false]]);
    await store!.close();
    await other!.close();
  });

  test("keeps contracts, schemes and values apart", async () => {
    const store = await opened();
    const requests = [
      linkRequest(1, 0),
      linkRequest(2, 0),
      linkRequest(1, 0, { scheme: "strm" }),
      linkRequest(1, 0, { contract: "acme/clicks/2.0.0" }),
    ];
    const links = await store.links(requests, newSecret);
    expect(new Set(links.map((link) => link.keyLink)).size).toBe(4);
    expect(links.map(({ scheme, contract }) => [scheme, contract])).toEqual(
      requests.map(({ scheme, contract }) => [scheme, contract]),
    );
    await store.close();
  });

  test("a span starts with its first event; late events find their window, or one that ends where the next starts", async () => {
    const store = await opened();
    const first = await linkAt(store, linkRequest(1, 100));
    expect((await linkAt(store, linkRequest(1, 99 + DAY_MS))).keyLink).toBe(first.keyLink);
    const second = await linkAt(store, linkRequest(1, 100 + DAY_MS));
    expect(second).toMatchObject({ created: true, startMs: 100 + DAY_MS, endMs: 100 + 2 * DAY_MS });
    const early = await linkAt(store, linkRequest(1, -50));
    expect(early).toMatchObject({ created: true, startMs: -50, endMs: 100 });
    expect((await linkAt(store, linkRequest(1, 99))).keyLink).toBe(early.keyLink);
    expect((await linkAt(store, linkRequest(1, 100))).keyLink).toBe(first.keyLink);
    const long = { rotate: { kind: "span", spanMs: 9 * DAY_MS } } as const;
    expect(await linkAt(store, linkRequest(1, -DAY_MS, long))).toMatchObject({
      startMs: -DAY_MS,
      endMs: -50,
    });
    await store.close();
  });

  test("daily windows are UTC days, before 1970 too, and stay clear of spans", async () => {
    const store = await opened();
    expect(await linkAt(store, linkRequest(1, DAY_MS + 5, daily))).toMatchObject({
      startMs: DAY_MS,
      endMs: 2 * DAY_MS,
    });
    expect(await linkAt(store, linkRequest(1, -1, daily))).toMatchObject({ startMs: -DAY_MS, endMs: 0 });
    expect(await linkAt(store, linkRequest(1, -DAY_MS, daily))).toMatchObject({ created: false });
    const noon = DAY_MS / 2;
    await linkAt(store, linkRequest(2, noon));
    expect(await linkAt(store, linkRequest(2, noon - 1, daily))).toMatchObject({ startMs: 0, endMs: noon });
    const after = await linkAt(store, linkRequest(2, noon + DAY_MS, daily));
    expect(after).toMatchObject({ startMs: noon + DAY_MS, endMs: 2 * DAY_MS });
    await store.close();
  });

  test("whatever is asked in whatever order, windows hold their moment and never overlap", async () => {
    const [one, two] = await stores(2);
    let value = 0;
    const ask = fc.record({
      timeMs: fc.integer({ min: -30, max: 30 }),
      span: fc.integer({ min: 1, max: 20 }),
      other: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 12 }), async (asks) => {
        value++;
        const links = new Map<string, Link>();
        for (const { timeMs, span, other } of asks) {
          const rotate = { kind: "span", spanMs: span } as const;
          const link = await linkAt(other ? one! : two!, linkRequest(value, timeMs, { rotate }));
          expect(link.startMs <= timeMs && timeMs < link.endMs).toBe(true);
          links.set(link.keyLink, link);
        }
        const windows = [...links.values()].sort((a, b) => a.startMs - b.startMs);
        windows.slice(1).forEach((window, i) => {
          expect(windows[i]!.endMs).toBeLessThanOrEqual(window.startMs);
        });
      }),
      { numRuns: 60 },
    );
    await one!.close();
    await two!.close();
  });

  test("gives links by name, in order, and nothing for names it lacks", async () => {
    const store = await opened();
    const [a, b] = await store.links([linkRequest(1, 0), linkRequest(2, 0)], newSecret);
    const found = await store.byName([b!.keyLink, "unknown", a!.keyLink, b!.keyLink]);
    const plain = (link: Link | undefined) => link && { ...link, created: false };
    expect(found).toEqual([plain(b), undefined, plain(a), plain(b)]);
    await store.close();
  });

  test("notes subjects once and lists their links, oldest window first", async () => {
    const store = await opened();
    const links = await store.links([linkRequest(1, 5 * DAY_MS), linkRequest(2, 0)], newSecret);
    const [late, early] = links.map((link) => link.keyLink);
    const contract = "acme/clicks/1.0.0";
    const anna = { contract, digest: digestOf(77) };
    await store.noteSubjects([
      { ...anna, keyLink: late! },
      { ...anna, keyLink: early! },
    ]);
    await store.noteSubjects([
      { ...anna, keyLink: late! },
      { ...anna, keyLink: "removed" },
    ]);
    await store.noteSubjects([]);
    expect(await store.linksOfSubject(contract, anna.digest)).toEqual([early, late]);
    expect(await store.linksOfSubject("acme/other/1.0.0", anna.digest)).toEqual([]);
    expect(await store.linksOfSubject(contract, digestOf(78))).toEqual([]);
    expect(await store.counts()).toEqual({ links: 2, subjects: 2 });
    await store.close();
  });

  test("removes closed windows with their subjects, and no others", async () => {
    const store = await opened();
    const [old, kept] = await store.links([linkRequest(1, 0), linkRequest(1, DAY_MS)], newSecret);
    const contract = "acme/clicks/1.0.0";
    await store.noteSubjects(
      [old!, kept!].map(({ keyLink }) => ({ contract, digest: digestOf(7), keyLink })),
    );
    expect(await store.purge(DAY_MS - 1)).toBe(0);
    expect(await store.purge(DAY_MS)).toBe(1);
    expect(await store.byName([old!.keyLink])).toEqual([undefined]);
    expect(await store.linksOfSubject(contract, digestOf(7))).toEqual([kept!.keyLink]);
    expect(await store.counts()).toEqual({ links: 1, subjects: 1 });
    const again = await linkAt(store, linkRequest(1, 0));
    expect(again.created).toBe(true);
    expect(again.keyLink).not.toBe(old!.keyLink);
    await store.close();
  });

  test("removes and rewraps more rows than fit one step", async () => {
    const store = await opened();
    await store.links(
      Array.from({ length: 2500 }, (_, i) => linkRequest(i, 0)),
      newSecret,
    );
    const [link] = await store.links([linkRequest(9, 0)], newSecret);
    expect(await store.rewrap((wrapped) => Uint8Array.of(...wrapped, 1))).toBe(2500);
    expect((await linkAt(store, linkRequest(9, 0))).wrappedSecret).toEqual(
      Uint8Array.of(...link!.wrappedSecret, 1),
    );
    expect(await store.purge(DAY_MS)).toBe(2500);
    expect(await store.counts()).toEqual({ links: 0, subjects: 0 });
    await store.close();
  });

  test("a setting is set once", async () => {
    const [one, two] = await stores(2);
    const [a, b] = await Promise.all([
      one!.setting("s", Uint8Array.of(1)),
      two!.setting("s", Uint8Array.of(2)),
    ]);
    expect(a).toEqual(b);
    expect(await two!.setting("s", Uint8Array.of(3))).toEqual(a);
    expect(await two!.setting("other", Uint8Array.of(3))).toEqual(Uint8Array.of(3));
    await one!.close();
    await two!.close();
  });

  test("rewraps secrets and settings, and says how many it changed", async () => {
    const store = await opened();
    const [link] = await store.links([linkRequest(1, 0), linkRequest(2, 0)], newSecret);
    await store.setting("s", Uint8Array.of(5));
    const flip = (wrapped: Uint8Array) => wrapped.map((byte) => byte ^ 255);
    expect(await store.rewrap((wrapped) => (wrapped.length === 1 ? wrapped : flip(wrapped)))).toBe(2);
    expect(await store.rewrap((wrapped) => (wrapped.length === 1 ? flip(wrapped) : wrapped))).toBe(1);
    expect((await store.byName([link!.keyLink]))[0]?.wrappedSecret).toEqual(flip(link!.wrappedSecret));
    expect(await store.setting("s", Uint8Array.of(9))).toEqual(Uint8Array.of(250));
    await store.close();
  });

  test("closes twice without a complaint", async () => {
    const store = await opened();
    await store.close();
    await store.close();
  });

  test("what was answered is there for the next one to open", async () => {
    const where = await place();
    const store = await openKeyStore(where);
    const link = await linkAt(store, linkRequest(1, 0));
    // Opened while the first is still there: nothing may wait for a close to be durable.
    const other = await openKeyStore(where);
    expect(await linkAt(other, linkRequest(1, 0))).toEqual({ ...link, created: false });
    await store.close();
    await other.close();
    const later = await openKeyStore(where);
    expect(await linkAt(later, linkRequest(1, 0))).toEqual({ ...link, created: false });
    await later.close();
  });

  test("processes that race on a new store end with the same links", async () => {
    const where = await place();
    const results = await race(where, 3, { values: 200 });
    const names = results.map((given) => given.map(({ keyLink }) => keyLink));
    expect(new Set(names[0]).size).toBe(200);
    for (const each of names) expect(each).toEqual(names[0]);
    expect(results.flat().filter(({ created }) => created)).toHaveLength(200);
    const store = await openKeyStore(where);
    expect(await store.counts()).toEqual({ links: 200, subjects: 0 });
    await store.close();
  }, 60_000);

  test("processes that race for the same values at random moments never get windows that overlap", async () => {
    const where = await place();
    const plan = { values: 12, random: { batches: 60, withinMs: 400 } };
    const given = (await race(where, 4, plan)).flat();
    expect(given).toHaveLength(4 * 60 * 8);
    expectDisjoint(given);
    const store = await openKeyStore(where);
    const names = new Set(given.map(({ keyLink }) => keyLink));
    expect((await store.counts()).links).toBe(names.size);
    expect(given.filter(({ created }) => created)).toHaveLength(names.size);
    await store.close();
  }, 60_000);
}

/** Each holds its moment, and of one value none overlaps another. */
function expectDisjoint(given: readonly GivenLink[]): void {
  for (const { timeMs, startMs, endMs } of given) expect(startMs <= timeMs && timeMs < endMs).toBe(true);
  for (const ofValue of Map.groupBy(given, ({ value }) => value).values()) {
    const windows = new Map(ofValue.map(({ keyLink, startMs, endMs }) => [keyLink, { startMs, endMs }]));
    for (const { keyLink, startMs, endMs } of ofValue)
      expect(windows.get(keyLink)).toEqual({ startMs, endMs });
    const sorted = [...windows.values()].sort((a, b) => a.startMs - b.startMs);
    sorted.slice(1).forEach(({ startMs }, i) => {
      expect(sorted[i]!.endMs).toBeLessThanOrEqual(startMs);
    });
  }
}

/** Lets processes of their own ask for the same values, all from the same moment on. */
async function race(
  where: StorePlace,
  processes: number,
  plan: RacePlan,
): Promise<readonly (readonly GivenLink[])[]> {
  const script = fileURLToPath(new URL("../kit/key-store-process.ts", import.meta.url));
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, [script, JSON.stringify(where), JSON.stringify(plan)], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const outputs = children.map(async (child) => {
    let text = "";
    for await (const chunk of child.stdout) text += String(chunk);
    return text;
  });
  await Promise.all(
    children.map(
      (child) => new Promise((resolve) => child.stdout.once("data", resolve).once("end", resolve)),
    ),
  );
  for (const child of children) child.stdin.end();
  return (await Promise.all(outputs)).map((text) => JSON.parse(text.replace("ready\n", "")));
}
