// The data keys of one key link, derived when first used.
import type { Scheme } from "../../dsl/graph/job-graph.ts";

/** Seals and opens the values of one field under one key. Stateless towards its callers; not for two threads. */
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

export interface LinkKeys {
  readonly keyLink: string;
  readonly contract: string;
  readonly scheme: Scheme;
  readonly startMs: number;
  readonly endMs: number;
  /** The cipher for a field; `path` is the associated data in the scheme `purpose_bound`. */
  cipher(purpose: number, path: string): FieldCipher;
  /** One keyset for each of the purposes, ascending; one in all in the scheme `strm`. */
  keysets(purposes: readonly number[]): readonly ExportedKeyset[];
}
