// The data keys of one key link, derived when first used.
import { hkdfSync } from "node:crypto";
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import { createSivCipher, createSivKey, destroySivKey, type SivKey } from "./siv.ts";
import { tinkKeyset } from "./tink-keyset.ts";

/** Seals and opens the values of one field under one key. Stateless towards its callers; not for two threads. */
export interface FieldCipher {
  /** Bytes that `seal` writes for a plaintext of `plainBytes` bytes. */
  sealedLength(plainBytes: number): number;
  /**
   * Writes base64(prefix ‖ SIV ‖ ciphertext) of `source[start, end)` into `target` at `at`; returns the end. The two must not
   * overlap. Throws a RangeError where the target lacks the room.
   */
  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
  /**
   * Writes the plaintext of the base64 text `source[start, end)` at `at`; returns the end, or -1: it does not open, and the target
   * holds nothing of it. Otherwise as `seal`; three quarters of the text's length are always room enough.
   */
  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
}

/** One Tink keyset of a link; `purpose` is absent in the scheme `strm`. */
export interface ExportedKeyset {
  readonly keyLink: string;
  readonly purpose?: number;
  /** Tink's cleartext JSON keyset. */
  readonly encryptionKey: string;
}

/** What of a link its keys and their users need. */
export interface LinkWindow {
  readonly keyLink: string;
  readonly contract: string;
  readonly scheme: Scheme;
  /** The window is `[startMs, endMs)` in event time. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface LinkKeys extends LinkWindow {
  /** The cipher for a field; `path` is the associated data in the scheme `purpose_bound`. */
  cipher(purpose: number, path: string): FieldCipher;
  /** One keyset for each of the purposes, ascending; one in all in the scheme `strm`. */
  keysets(purposes: readonly number[]): readonly ExportedKeyset[];
}

/** Keys that can be overwritten; their ciphers throw from then on. */
export interface DestroyableLinkKeys extends LinkKeys {
  destroy(): void;
}

/**
 * The keys that follow from a link's root secret (32 bytes, which it takes over and overwrites in the end).
 *
 * Key and key id are the first 64 and the next 4 bytes of HKDF-SHA-256 (RFC 5869) with the root secret, no salt, and the
 * info `strm/v1/aes-siv/purpose_bound/<level>` or `strm/v1/aes-siv/strm`. These texts are part of the format: whoever changes them can't
 * open what was sealed before.
 */
export function createLinkKeys(link: LinkWindow, secret: Uint8Array): DestroyableLinkKeys {
  return new DerivedKeys(link, secret);
}

/** The cipher of one field, with the key that it shares with the other fields of its purpose. */
interface Field {
  readonly level: number;
  readonly associated: string;
  readonly key: SivKey;
  readonly cipher: FieldCipher;
}

const KEY_BYTES = 64;
const KEY_ID_BYTES = 4;

class DerivedKeys implements DestroyableLinkKeys {
  readonly keyLink: string;
  readonly contract: string;
  readonly scheme: Scheme;
  readonly startMs: number;
  readonly endMs: number;
  readonly #secret: Uint8Array;
  /** Searched from the start: a contract has few personal fields, and a map for each link would take more than its keys. */
  readonly #fields: Field[] = [];
  #destroyed = false;

  constructor(link: LinkWindow, secret: Uint8Array) {
    this.keyLink = link.keyLink;
    this.contract = link.contract;
    this.scheme = link.scheme;
    this.startMs = link.startMs;
    this.endMs = link.endMs;
    this.#secret = secret;
  }

  cipher(purpose: number, path: string): FieldCipher {
    const bound = this.scheme === "purpose_bound";
    const level = bound ? purpose : 0;
    const associated = bound ? path : "";
    for (const field of this.#fields) {
      if (field.level === level && field.associated === associated) return field.cipher;
    }
    const key = this.#fields.find((field) => field.level === level)?.key ?? this.#createKey(level);
    const cipher = createSivCipher(key, Buffer.from(associated, "utf8"));
    this.#fields.push({ level, associated, key, cipher });
    return cipher;
  }

  keysets(purposes: readonly number[]): readonly ExportedKeyset[] {
    if (this.scheme === "strm") return [{ keyLink: this.keyLink, encryptionKey: this.#keyset(0) }];
    return [...new Set(purposes)]
      .sort((a, b) => a - b)
      .map((purpose) => ({ keyLink: this.keyLink, purpose, encryptionKey: this.#keyset(purpose) }));
  }

  destroy(): void {
    this.#destroyed = true;
    this.#secret.fill(0);
    for (const { key } of this.#fields) destroySivKey(key);
    this.#fields.length = 0;
  }

  #createKey(level: number): SivKey {
    const { key, id, wipe } = this.#derive(level);
    const ready = createSivKey(key, id);
    wipe();
    return ready;
  }

  #keyset(level: number): string {
    const { key, id, wipe } = this.#derive(level);
    const text = tinkKeyset(key, id);
    wipe();
    return text;
  }

  #derive(level: number): { readonly key: Uint8Array; readonly id: number; readonly wipe: () => void } {
    if (this.#destroyed) throw new Error("a key link was used after it was destroyed");
    const info = `strm/v1/aes-siv/${this.scheme === "strm" ? "strm" : `purpose_bound/${level}`}`;
    const bytes = Buffer.from(hkdfSync("sha256", this.#secret, "", info, KEY_BYTES + KEY_ID_BYTES));
    // Tink gives no key the id 0.
    const id = bytes.readUInt32BE(KEY_BYTES) || 1;
    return { key: bytes.subarray(0, KEY_BYTES), id, wipe: () => bytes.fill(0) };
  }
}
