// Keys of a link: derivation, both schemes, and keysets that a reader that is not ours understands.
import { hkdfSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Scheme } from "../../../dsl/graph/job-graph.ts";
import { createLinkKeys, type FieldCipher } from "../../../runner/privacy/link-keys.ts";
import { openForeign, readKeysets } from "../../kit/foreign-tink.ts";

const keyLink = "6f1f6f5e-0d8a-4b3e-9d44-6f0a52a7a0c1";
const link = (scheme: Scheme) => ({ keyLink, contract: "acme/clicks/1.0.0", scheme, startMs: 0, endMs: 1 });

function seal(cipher: FieldCipher, value: string): string {
  const plain = Buffer.from(value);
  const target = Buffer.alloc(cipher.sealedLength(plain.length));
  return target.toString("latin1", 0, cipher.seal(plain, 0, plain.length, target, 0));
}

function open(cipher: FieldCipher, sealed: string): string | undefined {
  const target = Buffer.alloc(sealed.length);
  const end = cipher.open(Buffer.from(sealed), 0, sealed.length, target, 0);
  return end < 0 ? undefined : target.toString("utf8", 0, end);
}

/** As a CSV file that a `.keys` stream writes. */
function csv(keysets: ReturnType<ReturnType<typeof createLinkKeys>["keysets"]>): string {
  const columns = keysets.some(({ purpose }) => purpose !== undefined)
    ? (["keyLink", "purpose", "encryptionKey"] as const)
    : (["keyLink", "encryptionKey"] as const);
  const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const rows = keysets.map((keyset) => columns.map((column) => cell(keyset[column])).join(","));
  return [columns.map(cell).join(","), ...rows, ""].join("\n");
}

test("purpose_bound: a foreign reader opens each purpose with its own keyset and no other", () => {
  const keys = createLinkKeys(link("purpose_bound"), randomBytes(32));
  const rows = readKeysets(csv(keys.keysets([3, 1, 2, 3])));
  expect(rows.map((row) => row.purpose)).toEqual([1, 2, 3]);
  for (const purpose of [1, 2, 3]) {
    const sealed = seal(keys.cipher(purpose, "customer.näme"), "Zoë 🎉");
    for (const row of rows) {
      if (row.purpose === purpose) expect(openForeign(row, "customer.näme", sealed)).toBe("Zoë 🎉");
      else expect(() => openForeign(row, "customer.näme", sealed)).toThrow();
    }
  }
});

test("purpose_bound: a value opens only as what it was sealed as", () => {
  const keys = createLinkKeys(link("purpose_bound"), randomBytes(32));
  const sealed = seal(keys.cipher(2, "customer.id"), "anna");
  expect(open(keys.cipher(2, "customer.id"), sealed)).toBe("anna");
  expect(open(keys.cipher(2, "customer.name"), sealed)).toBeUndefined();
  expect(open(keys.cipher(3, "customer.id"), sealed)).toBeUndefined();
  expect(
    open(createLinkKeys(link("purpose_bound"), randomBytes(32)).cipher(2, "customer.id"), sealed),
  ).toBeUndefined();
});

test("strm: one keyset opens all, with empty associated data", () => {
  const keys = createLinkKeys(link("strm"), randomBytes(32));
  const sealed = seal(keys.cipher(2, "customer.id"), "anna");
  expect(seal(keys.cipher(3, "other"), "anna")).toBe(sealed);
  const rows = readKeysets(csv(keys.keysets([1, 2])));
  expect(rows.map((row) => row.purpose)).toEqual([undefined]);
  expect(openForeign(rows[0]!, "", sealed)).toBe("anna");
});

test("keys derive as documented: whoever changes this loses what was sealed before", () => {
  const secret = Buffer.alloc(32, 7);
  const derived = (info: string) => Buffer.from(hkdfSync("sha256", secret, "", info, 68));
  const [row] = readKeysets(csv(createLinkKeys(link("purpose_bound"), Buffer.from(secret)).keysets([12])));
  expect(Buffer.from(row!.key)).toEqual(derived("strm/v1/aes-siv/purpose_bound/12").subarray(0, 64));
  expect(row!.keyId).toBe(derived("strm/v1/aes-siv/purpose_bound/12").readUInt32BE(64));
  const [one] = readKeysets(csv(createLinkKeys(link("strm"), Buffer.from(secret)).keysets([])));
  expect(Buffer.from(one!.key)).toEqual(derived("strm/v1/aes-siv/strm").subarray(0, 64));
  expect(
    seal(createLinkKeys(link("purpose_bound"), Buffer.from(secret)).cipher(12, "a.b"), "anna"),
  ).toMatchInlineSnapshot(`"Aab/EiryI6fvlGm0FX8Z2Ma91a/R0dvlXg=="`);
});

test("destroyed keys are overwritten and refuse to work", () => {
  const secret = randomBytes(32);
  const keys = createLinkKeys(link("purpose_bound"), secret);
  const cipher = keys.cipher(1, "a");
  keys.destroy();
  expect(secret.every((byte) => byte === 0)).toBe(true);
  expect(() => seal(cipher, "x")).toThrow();
  expect(() => keys.cipher(1, "a")).toThrow();
  expect(() => keys.keysets([1])).toThrow();
});
