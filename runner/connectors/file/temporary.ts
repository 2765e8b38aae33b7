// The hidden names under which files are written, and what crashed runs left of them.
import { createHash, randomBytes } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Process ids say something only on the machine they are of. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
const mine = new Set<string>();

/** `.safe.jsonl.<host>-<process>-<random>.strm-part`, beside the target: a rename never crosses file systems. */
export function temporaryName(target: string): string {
  const random = randomBytes(4).toString("hex");
  const name = `.${basename(target)}.${host}-${process.pid}-${random}.strm-part`;
  mine.add(name);
  return join(dirname(target), name);
}

/** Removes what runs of this machine that are no more were writing for this target. */
export async function removeLeftovers(target: string): Promise<void> {
  const prefix = `.${basename(target)}.${host}-`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix) || !name.endsWith(".strm-part") || mine.has(name)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid === process.pid || !isAlive(pid)) await unlink(join(dirname(target), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
