// A disk that really is full stops a run clearly, and the next one goes on when there is space.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { emptyFolder } from "../kit/folder.ts";
import { checkDone, checkVisible, makeProof, type Proof } from "../kit/proof-pipeline.ts";
import { REFUSED_SOME, runProof } from "../kit/proof-run.ts";

const LINES = 6000;

/** A file system of its own, with that much space; undefined where this process may not mount one. */
function smallDisk(
  size: string,
): { readonly folder: string; readonly grow: (size: string) => void } | undefined {
  const folder = join(emptyFolder(), "disk");
  mkdirSync(folder);
  const mount = (...options: readonly string[]) =>
    spawnSync("mount", ["-t", "tmpfs", ...options, "tmpfs", folder]).status === 0;
  if (!mount("-o", `size=${size}`)) return undefined;
  onTestFinished(() => {
    spawnSync("umount", ["-l", folder]);
  });
  return { folder, grow: (more) => expect(mount("-o", `remount,size=${more}`)).toBe(true) };
}

/** The proof's files without its outputs take about 700 kB, its keys 300 kB, and its outputs 3 MB. */
test.for(["800k", "1m", "1500k", "2500k"])("of %s", async (size, { skip }) => {
  const disk = smallDisk(size);
  if (disk === undefined) return skip("only a user who may mount a file system can fill one up");
  const made = makeProof("file", 23, LINES);
  cpSync(made.folder, disk.folder, { recursive: true });
  const proof: Proof = { ...made, folder: disk.folder };
  for (const workers of [1, 2]) {
    const { code, stderr, events } = await runProof(proof, { workers });
    expect(code, stderr).toBe(2);
    const failed = events.find(({ type }) => type === "failed");
    expect(failed).toMatchObject({
      code: expect.stringMatching(/^(file.disk-full|keys.full|run.state-folder)$/),
    });
    expect(JSON.stringify(failed)).toContain("Make space and run again");
    checkVisible(proof);
  }
  disk.grow("64m");
  const { code, stderr } = await runProof(proof);
  expect(code, stderr).toBe(REFUSED_SOME);
  await checkDone(proof);
});
