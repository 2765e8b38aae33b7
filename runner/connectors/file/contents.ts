// The bytes of a file as its reader wants them: as they stand there, or unpacked where gzip or zstd compressed them.
import { type FileHandle, open } from "node:fs/promises";
import { type Digest, digestOf, Fingerprint, sameDigest } from "../../formats/fingerprint.ts";
import type { Contents, Seekable } from "../reading/contents.ts";
import { CHUNK_BYTES, MAGIC_BYTES, PackedContents, unpackerOf } from "../reading/packed-contents.ts";
import { corruptFailure, fileFailure } from "./failures.ts";
import { inodeOf } from "./written.ts";

/** Throws a `file.*` failure; `path` is absolute. */
export async function openContents(path: string): Promise<Contents> {
  try {
    const handle = await open(path, "r");
    try {
      const identity = inodeOf(await handle.stat({ bigint: true }));
      const first = Buffer.alloc(MAGIC_BYTES);
      await handle.read(first, 0, first.length, 0);
      const unpacker = unpackerOf(first);
      if (unpacker === undefined) return new PlainContents(path, handle, identity);
      return new PackedContents({
        identity,
        bytes: handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES }),
        unpacker,
        failed: (error) => fileFailure(error, path, "read"),
        damaged: (why, cause) => corruptFailure(`Could not unpack ${path}: ${why}.`, cause),
      });
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

  get takenBytes(): number {
    return this.#offsetBytes;
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

/** Enough to see that they are others: the end of a line of JSON with what it says. */
const LAST_BYTES = 64;
