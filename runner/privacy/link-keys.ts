// The data keys of one key link, derived when first used.
import { hkdfSync } from "node:crypto";
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import { decodeInto, encodedLength, encodeInto } from "./base64.ts";
import type { Link } from "./key-store.ts";
import { SivCipher, SivKey, sivBytes } from "./siv.ts";

/** Seals and opens the values of one field under one key. Not for two threads. */
export interface FieldCipher {
  /** Bytes that `seal` writes for a plaintext of `plainBytes` bytes. */
  sealedLength(plainBytes: number): number;
  /** Writes base64(prefix ‖ SIV ‖ ciphertext) of `source[start, end)` into `target` at `at`; returns the end. */
  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
  /** Writes the plaintext of the base64 text `source[start, end)` at `at`; returns the end, or -1: it does not open. */
  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
}

/** One Tink keyset of a link; `purpose` is absent in the scheme `strm`. */
export interface ExportedKeyset {
  readonly keyLink: string;
  readonly purpose?: number;
  /** Tink's cleartext JSON keyset. */
  readonly encryptionKey: string;
}

/** Tink's prefix: a version byte and the key id, 4 bytes big-endian. */
const prefixBytes = 5;

interface DataKey {
  readonly bytes: Uint8Array;
  readonly id: number;
  readonly siv: SivKey;
}

// Where ciphertext stands between sealing and base64. It grows to the largest value that came by.
let scratch = new Uint8Array(4096);

function scratchOf(length: number): Uint8Array {
  if (scratch.length < length) scratch = new Uint8Array(2 * length);
  return scratch;
}

class TinkFieldCipher implements FieldCipher {
  readonly #prefix: Uint8Array;
  readonly #cipher: SivCipher;

  constructor(key: DataKey, associatedData: Uint8Array) {
    this.#prefix = Uint8Array.of(1, key.id >>> 24, key.id >>> 16, key.id >>> 8, key.id);
    this.#cipher = new SivCipher(key.siv, associatedData);
  }

  sealedLength(plainBytes: number): number {
    return encodedLength(prefixBytes + sivBytes + plainBytes);
  }

  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const sealed = scratchOf(prefixBytes + sivBytes + end - start);
    for (let i = 0; i < prefixBytes; i++) sealed[i] = this.#prefix[i]!;
    return encodeInto(sealed, 0, this.#cipher.seal(source, start, end, sealed, prefixBytes), target, at);
  }

  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const sealed = scratchOf(end - start);
    const length = decodeInto(source, start, end, sealed, 0);
    if (length < prefixBytes + sivBytes) return -1;
    for (let i = 0; i < prefixBytes; i++) if (sealed[i] !== this.#prefix[i]) return -1;
    return this.#cipher.open(sealed, prefixBytes, length, target, at);
  }
}

/**
 * Derives what one link seals with. Every key and key id comes from the root secret by HKDF-SHA-256 (RFC 5869, no salt):
 * `info` is `strm/data-key/v1/` and the purpose's level, or `all` in the scheme `strm`; 64 bytes of key, 4 of id.
 */
export class LinkKeys {
  readonly keyLink: string;
  readonly contract: string;
  readonly scheme: Scheme;
  readonly startMs: number;
  readonly endMs: number;
  readonly #secret: Uint8Array;
  readonly #keys = new Map<number | "all", DataKey>();
  readonly #ciphers = new Map<string, FieldCipher>();

  /** `secret` is the link's root secret in clear, 32 bytes; it is kept. */
  constructor(link: Omit<Link, "wrappedSecret" | "created">, secret: Uint8Array) {
    this.keyLink = link.keyLink;
    this.contract = link.contract;
    this.scheme = link.scheme;
    this.startMs = link.startMs;
    this.endMs = link.endMs;
    this.#secret = secret;
  }

  /** The cipher for a field; `path` is the associated data in the scheme `purpose_bound`. */
  cipher(purpose: number, path: string): FieldCipher {
    const bound = this.scheme === "purpose_bound";
    const name = bound ? `${purpose} ${path}` : "";
    const known = this.#ciphers.get(name);
    if (known !== undefined) return known;
    const associatedData = new TextEncoder().encode(bound ? path : "");
    const cipher = new TinkFieldCipher(this.#key(bound ? purpose : "all"), associatedData);
    this.#ciphers.set(name, cipher);
    return cipher;
  }

  /** One keyset for each of the purposes, ascending; one in all in the scheme `strm`. */
  keysets(purposes: readonly number[]): readonly ExportedKeyset[] {
    if (this.scheme === "strm")
      return [{ keyLink: this.keyLink, encryptionKey: keysetJson(this.#key("all")) }];
    return purposes
      .toSorted((a, b) => a - b)
      .map((purpose) => ({ keyLink: this.keyLink, purpose, encryptionKey: keysetJson(this.#key(purpose)) }));
  }

  /** Overwrites the keys; the object must not be used afterwards. */
  wipe(): void {
    this.#secret.fill(0);
    for (const key of this.#keys.values()) {
      key.bytes.fill(0);
      key.siv.wipe();
    }
    this.#keys.clear();
    this.#ciphers.clear();
  }

  #key(purpose: number | "all"): DataKey {
    const known = this.#keys.get(purpose);
    if (known !== undefined) return known;
    const derived = new Uint8Array(hkdfSync("sha256", this.#secret, "", `strm/data-key/v1/${purpose}`, 68));
    const bytes = derived.slice(0, 64);
    // Positive in every language's 32-bit integers, and not zero, which Tink refuses.
    const id = (new DataView(derived.buffer).getUint32(64) & 0x7fffffff) | 1;
    const key: DataKey = { bytes, id, siv: new SivKey(bytes) };
    derived.fill(0);
    this.#keys.set(purpose, key);
    return key;
  }
}

/** Tink's cleartext JSON of a keyset with one key; the value is the protobuf message AesSivKey. */
function keysetJson(key: DataKey): string {
  const value = Buffer.concat([Uint8Array.of(0x12, 0x40), key.bytes]).toString("base64");
  return JSON.stringify({
    primaryKeyId: key.id,
    key: [
      {
        keyData: {
          typeUrl: "type.googleapis.com/google.crypto.tink.AesSivKey",
          value,
          keyMaterialType: "SYMMETRIC",
        },
        status: "ENABLED",
        keyId: key.id,
        outputPrefixType: "TINK",
      },
    ],
  });
}
