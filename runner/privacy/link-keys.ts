// The data keys of a key link: how they follow from its root secret, and how they are given out.
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import type { LinkSecret } from "../kernel/kernel.ts";
import { HmacKey, hkdfExpand, hkdfExtract } from "./hmac.ts";
import { tinkKeyset } from "./tink-keyset.ts";

/** A data key: AES-256-SIV. */
export const KEY_BYTES = 64;
const ID_BYTES = 4;

/** One Tink keyset of a link; `purpose` is absent in the scheme `strm`. */
export interface ExportedKeyset {
  readonly keyLink: string;
  readonly purpose?: number;
  /** Tink's cleartext JSON keyset. */
  readonly encryptionKey: string;
}

/** Which of a link's keys is meant; the scheme `strm` has one for all purposes. */
export function keyInfo(scheme: Scheme, purpose: number): Uint8Array {
  return Buffer.from(`strm/v1/aes-siv/${scheme === "strm" ? "strm" : `purpose_bound/${purpose}`}`);
}

/**
 * Derives the keys of one link after another.
 *
 * Key and key id are the first 64 and the next 4 bytes of HKDF-SHA-256 (RFC 5869) with the root secret, no salt, and the
 * info `strm/v1/aes-siv/purpose_bound/<level>` or `strm/v1/aes-siv/strm`. These texts are part of the format: whoever changes them can't
 * open what was sealed before.
 */
export class KeyDerivation {
  readonly #link = new HmacKey(new Uint8Array(0));
  readonly #bytes = new Uint8Array(KEY_BYTES + ID_BYTES);

  /** Turns to the link whose root secret, 32 bytes, stands at `at`. */
  turnTo(secret: Uint8Array, at: number): void {
    hkdfExtract(secret, at, at + 32, this.#link);
  }

  /** Writes the key's 64 bytes at `at`; returns its id, unsigned 32 bits and never 0. */
  derive(info: Uint8Array, target: Uint8Array, at: number): number {
    const bytes = this.#bytes;
    hkdfExpand(this.#link, info, bytes, 0, bytes.length);
    for (let i = 0; i < KEY_BYTES; i++) target[at + i] = bytes[i]!;
    const id = new DataView(bytes.buffer).getUint32(KEY_BYTES);
    bytes.fill(0);
    // Tink gives no key the id 0.
    return id || 1;
  }

  /** Overwrites what it holds of the link. */
  wipe(): void {
    this.#link.destroy();
  }
}

/** One keyset for each of the purposes, ascending; one in all in the scheme `strm`. */
export function keysetsOf(
  link: LinkSecret,
  scheme: Scheme,
  purposes: readonly number[],
): readonly ExportedKeyset[] {
  const derivation = new KeyDerivation();
  const key = new Uint8Array(KEY_BYTES);
  derivation.turnTo(link.secret, 0);
  const keyset = (purpose: number): string =>
    tinkKeyset(key, derivation.derive(keyInfo(scheme, purpose), key, 0));
  const { keyLink } = link;
  const keysets =
    scheme === "strm"
      ? [{ keyLink, encryptionKey: keyset(0) }]
      : [...new Set(purposes)]
          .sort((a, b) => a - b)
          .map((purpose) => ({ keyLink, purpose, encryptionKey: keyset(purpose) }));
  derivation.wipe();
  key.fill(0);
  return keysets;
}
