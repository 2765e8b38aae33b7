// The table of links against a plain list: right about what it holds, within its bound, and what goes is overwritten.
import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinkSecret } from "../../../runner/kernel/kernel.ts";
import { FINGERPRINT_WORDS } from "../../../runner/privacy/fingerprint.ts";
import { KEY_LINK_BYTES, LinkTable, type Page } from "../../../runner/privacy/link-table.ts";

const MAX_LINKS = 8;
const OWN_WORDS = 3;
const WINDOW_MS = 10;

/** What a link is found by: few of these, so that they meet again, and some with the same hash. */
interface Place {
  readonly tag: number;
  readonly print: readonly number[];
  readonly window: number;
}

interface Held extends Place {
  readonly link: LinkSecret;
  readonly serial: number;
  batch: number;
}

const newLink = (window: number): LinkSecret => ({
  keyLink: randomUUID(),
  startMs: window * WINDOW_MS - 15,
  endMs: (window + 1) * WINDOW_MS - 15,
  secret: new Uint8Array(randomBytes(32)),
});

const printOf = ({ print }: Place) => Int32Array.from(print);
const isAt = (one: Place, other: Place) =>
  one.tag === other.tag && one.print.join() === other.print.join() && one.window === other.window;
const zeros = (bytes: Uint8Array | Int32Array, from: number, size: number) =>
  bytes.subarray(from, from + size).every((each) => each === 0);

/** A table, and beside it a list of what it should hold, which learns what is let go from the table alone. */
class Model {
  readonly held = new Map<number, Held>();
  readonly table = new LinkTable(MAX_LINKS, OWN_WORDS, (row) => this.#removed(row));
  /** Rows that were let go, with the memory they stood in. */
  #gone: { readonly row: number; readonly page: Page }[] = [];
  #batch = 0;

  begin(): void {
    this.#batch++;
    this.table.begin();
    expect(this.held.size).toBeLessThanOrEqual(MAX_LINKS);
    this.#checkGone();
  }

  /** Finds what there is, or adds it. */
  use(place: Place): void {
    const { table, held } = this;
    const timeMs = place.window * WINDOW_MS - 15 + (place.window % WINDOW_MS);
    const known = [...held].find(([, other]) => isAt(place, other));
    const row = table.find(place.tag, printOf(place), timeMs);
    expect(row).toBe(known?.[0] ?? -1);
    if (known !== undefined) known[1].batch = this.#batch;
    else this.#add(place);
    this.#checkGone();
    this.#checkAll();
  }

  removeClosed(closedBeforeMs: number): void {
    this.table.removeClosed(closedBeforeMs);
    for (const { link } of this.held.values()) expect(link.endMs).toBeGreaterThan(closedBeforeMs);
    this.#checkGone();
    this.#checkAll();
  }

  clear(): void {
    this.table.clear();
    expect(this.held.size).toBe(0);
    this.#checkGone();
  }

  #add(place: Place): void {
    const { table, held } = this;
    const link = newLink(place.window);
    const inUse = [...held.values()].filter(({ batch }) => batch === this.#batch);
    const before = held.size;
    const row = table.add(place.tag, printOf(place), link);
    expect(held.has(row)).toBe(false);
    // One that the batch uses stays, and without need none goes.
    for (const each of inUse) expect([...held.values()]).toContain(each);
    expect(held.size).toBe(before < MAX_LINKS || inUse.length >= MAX_LINKS ? before : before - 1);
    const serial = table.serial(row);
    for (const other of held.values()) expect(other.serial).not.toBe(serial);
    held.set(row, { ...place, link, serial, batch: this.#batch });
    // What the owner keeps beside a link starts at zero, whoever had the row before.
    const { words } = table.page(row);
    expect(zeros(words, table.ownAt(row), OWN_WORDS)).toBe(true);
    words.fill(-1, table.ownAt(row), table.ownAt(row) + OWN_WORDS);
  }

  #removed(row: number): void {
    const held = this.held.get(row);
    if (held === undefined) throw new Error("a row was let go twice, or was never in use");
    // It is told before it is overwritten: the owner may have to look it up.
    expect(this.table.link(row)).toEqual(held.link);
    this.held.delete(row);
    this.#gone.push({ row, page: this.table.page(row) });
  }

  #checkGone(): void {
    for (const { row, page } of this.#gone) {
      if (this.held.has(row)) continue;
      expect(zeros(page.bytes, this.table.secretAt(row), 32)).toBe(true);
      expect(zeros(page.bytes, this.table.keyLinkAt(row), KEY_LINK_BYTES)).toBe(true);
      expect(zeros(page.words, this.table.ownAt(row), OWN_WORDS)).toBe(true);
    }
    this.#gone = [];
  }

  #checkAll(): void {
    const { table } = this;
    for (const [row, { link, serial, print }] of this.held) {
      expect(table.link(row)).toEqual(link);
      expect(table.keyLink(row)).toBe(link.keyLink);
      expect(table.serial(row)).toBe(serial);
      expect(print.length).toBe(FINGERPRINT_WORDS);
      const own = table.page(row).words.subarray(table.ownAt(row), table.ownAt(row) + OWN_WORDS);
      expect([...own]).toEqual(new Array(OWN_WORDS).fill(-1));
    }
  }
}

