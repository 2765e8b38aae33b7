// Cuts what comes from a broker into frames: a length of four bytes, and as many bytes.
import { type Address, garbled, tlsFailure } from "./reach-failures.ts";

/** No answer is longer: fetches ask for much less. */
const MAX_FRAME_BYTES = 536_870_912;
/** The first byte of an alert of TLS (RFC 8446, section 5.1). */
const TLS_ALERT = 0x15;

export class Frames {
  readonly #address: Address;
  readonly #deliver: (frame: Buffer) => void;
  readonly #head = Buffer.alloc(4);
  #headBytes = 0;
  /** The frame that is being filled. */
  #frame: Buffer | undefined;
  #frameBytes = 0;

  constructor(address: Address, deliver: (frame: Buffer) => void) {
    this.#address = address;
    this.#deliver = deliver;
  }

  /** Frames that lie in one chunk are views of it. */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#frame !== undefined) {
        const more = chunk.copy(this.#frame, this.#frameBytes, at);
        at += more;
        this.#frameBytes += more;
        if (this.#frameBytes === this.#frame.length) this.#complete(this.#frame);
        continue;
      }
      const headBytes = chunk.copy(this.#head, this.#headBytes, at, at + 4 - this.#headBytes);
      at += headBytes;
      this.#headBytes += headBytes;
      if (this.#headBytes < 4) return;
      const sizeBytes = this.#size();
      if (at + sizeBytes <= chunk.length) {
        this.#complete(chunk.subarray(at, at + sizeBytes));
        at += sizeBytes;
      } else {
        this.#frame = Buffer.allocUnsafe(sizeBytes);
      }
    }
  }

  #size(): number {
    const sizeBytes = this.#head.readInt32BE(0);
    if (sizeBytes >= 4 && sizeBytes <= MAX_FRAME_BYTES && this.#head[0] !== TLS_ALERT) return sizeBytes;
    if (this.#head[0] === TLS_ALERT)
      throw tlsFailure(this.#address, "it speaks TLS there, and `tls` is not on");
    throw garbled("What the Kafka broker sends");
  }

  #complete(frame: Buffer): void {
    this.#frame = undefined;
    this.#frameBytes = 0;
    this.#headBytes = 0;
    this.#deliver(frame);
  }
}
