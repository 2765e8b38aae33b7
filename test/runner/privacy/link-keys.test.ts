// Keys of a link: derivation, both schemes, and keysets that a reader that is not ours understands.
import { hkdfSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { LinkSecret } from "../../../runner/kernel/kernel.ts";
import {
  type ExportedKeyset,
  KEY_BYTES,
  KeyDerivation,
  keyInfo,
  keysetsOf,
} from "../../../runner/privacy/link-keys.ts";
import { openForeign, readKeysets } from "../../kit/foreign-tink.ts";
import { fieldCipher, openText, sealText } from "../../kit/siv.ts";

const keyLink = "6f1f6f5e-0d8a-4b3e-9d44-6f0a52a7a0c1";
const linkOf = (secret: Uint8Array): LinkSecret => ({ keyLink, startMs: 0, endMs: 1, secret });
const anyLink = () => linkOf(randomBytes(32));

/** As a CSV file that a `.keys` stream writes. */
function csv(keysets: readonly ExportedKeyset[]): string {
  const columns = keysets.some(({ purpose }) => purpose !== undefined)
    ? (["keyLink", "purpose", "encryptionKey"] as const)
    : (["keyLink", "encryptionKey"] as const);
  const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const rows = keysets.map((keyset) => columns.map((column) => cell(keyset[column])).join(","));
  return [columns.map(cell).join(","), ...rows, ""].join("\n");
}

test("purpose_bound: a foreign reader opens each purpose with its own keyset and no other", () => {
  const link = anyLink();
  const rows = readKeysets(csv(keysetsOf(link, "purpose_bound", [3, 1, 2, 3])));
  expect(rows.map((row) => row.purpose)).toEqual([1, 2, 3]);
  expect(rows.every((row) => row.keyLink === keyLink)).toBe(true);
  for (const purpose of [1, 2, 3]) {
    const sealed = sealText(fieldCipher(link, "purpose_bound", purpose, "customer.näme"), "Zoë 🎉");
    for (const row of rows) {
      if (row.purpose === purpose) expect(openForeign(row, "customer.näme", sealed)).toBe("Zoë 🎉");
      else expect(() => openForeign(row, "customer.näme", sealed)).toThrow();
    }
  }
});

test("purpose_bound: a value opens only as what it was sealed as", () => {
  const link = anyLink();
  const cipher = (purpose: number, path: string, of = link) =>
    fieldCipher(of, "purpose_bound", purpose, path);
  const sealed = sealText(cipher(2, "customer.id"), "anna");
  expect(openText(cipher(2, "customer.id"), sealed)).toBe("anna");
  expect(openText(cipher(2, "customer.name"), sealed)).toBeUndefined();
  expect(openText(cipher(3, "customer.id"), sealed)).toBeUndefined();
  expect(openText(cipher(2, "customer.id", anyLink()), sealed)).toBeUndefined();
});

test("strm: one keyset opens all, with empty associated data", () => {
  const link = anyLink();
  const sealed = sealText(fieldCipher(link, "strm", 2, "customer.id"), "anna");
  expect(sealText(fieldCipher(link, "strm", 3, "other"), "anna")).toBe(sealed);
  const rows = readKeysets(csv(keysetsOf(link, "strm", [1, 2])));
  expect(rows.map((row) => row.purpose)).toEqual([undefined]);
  expect(openForeign(rows[0]!, "", sealed)).toBe("anna");
});

test("keys derive as documented: whoever changes this loses what was sealed before", () => {
  const link = linkOf(Buffer.alloc(32, 7));
  const derived = (info: string) => Buffer.from(hkdfSync("sha256", link.secret, "", info, 68));
  const [row] = readKeysets(csv(keysetsOf(link, "purpose_bound", [12])));
  expect(Buffer.from(row!.key)).toEqual(derived("strm/v1/aes-siv/purpose_bound/12").subarray(0, 64));
  expect(row!.keyId).toBe(derived("strm/v1/aes-siv/purpose_bound/12").readUInt32BE(64));
  const [one] = readKeysets(csv(keysetsOf(link, "strm", [])));
  expect(Buffer.from(one!.key)).toEqual(derived("strm/v1/aes-siv/strm").subarray(0, 64));
  expect(sealText(fieldCipher(link, "purpose_bound", 12, "a.b"), "anna")).toMatchInlineSnapshot(
    `"Aab/EiryI6fvlGm0FX8Z2Ma91a/R0dvlXg=="`,
  );
});

test("a derivation reads one secret among others and writes one key among others", () => {
  const secrets = randomBytes(100);
  const target = new Uint8Array(100).fill(0x55);
  const derivation = new KeyDerivation();
  derivation.turnTo(secrets, 41);
  const id = derivation.derive(keyInfo("purpose_bound", 3), target, 9);
  const info = "strm/v1/aes-siv/purpose_bound/3";
  const expected = Buffer.from(hkdfSync("sha256", secrets.subarray(41, 73), "", info, 68));
  expect(Buffer.from(target.subarray(9, 9 + KEY_BYTES))).toEqual(expected.subarray(0, KEY_BYTES));
  expect(id).toBe(expected.readUInt32BE(KEY_BYTES));
  expect([...target.subarray(0, 9), ...target.subarray(9 + KEY_BYTES)].every((byte) => byte === 0x55)).toBe(
    true,
  );
});

test("the root secret outlives an export, and a derivation holds nothing of it once it is wiped", () => {
  const link = anyLink();
  const before = Buffer.from(link.secret);
  expect(keysetsOf(link, "purpose_bound", [1])).toEqual(keysetsOf(link, "purpose_bound", [1]));
  expect(Buffer.from(link.secret)).toEqual(before);
  // Wiped, two derivations of different links are one and the same.
  const [one, other] = [anyLink(), anyLink()].map(({ secret }) => {
    const derivation = new KeyDerivation();
    derivation.turnTo(secret, 0);
    const keys = [new Uint8Array(KEY_BYTES), new Uint8Array(KEY_BYTES)] as const;
    derivation.derive(keyInfo("strm", 0), keys[0], 0);
    derivation.wipe();
    derivation.derive(keyInfo("strm", 0), keys[1], 0);
    return keys;
  });
  expect(one![0]).not.toEqual(other![0]);
  expect(one![1]).toEqual(other![1]);
});
