// What tests fetch once and keep in the cache, right also where several processes ask at once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./servers.ts";

/** The folder `name` in the cache `kind`, which `fetch` fills (`target`) where it is not there: whole or not at all, the first to finish counts. `work` is removed. */
export async function fetchedOnce(
  kind: string,
  name: string,
  fetch: (work: string, target: string) => Promise<void>,
): Promise<string> {
  const cache = cacheFolder(kind);
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(cache, `${name}-`));
  try {
    const target = join(work, "target");
    mkdirSync(target);
    await fetch(work, target);
    // Another one may have been faster.
    if (!existsSync(folder)) renameSync(target, folder);
    return folder;
  } catch (error) {
    if (existsSync(folder)) return folder;
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs a command to its end. Throws what it said last where it fails. */
export async function finished(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${output.slice(-2000)}`);
}
