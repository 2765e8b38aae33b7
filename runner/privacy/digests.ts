// The keyed digests by which a key store knows values: HMAC-SHA-256, so that the store never sees a value.
import { HmacKey } from "./hmac.ts";
import { DIGEST_BYTES } from "./sha256.ts";

export class Digests {
  readonly #secret: Uint8Array;
  readonly #key: HmacKey;

  /** The secret, 32 bytes, is taken over and overwritten in the end. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.#key = new HmacKey(secret);
  }

  /** 32 bytes. Neither kind nor contract holds a NUL, so that no two of these texts are alike. */
  of(kind: "key" | "no key" | "subject", contract: string, value: string): Uint8Array {
    const text = Buffer.from(`${kind}\0${contract}\0${value}`, "utf8");
    const digest = new Uint8Array(DIGEST_BYTES);
    this.#key.digest(text, 0, text.length, digest, 0);
    return digest;
  }

  destroy(): void {
    this.#secret.fill(0);
    this.#key.destroy();
  }
}
