// The master key: wraps root secrets and settings, and seals rejected events.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { link, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { CompactEncrypt, compactDecrypt } from "jose";
import { StrmFailure } from "../failure.ts";

interface MasterKey {
  readonly kid: string;
  /** Subkeys by HKDF-SHA-256: one key never serves two purposes. */
  readonly wrapping: Buffer;
  readonly events: Uint8Array;
}

/** version ‖ key mark (8 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16) */
const version = 1;
const markBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + markBytes;

/** The current key and its predecessors. */
export class MasterKeys {
  readonly #keys: readonly [MasterKey, ...MasterKey[]];

  constructor(keys: readonly [MasterKey, ...MasterKey[]]) {
    this.#keys = keys;
  }

  /** Wraps under the current key (AES-256-GCM, a random nonce). */
  wrap(secret: Uint8Array): Uint8Array {
    const [key] = this.#keys;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", key.wrapping, nonce);
    const head = Buffer.concat([Uint8Array.of(version), markOf(key)]);
    cipher.setAAD(head);
    return Buffer.concat([head, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `keys.wrong-master-key` where none of the keys wrapped it. */
  unwrap(wrapped: Uint8Array): Uint8Array {
    const bytes = Buffer.from(wrapped);
    const key = this.#keys.find((candidate) => markOf(candidate).equals(bytes.subarray(1, headBytes)));
    if (key === undefined || bytes[0] !== version || bytes.length < headBytes + nonceBytes + tagBytes)
      throw wrongKey();
    const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
    const decipher = createDecipheriv("aes-256-gcm", key.wrapping, nonce, { authTagLength: tagBytes });
    decipher.setAAD(bytes.subarray(0, headBytes));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      return Buffer.concat([
        decipher.update(bytes.subarray(headBytes + nonceBytes, -tagBytes)),
        decipher.final(),
      ]);
    } catch (cause) {
      throw wrongKey(cause);
    }
  }

  /** False where an older key wrapped it, so that it should be wrapped anew. */
  isCurrent(wrapped: Uint8Array): boolean {
    return markOf(this.#keys[0]).equals(Buffer.from(wrapped).subarray(1, headBytes));
  }

  /** Seals a rejected event: a compact JWE (RFC 7516) with `dir` and A256GCM. */
  sealEvent(bytes: Uint8Array): Promise<string> {
    const [key] = this.#keys;
    return new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: key.kid })
      .encrypt(key.events);
  }

  /** Opens what `sealEvent` made; throws `keys.wrong-master-key` where none of the keys did. */
  async openEvent(jwe: string): Promise<Uint8Array> {
    try {
      const { plaintext } = await compactDecrypt(
        jwe,
        ({ kid }) => this.#keys.find((key) => key.kid === kid)?.events ?? new Uint8Array(32),
      );
      return plaintext;
    } catch (cause) {
      throw wrongKey(cause);
    }
  }
}

function wrongKey(cause?: unknown): StrmFailure {
  return new StrmFailure(
    "keys.wrong-master-key",
    "The master key that was given did not wrap what the key store holds.",
    "Give the master key of before; to replace it, a JWK Set with the new key first and the old one behind it.",
    { cause },
  );
}

/** Tells keys apart without telling anything of them. */
function markOf(key: MasterKey): Buffer {
  return createHash("sha256").update("strm/master-key/mark").update(key.kid).digest().subarray(0, markBytes);
}

/** Where the master key is made on first use, inside the state folder. */
export const masterKeyFile = "master.jwk";

/** Reads a JWK (RFC 7517) or a JWK Set. */
export function readMasterKeys(text: string): MasterKeys {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badKey("It is not JSON.");
  }
  const list: unknown = typeof json === "object" && json !== null && "keys" in json ? json.keys : [json];
  const [first, ...rest] = Array.isArray(list) ? list.map(keyOf) : [];
  if (first === undefined) throw badKey("It holds no key.");
  return new MasterKeys([first, ...rest]);
}

function badKey(reason: string): StrmFailure {
  return new StrmFailure(
    "keys.bad-master-key",
    `The master key can't be used. ${reason}`,
    'Give a JWK such as {"kty":"oct","k":"…"} with 32 bytes in base64url, or a JWK Set of such keys.',
  );
}

function keyOf(jwk: unknown): MasterKey {
  if (typeof jwk !== "object" || jwk === null) throw badKey("A key must be a JSON object.");
  const kty = "kty" in jwk ? jwk.kty : undefined;
  const k = "k" in jwk ? jwk.k : undefined;
  if (kty !== "oct" || typeof k !== "string") throw badKey('A key needs "kty":"oct" and "k".');
  const bytes = Buffer.from(k, "base64url");
  if (bytes.length !== 32) throw badKey(`A key needs 32 bytes, and this one has ${bytes.length}.`);
  const derive = (info: string) =>
    Buffer.from(hkdfSync("sha256", bytes, "", `strm/master-key/v1/${info}`, 32));
  const named =
    "kid" in jwk && typeof jwk.kid === "string" ? jwk.kid : derive("kid").toString("hex").slice(0, 16);
  return { kid: named, wrapping: derive("wrapping"), events: new Uint8Array(derive("events")) };
}

/** The key of the state folder, made there where it is missing; right also when two processes come at once. */
export async function stateMasterKeys(
  stateDir: string,
): Promise<{ readonly keys: MasterKeys; readonly made: boolean }> {
  const path = join(stateDir, masterKeyFile);
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before !== undefined) return { keys: readMasterKeys(before), made: false };
  const jwk = { kty: "oct", k: randomBytes(32).toString("base64url"), kid: randomBytes(8).toString("hex") };
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(jwk)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  // A link never replaces: of two processes one wins, and both read the winner's key.
  const made = await link(draft, path).then(
    () => true,
    () => false,
  );
  await unlink(draft);
  const folder = await open(stateDir, "r");
  await folder.sync().finally(() => folder.close());
  return { keys: readMasterKeys(await readFile(path, "utf8")), made };
}
