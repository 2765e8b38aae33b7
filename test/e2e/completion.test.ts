// `strm completion`: what bash offers for calls that somebody has begun to type.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";

const script = (await strm(["completion", "bash"])).stdout;

/** What bash offers where the last word is being typed. */
function offered(...words: readonly string[]): string[] {
  const folder = emptyFolder();
  writeFiles(folder, { "strm.bash": script });
  const call = words.map((word) => `'${word}'`).join(" ");
  const program = `source ${join(folder, "strm.bash")}; COMP_WORDS=(${call}); COMP_CWORD=${words.length - 1}; _strm; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program], { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash is offered", () => {
  test.each([
    [["strm", "re"], ["rejected"]],
    [["strm", "sta"], ["state"]],
    [
      ["strm", "rejected", ""],
      ["list", "show", "replay", "--help"],
    ],
    [["strm", "rejected", "show", "--un"], ["--unseal"]],
    [["strm", "rejected", "list", "--code", "event.not-j"], ["event.not-json"]],
    [
      ["strm", "rejected", "replay", "--output", ""],
      ["tui", "text", "json"],
    ],
    [["strm", "run", "--w"], ["--workers"]],
    [["strm", "run", "--from"], ["--from-start"]],
    [["strm", "run", "--check"], ["--checkpoint-every"]],
  ])("%j", (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

test.each(["zsh", "fish"])("%s is offered every command and flag of them", async (shell) => {
  const { stdout } = await strm(["completion", shell]);
  for (const word of [
    "state",
    "rejected",
    "list",
    "show",
    "replay",
    "unseal",
    "from-start",
    "checkpoint-every",
  ]) {
    expect(stdout, word).toMatch(new RegExp(`[ '-]${word}\\b`));
  }
});
