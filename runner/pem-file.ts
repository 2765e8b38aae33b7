// Reads a certificate that an option names.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { StrmFailure } from "./failure.ts";

/** `path` is looked up from `baseDir`. Where the file can't be read, throws what `failure` makes of its absolute path. */
export async function pemFile(
  path: string,
  baseDir: string,
  failure: (file: string, help: string, cause: unknown) => StrmFailure,
): Promise<string> {
  const file = resolve(baseDir, path);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw failure(file, "Correct the path, and make the file readable for the user that runs strm.", cause);
  }
}