const place = fc.record({
  tag: fc.nat(2),
  print: fc.tuple(fc.constantFrom(0, 5, 69, -1), fc.nat(1), fc.constant(7), fc.nat(1)),
  window: fc.nat(2),
});
type Action = (model: Model) => void;
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: place.map((at) => (model: Model) => model.use(at)) },
  { weight: 3, arbitrary: fc.constant((model: Model) => model.begin()) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -20, max: 20 }).map((ms) => (model: Model) => model.removeClosed(ms)),
  },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.clear()) },
);

test("whatever is asked, it holds what a list would, within its bound, and overwrites what goes", () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 80 }), (actions) => {
      const model = new Model();
      model.begin();
      for (const act of actions) act(model);
      model.begin();
      model.clear();
    }),
    { numRuns: 200 },
  );
});

/** A print for each number, spread as fingerprints are. */
const numbered = (i: number) => Int32Array.of(Math.imul(i, 0x9e3779b1), i, Math.imul(i, 0x85ebca6b), 1);

describe("more links than the bound", () => {
  const maxLinks = 4096;
  const keyLink = randomUUID();
  const secret = new Uint8Array(randomBytes(32));
  const link = { keyLink, startMs: 0, endMs: 1, secret };

  test("a million pass through as many rows and bytes as the bound says", () => {
    let removed = 0;
    const table = new LinkTable(maxLinks, 70, () => removed++);
    const pages = new Set<Page>();
    let last = 0;
    for (let i = 0; i < 1_000_000; i++) {
      if (i % 1000 === 0) table.begin();
      const row = table.add(1, numbered(i), link);
      last = Math.max(last, row);
      pages.add(table.page(row));
    }
    expect(last).toBe(maxLinks - 1);
    expect(removed).toBe(1_000_000 - maxLinks);
    const index = maxLinks * 4;
    const sizeBytes = [...pages].reduce((sum, { words }) => sum + words.buffer.byteLength, index);
    expect(sizeBytes).toBe(table.linkBytes * maxLinks);
    // What is left can be found, and nothing else.
    let found = 0;
    for (let i = 0; i < 1_000_000; i++) if (table.find(1, numbered(i), 0) >= 0) found++;
    expect(found).toBe(maxLinks);
  });

  test("those of one batch exceed it until the next one begins", () => {
    const rows = 20_000;
    let removed = 0;
    const table = new LinkTable(maxLinks, 0, () => removed++);
    table.begin();
    const pages = new Set<Page>();
    for (let i = 0; i < rows; i++) {
      const row = table.add(1, numbered(i), link);
      if (row >= maxLinks) pages.add(table.page(row));
    }
    expect(removed).toBe(0);
    for (let i = 0; i < rows; i += 7) expect(table.find(1, numbered(i), 0)).toBe(i);
    table.begin();
    expect(removed).toBe(rows - maxLinks);
    expect(table.page(maxLinks)).toBeUndefined();
    expect(pages.size).toBeGreaterThan(10);
    expect([...pages].every(({ words }) => zeros(words, 0, words.length))).toBe(true);
    for (let i = 0; i < rows; i += 97) expect(table.find(1, numbered(i), 0)).toBe(i < maxLinks ? i : -1);
  });
});

