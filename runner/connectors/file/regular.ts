// Refuses what is no regular file: reading from it would wait for a writer, and nothing takes its place by a rename.
import { notAFile } from "./failures.ts";

interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** Throws `file.not-a-file`. */
export function refuseOdd(status: Kind, path: string): void {
  if (status.isDirectory()) throw notAFile(path, "it is a folder");
  if (!status.isFile()) throw notAFile(path, "it is a device or a pipe");
}
