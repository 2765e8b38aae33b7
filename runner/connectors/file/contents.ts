// The bytes of a file as its reader wants them: as they stand there, or unpacked where gzip or zstd compressed them.
import type { ReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { StrmFailure } from "../../failure.ts";
import { BATCH_BYTES } from "../../formats/buffers.ts";
import { type Digest, digestOf, type Ends, Fingerprint, sameDigest } from "../../formats/fingerprint.ts";
import { sameBytes } from "../position.ts";
import { codeOf, corruptFailure, fileFailure } from "./failures.ts";
import { inodeOf } from "./written.ts";

/** A place in what a file holds. */
export interface Seekable extends Ends {
  readonly offset_bytes: number;
}

/** An open file. Nothing of it is held but what the next `read` gives. */
export interface Contents {
  /** Device and inode: tells the file under another name. */
  readonly identity: string;
  /** A compressed file is complete when it is found; others may grow. */
  readonly compressed: boolean;
  /**
   * Goes to where `reached` says, before anything is read. Undefined where what stands before it is not what was read then; else the
   * fingerprint of that.
   */
  seek(reached: Seekable): Promise<Fingerprint | undefined>;
  /** Fills a part of `space`; 0 at the present end. Not called again before it has settled. */
  read(space: Uint8Array): Promise<number>;
  /** True when a read has found that the file does not hold any more what was read of it, however large it is by now. */
  readonly truncated: boolean;
  close(): Promise<void>;
}

/** Throws a `file.*` failure; `path` is absolute. */
export async function openContents(path: string): Promise<Contents> {
  try {
    const handle = await open(path, "r");
    try {
      const identity = inodeOf(await handle.stat({ bigint: true }));
      const unpack = await unpackerOf(handle);
      return unpack === undefined
        ? new PlainContents(path, handle, identity)
        : new PackedContents(path, handle, identity, unpack);
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw fileFailure(error, path, "read");
  }
}

class PlainContents implements Contents {
  readonly identity: string;
  readonly compressed = false;
  readonly #path: string;
  readonly #handle: FileHandle;
  #offsetBytes = 0;
  /** The last bytes that were read. */
  #last = Buffer.alloc(0);
  #truncated = false;

  constructor(path: string, handle: FileHandle, identity: string) {
    this.#path = path;
    this.#handle = handle;
    this.identity = identity;
  }

  async seek({ offset_bytes, head, tail }: Seekable): Promise<Fingerprint | undefined> {
    const first = await this.#bytesOf(head, 0);
    const last = await this.#bytesOf(tail, offset_bytes - tail.size_bytes);
    if (first === undefined || last === undefined) return undefined;
    this.#offsetBytes = offset_bytes;
    this.#keep(last);
    return Fingerprint.from(first, last);
  }

  /** With the last bytes before: where the file was truncated, others stand there, or none. */
  async read(space: Uint8Array): Promise<number> {
    const before = Buffer.alloc(this.#last.length);
    const { bytesRead } = await this.#readAt([before, space], this.#offsetBytes - before.length);
    this.#truncated = bytesRead < before.length || !before.equals(this.#last);
    if (this.#truncated) return 0;
    const sizeBytes = bytesRead - before.length;
    this.#offsetBytes += sizeBytes;
    this.#keep(space.subarray(0, sizeBytes));
    return sizeBytes;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#last = Buffer.from(bytes.subarray(-LAST_BYTES));
  }

  async #bytesOf(digest: Digest, offsetBytes: number): Promise<Uint8Array | undefined> {
    const bytes = Buffer.alloc(digest.size_bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#readAt([bytes.subarray(at)], offsetBytes + at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return sameDigest(digestOf(bytes), digest) ? bytes : undefined;
  }

  #readAt(spaces: readonly Uint8Array[], offsetBytes: number): Promise<{ readonly bytesRead: number }> {
    return this.#handle.readv([...spaces], offsetBytes).catch((error) => {
      throw fileFailure(error, this.#path, "read");
    });
  }
}

/** Unpacks in the system's threads, a little ahead of whoever reads. */
class PackedContents implements Contents {
  readonly identity: string;
  readonly compressed = true;
  readonly truncated = false;
  readonly #path: string;
  readonly #packed: ReadStream;
  readonly #unpacker: ReturnType<Unpacker>;
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(path: string, handle: FileHandle, identity: string, unpacker: Unpacker) {
    this.#path = path;
    this.identity = identity;
    this.#packed = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES });
    this.#unpacker = unpacker();
    // What fails is thrown where the bytes are asked for.
    pipeline(this.#packed, this.#unpacker, () => {});
    this.#chunks = this.#unpacker[Symbol.asyncIterator]();
  }

  async seek(reached: Seekable): Promise<Fingerprint | undefined> {
    const fingerprint = new Fingerprint();
    const space = Buffer.alloc(CHUNK_BYTES);
    for (let left = reached.offset_bytes; left > 0; ) {
      const sizeBytes = await this.read(space.subarray(0, left));
      if (sizeBytes === 0) return undefined;
      fingerprint.add(space.subarray(0, sizeBytes));
      left -= sizeBytes;
      // Another file shows in its first bytes mostly, and need not be unpacked to there.
      const { head } = fingerprint.ends();
      if (head.size_bytes === reached.head.size_bytes && !sameDigest(head, reached.head)) return undefined;
    }
    return sameBytes(fingerprint, reached) ? fingerprint : undefined;
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

  async #next(): Promise<Buffer | undefined> {
    try {
      const next = await this.#chunks.next();
      if (next.done !== true) return next.value;
    } catch (error) {
      const corrupt = codeOf(error)?.startsWith("Z_") || codeOf(error)?.startsWith("ZSTD_");
      throw corrupt ? this.#corrupt(error) : fileFailure(error, this.#path, "read");
    }
    // Where an archive is followed by something else, the unpacker stops there without a word.
    if (this.#unpacker.bytesWritten < this.#packed.bytesRead) throw this.#corrupt();
    return undefined;
  }

  #corrupt(cause?: unknown): StrmFailure {
    return corruptFailure(`Could not unpack ${this.#path}: it ends too early or is damaged.`, cause);
  }
}

const CHUNK_BYTES = BATCH_BYTES / 4;

/** Enough to see that they are others: the end of a line of JSON with what it says. */
const LAST_BYTES = 64;

type Unpacker = () => ReturnType<typeof createGunzip>;

/** By the first bytes: names don't tell. Neither could begin a line of JSON. */
async function unpackerOf(handle: FileHandle): Promise<Unpacker | undefined> {
  const first = Buffer.alloc(4);
  await handle.read(first, 0, first.length, 0);
  const magic = first.readUInt32LE();
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
