// What `npm start` writes, judged event by event by an AES-SIV that is not ours.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { copyOfPipelines, linesOf } from "../kit/folder.ts";
import { type KeysetRow, openForeign, readKeysets } from "../kit/foreign-tink.ts";

const personal = { uniqueIdentifier: 1, consistentValue: 2, someSensitiveValue: 3 } as const;
type Field = keyof typeof personal;
const fields: readonly Field[] = ["uniqueIdentifier", "consistentValue", "someSensitiveValue"];

async function runQuickstart() {
  const folder = copyOfPipelines();
  const result = await strm(["run", join(folder, "quickstart.strm")]);
  const read = (name: string) => linesOf(folder, "out/quickstart", name).map((line) => JSON.parse(line));
  const input = linesOf(folder, "data/demo-events.jsonl").map((line) => JSON.parse(line));
  const keysets = new Map<string, KeysetRow>();
  for (const row of readKeysets(readFileSync(join(folder, "out/quickstart/keys.csv"), "utf8"))) {
    expect(keysets.has(`${row.keyLink} ${row.purpose}`)).toBe(false);
    keysets.set(`${row.keyLink} ${row.purpose}`, row);
  }
  const open = (event: { strmMeta: { keyLink: string } }, field: Field, sealed: string): string => {
    const row = keysets.get(`${event.strmMeta.keyLink} ${personal[field]}`);
    if (row === undefined)
      throw new Error(`no keyset of ${event.strmMeta.keyLink} for level ${personal[field]}`);
    return openForeign(row, field, sealed);
  };
  return { folder, result, read, input, open, keysets };
}

describe("the quickstart pipeline", () => {
  test("seals every personal value so that a foreign AES-SIV opens it, and opens by consent alone", async () => {
    const { folder, result, read, input, open } = await runQuickstart();
    expect(result.stderr).not.toMatch(/error/i);
    expect(result.code).toBe(0);

    const safe = read("safe.jsonl");
    expect(safe.length).toBe(input.length);
    let sealedValues = 0;
    safe.forEach((event, i) => {
      const original = input[i];
      for (const field of fields) {
        if (original[field] === null) {
          expect(event[field]).toBeNull();
        } else {
          expect(event[field]).not.toBe(original[field]);
          expect(open(event, field, event[field])).toBe(original[field]);
          sealedValues++;
        }
      }
      expect(event.notSensitiveValue).toBe(original.notSensitiveValue);
      expect(event.strmMeta.timestamp).toBe(original.strmMeta.timestamp);
      expect(event.strmMeta.consentLevels).toEqual(original.strmMeta.consentLevels);
      expect(event.strmMeta.eventContractRef).toBe("strmprivacy/example/1.3.0");
      expect(Number.isInteger(event.strmMeta.nonce)).toBe(true);
      expect(Object.keys(event)).toEqual(Object.keys(original));
    });
    expect(sealedValues).toBeGreaterThan(11_000);
    // Equal values of a session stay equal, and no two sessions or fields share a ciphertext.
    const meaning = new Map<string, string>();
    safe.forEach((event, i) => {
      for (const field of fields) {
        if (event[field] === null) continue;
        const plain = `${event.strmMeta.keyLink} ${field} ${input[i][field]}`;
        expect(meaning.get(event[field]) ?? plain).toBe(plain);
        meaning.set(event[field], plain);
      }
    });
    expect(new Set(meaning.values()).size).toBe(meaning.size);

    const seed = linesOf(folder, "data/demo-mask-seed.txt")[0] ?? "";
    const mask = (value: string) => createHmac("sha256", seed).update(value).digest("hex").slice(0, 32);
    const consenting = (...levels: number[]) =>
      input.filter((event) => levels.every((level) => event.strmMeta.consentLevels.includes(level)));

    const recommendations = read("recommendations.jsonl");
    const forRecommendations = consenting(0, 1, 2);
    expect(recommendations.length).toBe(forRecommendations.length);
    recommendations.forEach((event, i) => {
      const original = forRecommendations[i];
      expect(event.uniqueIdentifier).toBe(original.uniqueIdentifier);
      expect(event.consistentValue).toBe(mask(original.consistentValue));
      expect(open(event, "someSensitiveValue", event.someSensitiveValue)).toBe(original.someSensitiveValue);
    });

    const campaigns = read("campaigns.jsonl");
    const forCampaigns = consenting(1, 3);
    expect(campaigns.length).toBe(forCampaigns.length);
    campaigns.forEach((event, i) => {
      const original = forCampaigns[i];
      expect(event.uniqueIdentifier).toBe(original.uniqueIdentifier);
      expect(event.someSensitiveValue).toBe(original.someSensitiveValue);
      expect(open(event, "consistentValue", event.consistentValue)).toBe(original.consistentValue);
    });
  });

  test("a keyset of one purpose opens no other, and a moved value does not open", async () => {
    const { read, keysets } = await runQuickstart();
    const [event] = read("safe.jsonl").filter((candidate) => candidate.uniqueIdentifier !== null);
    const row = (level: number) => keysets.get(`${event.strmMeta.keyLink} ${level}`);
    const statistics = row(1);
    const marketing = row(3);
    if (statistics === undefined || marketing === undefined) throw new Error("keysets are missing");
    expect(() =>
      openForeign({ ...statistics, keyId: marketing.keyId }, "someSensitiveValue", event.someSensitiveValue),
    ).toThrow();
    expect(() => openForeign(statistics, "consistentValue", event.uniqueIdentifier)).toThrow();
    expect(openForeign(statistics, "uniqueIdentifier", event.uniqueIdentifier)).toMatch(/^unique-/);
  });

  test("runs again over its own results, and gives the same bytes from the same keys", async () => {
    const { folder, read } = await runQuickstart();
    const before = read("safe.jsonl");
    const again = await strm(["run", join(folder, "quickstart.strm")]);
    expect(again.code).toBe(0);
    expect(read("safe.jsonl")).toEqual(before);
  });
});
