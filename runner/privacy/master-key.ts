// The master key: wraps root secrets and settings, and seals rejected events.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { link, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { StrmFailure } from "../failure.ts";
import { randomBytesPooled } from "./random.ts";

interface MasterKey {
  readonly kid: string;
  /** Tells keys apart inside of wrapped bytes, without telling anything of them; depends on the key itself, not on its `kid`. */
  readonly mark: Buffer;
  readonly wrapping: KeyObject;
  readonly events: Uint8Array;
}

/** version ‖ key mark (8 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16) */
const VERSION = 1;
const MARK_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + MARK_BYTES;
const KEY_BYTES = 32;

/** The current key and its predecessors. */
export class MasterKeys {
  readonly #keys: readonly [MasterKey, ...MasterKey[]];

  /** The first is the current one; each has 32 bytes. */
  constructor(keys: readonly [KeyMaterial, ...KeyMaterial[]]) {
    const [first, ...rest] = keys;
    this.#keys = [derived(first), ...rest.map(derived)];
  }

  get hasOlder(): boolean {
    return this.#keys.length > 1;
  }

  /** Wraps under the current key (AES-256-GCM, a random nonce). */
  wrap(secret: Uint8Array): Uint8Array {
    const [key] = this.#keys;
    const nonce = randomBytesPooled(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key.wrapping, nonce);
    const head = Buffer.concat([Uint8Array.of(VERSION), key.mark]);
    cipher.setAAD(head);
    return Buffer.concat([head, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `keys.wrong-master-key` where none of the keys wrapped it. */
  unwrap(wrapped: Uint8Array): Uint8Array {
    const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
    const mark = bytes.subarray(1, HEAD_BYTES);
    const key = this.#keys.find((candidate) => candidate.mark.equals(mark));
    if (key === undefined || bytes[0] !== VERSION || bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) {
      throw wrongKey();
    }
    const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key.wrapping, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(bytes.subarray(0, HEAD_BYTES));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES));
      decipher.final();
      return text;
    } catch (cause) {
      throw wrongKey(cause);
    }
  }

  /** What an older key wrapped, wrapped by the current one; what the current one wrapped, as it is. */
  rewrap(wrapped: Uint8Array): Uint8Array {
    const mark = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength).subarray(1, HEAD_BYTES);
    return this.#keys[0].mark.equals(mark) ? wrapped : this.wrap(this.unwrap(wrapped));
  }

  /** Seals a rejected event: a compact JWE (RFC 7516) with `dir` and A256GCM. */
  async sealEvent(bytes: Uint8Array): Promise<string> {
    const { CompactEncrypt } = await jose();
    const [key] = this.#keys;
    return new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: key.kid })
      .encrypt(key.events);
  }

  /** Opens what `sealEvent` made; throws `keys.wrong-master-key` where none of the keys did. */
  async openEvent(jwe: string): Promise<Uint8Array> {
    const { compactDecrypt } = await jose();
    try {
      const { plaintext } = await compactDecrypt(
        jwe,
        ({ kid }) => this.#keys.find((key) => key.kid === kid)?.events ?? new Uint8Array(KEY_BYTES),
        { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
      );
      return plaintext;
    } catch (cause) {
      throw new StrmFailure(
        "keys.wrong-master-key",
        "The event does not open: it was sealed under another master key, or it was changed.",
        "Give the master key of the run that refused it, alone or behind the current one in a JWK Set.",
        { cause },
      );
    }
  }
}

/** Loaded when the first event is sealed or opened: most runs refuse none, and start sooner so. */
const jose = () => import("jose");

/** A key as it was given; `kid` may be absent. */
export interface KeyMaterial {
  readonly bytes: Uint8Array;
  readonly kid: string | undefined;
}

/** Subkeys by HKDF-SHA-256: one key never serves two purposes. */
function derived({ bytes, kid }: KeyMaterial): MasterKey {
  const derive = (info: string, length: number): Buffer =>
    Buffer.from(hkdfSync("sha256", bytes, "", `strm/master-key/v1/${info}`, length));
  return {
    kid: kid ?? derive("kid", 8).toString("hex"),
    mark: derive("mark", MARK_BYTES),
    wrapping: createSecretKey(derive("wrapping", KEY_BYTES)),
    events: new Uint8Array(derive("events", KEY_BYTES)),
  };
}

