// Sealing under many links: always what each link's own key makes, and nothing of a key is left once its link goes.
import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { LinkSecret } from "../../../../runner/kernel/kernel.ts";
import { LinkCiphers } from "../../../../runner/kernel/reference/link-ciphers.ts";
import { KEY_BYTES, KeyDerivation, keyInfo } from "../../../../runner/privacy/link-keys.ts";
import { expandSivKey, sealedLength, sivKeyAt, sivKeyWords } from "../../../../runner/privacy/siv.ts";
import { plansOf } from "../../../kit/kernel-rig.ts";
import { personContract } from "../../../kit/person.ts";
import { seeded } from "../../../kit/random.ts";
import { fieldCipher, openText, sealText } from "../../../kit/siv.ts";

const plan = plansOf(`${personContract()}
  encrypt people into bound { scheme = "purpose_bound" }
  encrypt people into whole { scheme = "strm" }
  decrypt bound into out for granular(1) {
    mask = [note]
    mask_seed = secret("S")
  }
  sink bound into file { path = "bound.jsonl" }
  sink whole into file { path = "whole.jsonl" }
  sink out into file { path = "out.jsonl" }`)[0]!;
const schemes = plan.keyed.map(({ scheme }) => scheme);
const personal = [...plan.spots.keys()].filter((spot) => plan.spots[spot]?.purpose !== undefined);
/** A link has one value there: what it was found by. */
const keySpot = plan.spots.findIndex(({ path }) => path === "session");

const newLink = (): LinkSecret => ({
  keyLink: randomUUID(),
  startMs: 0,
  endMs: 10,
  secret: new Uint8Array(randomBytes(32)),
});
const numbered = (i: number) => Int32Array.of(Math.imul(i, 0x9e3779b1), i, 1, 1);

function sealed(ciphers: LinkCiphers, row: number, keyed: number, spot: number, value: string): string {
  const plain = Buffer.from(value);
  const target = Buffer.alloc(sealedLength(plain.length));
  ciphers.seal(row, keyed, spot, plain, 0, plain.length, target, 0);
  return target.toString("latin1");
}

function opened(ciphers: LinkCiphers, row: number, keyed: number, spot: number, text: string) {
  const source = Buffer.from(text);
  const target = Buffer.alloc(source.length);
  const end = ciphers.open(row, keyed, spot, source, 0, source.length, target, 0);
  return end < 0 ? undefined : target.toString("utf8", 0, end);
}

const cipherOf = (link: LinkSecret, keyed: number, spot: number) =>
  fieldCipher(link, schemes[keyed]!, plan.spots[spot]?.purpose ?? -1, plan.spots[spot]?.path ?? "");

/** The words of the link's expanded key for a purpose. */
function expandedKey(link: LinkSecret, purpose: number): Int32Array {
  const derivation = new KeyDerivation();
  const key = new Uint8Array(KEY_BYTES);
  derivation.turnTo(link.secret, 0);
  derivation.derive(keyInfo("purpose_bound", purpose), key, 0);
  const words = new Int32Array(sivKeyWords(KEY_BYTES));
  expandSivKey(sivKeyAt(words, 0, KEY_BYTES), key, 0, KEY_BYTES);
  return words;
}

/** All memory for words that the ciphers hold, the table's pages aside. */
function wordsHeldBy(ciphers: LinkCiphers): readonly Int32Array[] {
  const held: readonly unknown[] = Object.values(ciphers);
  return held.filter((each) => each instanceof Int32Array);
}

function holds(ciphers: LinkCiphers, sought: Int32Array): boolean {
  const bytes = Buffer.from(sought.buffer);
  return wordsHeldBy(ciphers).some((words) =>
    Buffer.from(words.buffer, words.byteOffset, words.byteLength).includes(bytes),
  );
}

test("seals and opens as the link's own key does, whatever links, fields and askers come in between", () => {
  const random = seeded(5);
  for (const maxLinks of [1, 3, 50]) {
    const ciphers = new LinkCiphers(plan, maxLinks);
    const links = Array.from({ length: 12 }, newLink);
    for (let batch = 0; batch < 60; batch++) {
      ciphers.table.begin();
      for (let i = 0; i < 8; i++) {
        const at = random.below(links.length);
        const keyed = random.below(plan.keyed.length);
        const spot = random.pick(personal);
        // Of the @key values, some are short enough to be remembered, and some are not.
        const value =
          spot === keySpot
            ? `session-${at}-${"k".repeat(7 * at)}`
            : "v".repeat(random.below(40)) + random.below(3);
        const found = ciphers.table.find(keyed, numbered(at), 0);
        const row = found >= 0 ? found : ciphers.table.add(keyed, numbered(at), links[at]!);
        const text = sealed(ciphers, row, keyed, spot, value);
        expect(text).toBe(sealText(cipherOf(links[at]!, keyed, spot), value));
        expect(opened(ciphers, row, keyed, spot, text)).toBe(value);
        expect(openText(cipherOf(links[at]!, keyed, spot), text)).toBe(value);
        const other = personal[(personal.indexOf(spot) + 1) % personal.length]!;
        expect(opened(ciphers, row, keyed, other, text)).toBe(schemes[keyed] === "strm" ? value : undefined);
      }
      if (random.below(3) === 0) ciphers.endBatch();
    }
    ciphers.destroy();
  }
});

