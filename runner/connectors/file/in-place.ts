// Makes complete files visible, each by one rename, and never in the place of somebody else's.
import { link, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { StrmFailure } from "../../failure.ts";
import { codeOf } from "./failures.ts";
import { refuseOdd } from "./regular.ts";
import { type Identity, identityOf, type Written } from "./written.ts";

export interface Rights {
  readonly overwrite: boolean;
  readonly written: Written;
  /** The sink's name, for messages. */
  readonly step: string;
}

/** True: a file stands there and may be replaced. False: nothing stands there. Else throws `file.exists` or `file.not-a-file`. */
export async function checkReplaceable(
  target: string,
  { overwrite, written, step }: Rights,
): Promise<boolean> {
  const identity = await identityAt(target);
  if (identity === undefined) return false;
  if (!overwrite && !written.has({ name: basename(target), identity })) throw existsFailure(target, step);
  return true;
}

/** Undefined where nothing stands there. */
export async function identityAt(target: string): Promise<Identity | undefined> {
  try {
    const status = await stat(target, { bigint: true });
    refuseOdd(status, target);
    return identityOf(status);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Throws as `checkReplaceable` does where a file has come to `target` in the meantime. */
export async function putInPlace(hidden: string, target: string, rights: Rights): Promise<void> {
  if (await checkReplaceable(target, rights)) {
    await rename(hidden, target);
    // Where both were names of one file already, a rename does nothing.
    await removeIfThere(hidden);
    return;
  }
  try {
    // A link fails where a file has come in the meantime; a rename would replace it.
    await link(hidden, target);
    await unlink(hidden);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw existsFailure(target, rights.step);
    if (!NO_LINKS.has(codeOf(error) ?? "")) throw error;
    await claimAndRename(hidden, target, rights.step);
  }
}

/** Makes new names themselves durable. Some systems can't open folders; there a rename is durable by itself. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL"].includes(codeOf(error) ?? "")) throw error;
  }
}

export async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
}

/** For file systems without hard links: an empty file that only we can have made is then replaced. */
async function claimAndRename(hidden: string, target: string, step: string): Promise<void> {
  try {
    await (await open(target, "wx")).close();
  } catch (error) {
    throw codeOf(error) === "EEXIST" ? existsFailure(target, step) : error;
  }
  await rename(hidden, target);
}

/** What file systems without hard links answer; EPERM among them. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

function existsFailure(target: string, step: string): StrmFailure {
  return new StrmFailure(
    "file.exists",
    `Sink \`${step}\` would replace ${basename(target)}, which this pipeline did not write or which was changed since: ${target}.`,
    `Move the file away from ${dirname(target)}, choose another \`path\`, or say \`overwrite = true\` where it may be lost.`,
  );
}