function wrongKey(cause?: unknown): StrmFailure {
  return new StrmFailure(
    "keys.wrong-master-key",
    "The master key that was given did not wrap what the key store holds.",
    "Give the master key of before; to replace it, a JWK Set with the new key first and the old one behind it.",
    { cause },
  );
}

/** Reads a JWK (RFC 7517) or a JWK Set. `where` completes the failure's "The master key …": `in /state/master.jwk`. */
export function readMasterKeys(text: string, where = "that was given"): MasterKeys {
  const bad = (reason: string): StrmFailure =>
    new StrmFailure(
      "keys.bad-master-key",
      `The master key ${where} can't be used. ${reason}`,
      'Give a JWK such as {"kty":"oct","k":"…"} with 32 bytes in base64url, or a JWK Set of such keys.',
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message would quote the key.
    throw bad("It is not JSON.");
  }
  const list: unknown = typeof json === "object" && json !== null && "keys" in json ? json.keys : [json];
  const [first, ...rest] = Array.isArray(list) ? list.map((jwk: unknown) => materialOf(jwk, bad)) : [];
  if (first === undefined) throw bad("It holds no key.");
  const kids = [first, ...rest].flatMap(({ kid }) => kid ?? []);
  if (new Set(kids).size < kids.length) throw bad("Two of its keys have the same `kid`.");
  return new MasterKeys([first, ...rest]);
}

function materialOf(jwk: unknown, bad: (reason: string) => StrmFailure): KeyMaterial {
  if (typeof jwk !== "object" || jwk === null) throw bad("A key must be a JSON object.");
  const kty = "kty" in jwk ? jwk.kty : undefined;
  const k = "k" in jwk ? jwk.k : undefined;
  const kid = "kid" in jwk ? jwk.kid : undefined;
  if (kty !== "oct" || typeof k !== "string") throw bad('A key needs "kty":"oct" and "k".');
  if (kid !== undefined && typeof kid !== "string") throw bad("A `kid` must be a text.");
  const bytes = Buffer.from(k, "base64url");
  if (bytes.toString("base64url") !== k) throw bad('"k" must be base64url without padding.');
  if (bytes.length !== KEY_BYTES) {
    throw bad(`A key needs ${KEY_BYTES} bytes, and this one has ${bytes.length}.`);
  }
  return { bytes, kid };
}

/** Where the master key is made on first use, inside the state folder. */
export const masterKeyFile = "master.jwk";

/**
 * The key of the state folder, which must exist; the key is made there (mode 0600) where it is missing. Right also when two
 * processes come at once: both end with the same. The key is on disk, its name included, when this resolves. Throws `keys.bad-master-key` and `keys.denied`.
 */
export async function stateMasterKeys(
  stateDir: string,
): Promise<{ readonly keys: MasterKeys; readonly made: boolean }> {
  const path = join(stateDir, masterKeyFile);
  try {
    const before = await textOf(path);
    const made = before === undefined && (await makeKey(path));
    const keys = readMasterKeys(before ?? (await readFile(path, "utf8")), `in ${path}`);
    // Also of a key that stood there: whoever made it may have been killed before its name was durable.
    const folder = await open(stateDir, "r");
    await folder.sync().finally(() => folder.close());
    return { keys, made };
  } catch (cause) {
    const reason = codeOf(cause);
    if (reason === undefined) throw cause;
    throw new StrmFailure(
      "keys.denied",
      `The master key ${path} can't be read or made: ${reason}.`,
      "Give the user that runs strm the right to read it and to write to its folder, or bring a key in STRM_MASTER_KEY.",
      { cause },
    );
  }
}

/** False where another process was first. What stands in the key's file is on disk when this resolves. */
async function makeKey(path: string): Promise<boolean> {
  const jwk = { kty: "oct", k: randomBytes(32).toString("base64url"), kid: randomBytes(8).toString("hex") };
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(jwk)}\n`);
    await file.sync();
    // A link never replaces, and shows the key only whole: of two processes one wins, and both read the winner's.
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
}

/** Undefined only where there is no such file: one that can't be read must not be taken for a missing one. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The system's name of an error, such as `EACCES`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
}