describe("what goes first", () => {
  const link = { keyLink: randomUUID(), startMs: 0, endMs: 1, secret: new Uint8Array(32) };
  const table = (maxLinks: number) => new LinkTable(maxLinks, 0, () => {});

  test("a link that every other batch uses outlives a stream of those that none uses again", () => {
    const links = table(100);
    links.begin();
    links.add(1, numbered(0), link);
    for (let batch = 1; batch <= 50; batch++) {
      links.begin();
      expect(links.find(1, numbered(0), 0)).toBe(0);
      links.begin();
      for (let i = 0; i < 60; i++) links.add(1, numbered(batch * 100 + i), link);
    }
  });

  test("of links that were used once, the oldest", () => {
    const links = table(100);
    for (let i = 0; i < 250; i++) {
      links.begin();
      links.add(1, numbered(i), link);
    }
    for (let i = 0; i < 250; i++) expect(links.find(1, numbered(i), 0) >= 0).toBe(i >= 150);
  });

  test("however often one batch used a link that no later one uses, that counts once", () => {
    const links = table(100);
    for (let i = 0; i < 250; i++) {
      links.begin();
      links.add(1, numbered(i), link);
      for (let again = 0; again < (i % 3) * 4; again++) links.find(1, numbered(i), 0);
    }
    for (let i = 0; i < 250; i++) expect(links.find(1, numbered(i), 0) >= 0).toBe(i >= 150);
  });
});

describe("windows and names", () => {
  const print = numbered(3);

  test("a window holds its start and not its end, and one link may have several values' worth of windows", () => {
    const table = new LinkTable(10, 0, () => {});
    const [one, two] = [newLink(1), newLink(2)];
    const first = table.add(1, print, one);
    const second = table.add(1, print, two);
    expect(table.find(1, print, one.startMs)).toBe(first);
    expect(table.find(1, print, one.endMs - 1)).toBe(first);
    expect(table.find(1, print, one.endMs)).toBe(second);
    expect(table.find(1, print, two.endMs)).toBe(-1);
    expect(table.find(1, print, one.startMs - 1)).toBe(-1);
    expect(table.find(2, print, one.startMs)).toBe(-1);
  });

  test("a link that was asked for by name is found whatever its window", () => {
    const table = new LinkTable(10, 0, () => {});
    const row = table.add(0, print, { ...newLink(1), startMs: 5, endMs: 5 });
    expect(table.findNamed(0, print)).toBe(row);
    expect(table.findNamed(1, print)).toBe(-1);
    expect(table.findNamed(0, numbered(4))).toBe(-1);
  });

  test("windows may reach as far as numbers do", () => {
    const table = new LinkTable(10, 1, () => {});
    const wide = { ...newLink(0), startMs: Number.NEGATIVE_INFINITY, endMs: Number.MAX_SAFE_INTEGER };
    const row = table.add(1, print, wide);
    expect(table.find(1, print, -8.64e15)).toBe(row);
    expect(table.link(row)).toEqual(wide);
  });

  test("what is given out is a copy, and what is taken up is copied", () => {
    const table = new LinkTable(10, 0, () => {});
    const link = newLink(0);
    const secret = Uint8Array.from(link.secret);
    const row = table.add(1, print, link);
    link.secret.fill(0);
    table.link(row).secret.fill(0);
    expect(table.link(row).secret).toEqual(secret);
    expect(table.link(row).secret.buffer.byteLength).toBe(32);
  });

  test.each([
    "",
    "no-uuid",
    "6F1F6F5E-0D8A-4B3E-9D44-6F0A52A7A0C1",
    "6f1f6f5e-0d8a-4b3e-9d44-6f0a52a7a0c1-",
    "é".repeat(36),
  ])("a name that is no UUID in lowercase is refused: %s", (keyLink) => {
    const table = new LinkTable(10, 0, () => {});
    expect(() => table.add(1, print, { ...newLink(0), keyLink })).toThrow("must be a UUID");
    expect(table.find(1, print, 0)).toBe(-1);
  });
});
