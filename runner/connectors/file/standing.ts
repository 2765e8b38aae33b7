// What stands at a path right now.
import { stat } from "node:fs/promises";
import { codeOf, fileFailure } from "./failures.ts";
import { identityOf, inodeOf } from "./written.ts";

export interface Standing {
  readonly path: string;
  /** Device and inode, as `Contents.identity` has them. */
  readonly inode: string;
  readonly sizeBytes: number;
  /** Changes when the file is written. */
  readonly written: string;
}

/** Undefined where there is no regular file. */
export async function standingAt(path: string): Promise<Standing | undefined> {
  try {
    const status = await stat(path, { bigint: true });
    if (!status.isFile()) return undefined;
    return { path, inode: inodeOf(status), sizeBytes: Number(status.size), written: identityOf(status) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileFailure(error, path, "read");
  }
}
