// Reads a range of a file in the spool, whole.
import type { FileHandle } from "node:fs/promises";

/** In a buffer of its own. Throws where the file ends before. */
export async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw new Error("a file in the spool is shorter than it was");
    at += bytesRead;
  }
  return bytes;
}