test("has a key for personal fields alone", () => {
  const ciphers = new LinkCiphers(plan, 10);
  const row = ciphers.table.add(0, numbered(1), newLink());
  const spot = plan.spots.findIndex(({ purpose }) => purpose === undefined);
  expect(spot).toBeGreaterThanOrEqual(0);
  expect(() => sealed(ciphers, row, 0, spot, "a")).toThrow("no key");
});

describe("of a key nothing is left", () => {
  const keyed = schemes.indexOf("purpose_bound");
  const spot = personal.find((each) => each !== keySpot)!;
  const purpose = plan.spots[spot]?.purpose ?? -1;

  /** Ciphers that have just sealed under these links. */
  function used(maxLinks: number, links: readonly LinkSecret[]) {
    const ciphers = new LinkCiphers(plan, maxLinks);
    ciphers.table.begin();
    const rows = links.map((link, i) => ciphers.table.add(keyed, numbered(i), link));
    for (const row of rows) sealed(ciphers, row, keyed, spot, "anna");
    for (const link of links) expect(holds(ciphers, expandedKey(link, purpose))).toBe(true);
    return { ciphers, rows };
  }

  test("once its link is let go, and the others' stay", () => {
    const [first, second, third] = [newLink(), newLink(), newLink()];
    const { ciphers } = used(2, [first!, second!]);
    ciphers.table.begin();
    const row = ciphers.table.add(keyed, numbered(2), third!);
    expect(holds(ciphers, expandedKey(first!, purpose))).toBe(false);
    expect(holds(ciphers, expandedKey(second!, purpose))).toBe(true);
    expect(sealed(ciphers, row, keyed, spot, "anna")).toBe(sealText(cipherOf(third!, keyed, spot), "anna"));
    // And the first, taken up again, seals as before.
    ciphers.table.begin();
    const again = ciphers.table.add(keyed, numbered(0), first!);
    expect(sealed(ciphers, again, keyed, spot, "anna")).toBe(sealText(cipherOf(first!, keyed, spot), "anna"));
  });

  test("once its link's window is forgotten", () => {
    const links = [newLink(), { ...newLink(), endMs: 20 }];
    const { ciphers, rows } = used(10, links);
    ciphers.table.removeClosed(10);
    expect(links.map((link) => holds(ciphers, expandedKey(link, purpose)))).toEqual([false, true]);
    expect(sealed(ciphers, rows[1]!, keyed, spot, "x")).toBe(sealText(cipherOf(links[1]!, keyed, spot), "x"));
  });

  test("once all is destroyed, neither there nor in the table", () => {
    const { ciphers, rows } = used(10, [newLink(), newLink(), newLink()]);
    const [page] = rows.map((row) => ciphers.table.page(row));
    // A row that is free names the next free one; all else is zero.
    const isWiped = (words: Int32Array) => words.every((word) => word >= 0 && word <= rows.length);
    expect(isWiped(page!.words)).toBe(false);
    ciphers.destroy();
    const held = wordsHeldBy(ciphers);
    expect(held.length).toBeGreaterThanOrEqual(2);
    for (const words of [page!.words, ...held]) expect(isWiped(words)).toBe(true);
  });
});

test("what it holds is bounded by the links it may hold, and does not grow with those that pass", () => {
  const ciphers = new LinkCiphers(plan, 100);
  const sizeBytes = () => wordsHeldBy(ciphers).reduce((sum, words) => sum + words.byteLength, 0);
  const link = newLink();
  const rows = new Set<number>();
  const use = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      if (i % 50 === 0) ciphers.table.begin();
      const row = ciphers.table.add(0, numbered(i), link);
      rows.add(row);
      for (const spot of personal) sealed(ciphers, row, 0, spot, "a");
    }
  };
  use(0, 100);
  const before = sizeBytes();
  use(100, 3000);
  expect(sizeBytes()).toBe(before);
  expect(rows.size).toBe(100);
});
