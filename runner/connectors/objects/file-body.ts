// A file that is complete, as the body of an object.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { fileFailure } from "../file/failures.ts";
import { readRange } from "./read-range.ts";
import type { ObjectBody } from "./store.ts";

const CHUNK_BYTES = 1 << 18;

export class FileBody implements ObjectBody {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly #handle: FileHandle;
  readonly #path: string;

  private constructor(handle: FileHandle, path: string, sizeBytes: number, sha256: string) {
    this.#handle = handle;
    this.#path = path;
    this.sizeBytes = sizeBytes;
    this.sha256 = sha256;
  }

  /** Of the file's first bytes. */
  static async open(path: string, sizeBytes: number): Promise<FileBody> {
    try {
      const handle = await open(path, "r");
      try {
        const hash = createHash("sha256");
        for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
          hash.update(await readRange(handle, at, Math.min(sizeBytes, at + CHUNK_BYTES)));
        }
        return new FileBody(handle, path, sizeBytes, hash.digest("hex"));
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw fileFailure(error, path, "read");
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    try {
      return await readRange(this.#handle, start, end);
    } catch (error) {
      throw fileFailure(error, this.#path, "read");
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
