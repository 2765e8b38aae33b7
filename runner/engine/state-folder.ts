// The folder where a pipeline keeps what outlives a run: keys, the quarantine, and what its sinks wrote.
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StrmFailure } from "../failure.ts";

/**
 * Makes the folder where it is missing, readable by its owner alone and left out of git. A folder that holds other things
 * already keeps its rights and gets no `.gitignore`: it may be somebody's home. Throws `run.state-folder`.
 */
export async function openStateFolder(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    if ((await readdir(stateDir)).length > 0) return;
    await chmod(stateDir, 0o700);
    await writeFile(join(stateDir, ".gitignore"), "*\n", { mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "the reason is unknown";
    throw new StrmFailure(
      "run.state-folder",
      `The state folder ${stateDir} can't be used: ${reason}.`,
      "Make it writable for the user that runs strm, or name another one with `--state DIR`.",
      { cause },
    );
  }
}
