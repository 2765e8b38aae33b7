// AES-SIV for tests: a cipher for one key and one field, made of the functions that the kernel calls.
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import type { LinkSecret } from "../../runner/kernel/kernel.ts";
import { KEY_BYTES, KeyDerivation, keyInfo } from "../../runner/privacy/link-keys.ts";
import {
  associate,
  expandSivKey,
  FIELD_WORDS,
  open,
  seal,
  sealedLength,
  sivKeyAt,
  sivKeyWords,
} from "../../runner/privacy/siv.ts";

export interface TestCipher {
  /** As `siv.seal` and `siv.open`. */
  seal(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
  open(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number;
}

/** The first half of `key` is for S2V, the second for CTR. Neither key nor field starts at 0, as in the kernel. */
export function cipherOf(key: Uint8Array, id: number, associatedData: Uint8Array): TestCipher {
  const words = new Int32Array(sivKeyWords(key.length) + 6);
  const sivKey = sivKeyAt(words, 3, key.length);
  sivKey.id = id;
  const bytes = Buffer.concat([Buffer.from("xyz"), key, Buffer.from("x")]);
  expandSivKey(sivKey, bytes, 3, 3 + key.length);
  const field = new Int32Array(FIELD_WORDS + 5);
  associate(sivKey, associatedData, field, 5);
  return {
    seal: (source, start, end, target, at) => seal(sivKey, field, 5, source, start, end, target, at),
    open: (source, start, end, target, at) => open(sivKey, field, 5, source, start, end, target, at),
  };
}

/** The cipher of a field under a link. */
export function fieldCipher(link: LinkSecret, scheme: Scheme, purpose: number, path: string): TestCipher {
  const derivation = new KeyDerivation();
  const key = new Uint8Array(KEY_BYTES);
  derivation.turnTo(link.secret, 0);
  const id = derivation.derive(keyInfo(scheme, purpose), key, 0);
  return cipherOf(key, id, Buffer.from(scheme === "strm" ? "" : path));
}

/** A value sealed as text. */
export function sealText(cipher: TestCipher, value: string | Uint8Array): string {
  const plain = Buffer.from(value);
  const target = Buffer.alloc(sealedLength(plain.length));
  return target.toString("latin1", 0, cipher.seal(plain, 0, plain.length, target, 0));
}

/** The text of a sealed value; undefined where it does not open. */
export function openText(cipher: TestCipher, sealed: string): string | undefined {
  const target = Buffer.alloc(sealed.length);
  const end = cipher.open(Buffer.from(sealed), 0, sealed.length, target, 0);
  return end < 0 ? undefined : target.toString("utf8", 0, end);
}
