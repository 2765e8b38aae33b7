// Nonces of events: a keyed digest of the source position, so that an event that is read again carries the same one.
import { createHmac } from "node:crypto";
import { block, encryptBlock, expandKey, roundKeyWords } from "./aes.ts";

/** A signed 32-bit integer for an event's offset in bytes within its origin. */
export type Nonces = (offsetBytes: number) => number;

/**
 * The nonces of one origin: the first four bytes of AES-256 of the offset, as 16 bytes big-endian, under the key
 * HMAC-SHA-256(`secret`, contractRef ‖ 0x00 ‖ origin). `secret` is the key store's, so that positions can't be told from nonces.
 */
export function createNonces(secret: Uint8Array, contractRef: string, origin: string): Nonces {
  const key = createHmac("sha256", secret).update(`${contractRef}\0${origin}`).digest();
  const words = new Int32Array(roundKeyWords(key.length));
  expandKey(key, 0, key.length, words, 0);
  return (offsetBytes) => {
    encryptBlock(words, 0, words.length, 0, 0, Math.floor(offsetBytes / 0x1_0000_0000), offsetBytes | 0);
    return block[0]!;
  };
}
