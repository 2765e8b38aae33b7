// Nonces of source positions against Node's own AES and HMAC.
import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createNonces } from "../../../runner/privacy/nonce.ts";

test("is AES-256 of the offset under a key for contract and origin", () => {
  const secret = randomBytes(32);
  const key = createHmac("sha256", secret)
    .update("acme/clicks/1.0.0")
    .update(Buffer.of(0))
    .update("data/ä.jsonl")
    .digest();
  const nonces = createNonces(secret, "acme/clicks/1.0.0", "data/ä.jsonl");
  for (const offset of [0, 1, 322, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 12345, Number.MAX_SAFE_INTEGER]) {
    const plain = Buffer.alloc(16);
    plain.writeBigUInt64BE(BigInt(offset), 8);
    const expected = createCipheriv("aes-256-ecb", key, null)
      .setAutoPadding(false)
      .update(plain)
      .readInt32BE(0);
    expect(nonces(offset)).toBe(expected);
  }
});
