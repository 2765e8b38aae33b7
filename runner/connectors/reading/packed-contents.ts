// What gzip or zstd packed, unpacked as it is read.
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { StrmFailure } from "../../failure.ts";
import { BATCH_BYTES } from "../../formats/buffers.ts";
import type { Fingerprint } from "../../formats/fingerprint.ts";
import type { Contents, Seekable } from "./contents.ts";
import { seekByReading } from "./seek-by-reading.ts";

/** How much of what is packed is best read at once. */
export const CHUNK_BYTES = BATCH_BYTES / 4;
/** What `unpackerOf` needs to tell. */
export const MAGIC_BYTES = 4;

export type Unpacker = () => ReturnType<typeof createGunzip>;

export interface Packed {
  readonly identity: string;
  /** From the first one on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly unpacker: Unpacker;
  /** What is thrown for an error that `bytes` ended with. */
  readonly failed: (error: unknown) => unknown;
  readonly damaged: (why: string, cause?: unknown) => StrmFailure;
}

/** By the first bytes: names don't tell. Neither could begin a line of JSON. Undefined for what is not packed. */
export function unpackerOf(first: Uint8Array): Unpacker | undefined {
  const magic = Buffer.concat([first, Buffer.alloc(MAGIC_BYTES)]).readUInt32LE();
  if ((magic & 0xffff) === GZIP) return () => createGunzip({ chunkSize: CHUNK_BYTES });
  if (magic !== ZSTD && magic >>> 4 !== ZSTD_SKIPPED) return undefined;
  return () => createZstdDecompress({ chunkSize: CHUNK_BYTES });
}

/** RFC 1952, 2.3.1. */
const GZIP = 0x8b1f;
/** RFC 8878, 3.1.1. */
const ZSTD = 0xfd2fb528;
/** RFC 8878, 3.1.2: the first frame may be one that holds something else. */
const ZSTD_SKIPPED = 0x184d2a5;

/** Unpacks in the system's threads, a little ahead of whoever reads. */
export class PackedContents implements Contents {
  readonly compressed = true;
  readonly truncated = false;
  readonly #packed: Packed;
  readonly #unpacker: ReturnType<Unpacker>;
  readonly #chunks: AsyncIterator<Buffer>;
  #packedBytes = 0;
  #whole = false;
  #held: Buffer = Buffer.alloc(0);

  constructor(packed: Packed) {
    this.#packed = packed;
    this.#unpacker = packed.unpacker();
    // What fails is thrown where the bytes are asked for.
    pipeline(this.#counted(), this.#unpacker, () => {});
    this.#chunks = this.#unpacker[Symbol.asyncIterator]();
  }

  get identity(): string {
    return this.#packed.identity;
  }

  get takenBytes(): number {
    return this.#packedBytes;
  }

  seek(reached: Seekable): Promise<Fingerprint | undefined> {
    return seekByReading((space) => this.read(space), reached);
  }

  async read(space: Uint8Array): Promise<number> {
    while (this.#held.length === 0) {
      const next = await this.#next();
      if (next === undefined) return 0;
      this.#held = next;
    }
    const bytes = this.#held.subarray(0, space.length);
    space.set(bytes);
    this.#held = this.#held.subarray(bytes.length);
    return bytes.length;
  }

  async close(): Promise<void> {
    this.#held = Buffer.alloc(0);
    this.#unpacker.destroy();
    await this.#chunks.return?.();
  }

  async *#counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const bytes of this.#packed.bytes) {
      this.#packedBytes += bytes.length;
      yield bytes;
    }
    this.#whole = true;
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      const next = await this.#chunks.next();
      if (next.done !== true) return next.value;
    } catch (error) {
      throw isOfZlib(error) ? this.#damaged(error) : this.#packed.failed(error);
    }
    // Where an archive is followed by something else, the unpacker stops there without a word.
    if (!this.#whole || this.#unpacker.bytesWritten < this.#packedBytes) throw this.#damaged();
    return undefined;
  }

  #damaged(cause?: unknown): StrmFailure {
    return this.#packed.damaged("it ends too early or is damaged", cause);
  }
}

function isOfZlib(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_") || code.startsWith("ZSTD_");
}
