// Reads a text file with bounds, and says in words why one can't be read.
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { LoadedFile } from "../dsl/index.ts";

/** A program or a schema that is larger was not written by a person. */
const maxBytes = 4 * 1_048_576;

/** The text of a file, or of standard input for 0. Pipes are read too, but never more than the bound. */
export function readText(file: string | 0): LoadedFile {
  try {
    const descriptor = file === 0 ? 0 : openSync(file, "r");
    try {
      if (fstatSync(descriptor).isDirectory()) return { problem: "it is a folder" };
      const bytes = readAll(descriptor);
      if (bytes === undefined) return { problem: `it is larger than ${maxBytes / 1_048_576} MiB` };
      return isUtf8(bytes) ? { text: bytes.toString("utf8") } : { problem: "it is not UTF-8 text" };
    } finally {
      if (descriptor !== 0) closeSync(descriptor);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return {
      problem: reasons[code] ?? `the operating system can't read it (${code || "for an unknown reason"})`,
    };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "access is denied",
  EPERM: "access is denied",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
};

/** Undefined where there is more than the bound. */
function readAll(descriptor: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const length = readSome(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    size += length;
    if (size > maxBytes) return undefined;
  }
}

/** A terminal or a pipe that has nothing yet may say so instead of waiting. */
function readSome(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code === "EOF") return 0;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
