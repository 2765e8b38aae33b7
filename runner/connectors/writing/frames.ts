// Compresses what is written in frames that stand alone, so that a file may end, be cut and be continued between any two of them.
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

/** Bytes that are gathered into one frame, about: enough that a frame of its own costs next to nothing. */
export const FRAME_BYTES = 512 * 1024;

/** Bytes of whole events, to be packed at once. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly events: number;
}

export type Compression = "none" | "gzip" | "zstd";

/** Packs one frame, in the system's threads. Both formats say that a file may hold several: RFC 1952, 2.2; RFC 8878, 3. */
export type Pack = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Undefined: bytes are written as they are. The level is each format's fastest: what is written is one time read, often never. */
export function packerOf(compression: Compression): Pack | undefined {
  switch (compression) {
    case "none":
      return undefined;
    case "gzip":
      return (bytes) => gzipAsync(bytes, { level: constants.Z_BEST_SPEED });
    case "zstd":
      return (bytes) => zstdAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  }
}

const gzipAsync = promisify<Uint8Array, object, Buffer>(gzip);
const zstdAsync = promisify<Uint8Array, object, Buffer>(zstdCompress);

/** Gathers events until they make a frame. Holds at most a frame and the bytes of one `add`. */
export class FrameBuffer {
  readonly #frameBytes: number;
  #bytes = Buffer.alloc(0);
  #used = 0;
  #events = 0;

  constructor(frameBytes: number) {
    this.#frameBytes = frameBytes;
  }

  get full(): boolean {
    return this.#used >= this.#frameBytes;
  }

  add(bytes: Uint8Array, events: number): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(needed, Math.min(this.#bytes.length * 2, 2 * this.#frameBytes)),
      );
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used = needed;
    this.#events += events;
  }

  /** What was gathered, in a buffer that is not used again; undefined where that is nothing. */
  take(): Frame | undefined {
    if (this.#used === 0) return undefined;
    const taken = { bytes: this.#bytes.subarray(0, this.#used), events: this.#events };
    this.#bytes = Buffer.alloc(0);
    this.#used = 0;
    this.#events = 0;
    return taken;
  }
}
