// What is text in another charset, as UTF-8: offsets are those of the UTF-8, and a place is found again by decoding up to there.
import type { Fingerprint } from "../../formats/fingerprint.ts";
import type { Contents, Seekable } from "./contents.ts";
import { seekByReading } from "./seek-by-reading.ts";

const READ_BYTES = 64 * 1024;

export class DecodedContents implements Contents {
  readonly #contents: Contents;
  readonly #decoder: TextDecoder;
  readonly #packed = Buffer.alloc(READ_BYTES);
  #held: Uint8Array = new Uint8Array(0);
  #ended = false;

  /** `charset`: a label of the Encoding Standard. Bytes that are no text in it become U+FFFD. */
  constructor(contents: Contents, charset: string) {
    this.#contents = contents;
    this.#decoder = new TextDecoder(charset);
  }

  get identity(): string {
    return this.#contents.identity;
  }

  get compressed(): boolean {
    return this.#contents.compressed;
  }

  get takenBytes(): number {
    return this.#contents.takenBytes;
  }

  get truncated(): boolean {
    return this.#contents.truncated;
  }

  seek(reached: Seekable): Promise<Fingerprint | undefined> {
    return seekByReading((space) => this.read(space), reached);
  }

  async read(space: Uint8Array): Promise<number> {
    while (this.#held.length === 0 && !this.#ended) {
      const sizeBytes = await this.#contents.read(this.#packed);
      this.#ended = sizeBytes === 0;
      const text = this.#decoder.decode(this.#packed.subarray(0, sizeBytes), { stream: !this.#ended });
      this.#held = Buffer.from(text);
    }
    const bytes = this.#held.subarray(0, space.length);
    space.set(bytes);
    this.#held = this.#held.subarray(bytes.length);
    return bytes.length;
  }

  close(): Promise<void> {
    return this.#contents.close();
  }
}
