// Digests of the first and the last bytes that were read: enough to notice that a file is another one, at no cost for large ones.
import { createHash } from "node:crypto";

/** The most that each of the two digests is about. */
export const END_BYTES = 4096;

/** SHA-256 in lowercase hex, of that many bytes. */
export interface Digest {
  readonly size_bytes: number;
  readonly sha256: string;
}

export interface Ends {
  /** The first bytes of what was read. */
  readonly head: Digest;
  /** The last ones before where reading goes on. */
  readonly tail: Digest;
}

/** Takes all bytes in order, and keeps the few that count. */
export class Fingerprint {
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);

  /** `head` and `tail`: what stands there already, for bytes that are not read from their start. */
  static from(head: Uint8Array, tail: Uint8Array): Fingerprint {
    const fingerprint = new Fingerprint();
    fingerprint.#head = Buffer.from(head);
    fingerprint.#tail = Buffer.from(tail);
    return fingerprint;
  }

  add(bytes: Uint8Array): void {
    if (this.#head.length < END_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, END_BYTES - this.#head.length)]);
    }
    if (bytes.length >= END_BYTES) {
      this.#tail = Buffer.from(bytes.subarray(bytes.length - END_BYTES));
    } else {
      const kept = Math.min(this.#tail.length, END_BYTES - bytes.length);
      this.#tail = Buffer.concat([this.#tail.subarray(this.#tail.length - kept), bytes]);
    }
  }

  ends(): Ends {
    return { head: digestOf(this.#head), tail: digestOf(this.#tail) };
  }
}

export function digestOf(bytes: Uint8Array): Digest {
  return { size_bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export function sameDigest(one: Digest, other: Digest): boolean {
  return one.size_bytes === other.size_bytes && one.sha256 === other.sha256;
}
