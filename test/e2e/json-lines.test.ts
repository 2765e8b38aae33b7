// Lines of `--output json` come whole and to the end, however a run ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { root, strm } from "../kit/cli.ts";
import { emptyFolder, linesOf, writeFiles } from "../kit/folder.ts";

const program = (source: string) => `
contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(0)
  consents: int[]  @consent
}
source visits of visit from file { ${source} }
encrypt visits into safe
sink safe into file { path = "safe.jsonl" }
`;
const input = '{"session":"s","consents":[]}\n';

function folderWith(source: string): string {
  const folder = emptyFolder();
  writeFiles(folder, { "p.strm": program(source), "in.jsonl": input });
  return folder;
}

test("a run that fails tells it in its last lines", async () => {
  const folder = folderWith('path = "missing.jsonl"');
  const { code, stdout } = await strm(["run", "p.strm", "--output", "json"], { cwd: folder });
  expect(code).toBe(2);
  expect(stdout.endsWith("\n")).toBe(true);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const run_id = lines[0].run_id;
  expect(run_id).toMatch(/^\d{8}T\d{6}Z-/);
  expect(lines.slice(-2)).toMatchObject([
    { level: "error", run_id, type: "failed", code: "file.not-found" },
    { level: "error", run_id, type: "finished", outcome: "failed" },
  ]);
});

test("where the reader goes away, the run ends by itself and delivers what it read", async () => {
  const folder = folderWith('path = "in.jsonl", follow = true');
  const bin = join(root, "dist/cli/bin.js");
  const child = spawn(process.execPath, [bin, "run", "p.strm", "--output", "json"], { cwd: folder });
  const exited = once(child, "exit");
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
  for await (const line of createInterface(child.stdout)) if (line.includes('"in":1,')) break;
  child.stdout.destroy();
  // There is something to tell again.
  appendFileSync(join(folder, "in.jsonl"), input);
  expect(await exited).toEqual([0, null]);
  expect(stderr).toMatch(/^(warning:.*\n {2}help:.*\n)?$/);
  expect(linesOf(folder, "safe.jsonl").length).toBeGreaterThanOrEqual(1);
});
