// Temporary folders that are gone after the test, and small readers of what a run wrote there.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./cli.ts";

/** An empty folder, removed when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "strm-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same in memory, where the system has such a place: for tests that sync again and again. */
export function folderInMemory(): string {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "strm-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The example pipelines with their data in a folder of their own. */
export function copyOfPipelines(): string {
  const folder = emptyFolder();
  const skipped = [join(root, "pipelines/out"), join(root, "pipelines/.strm")];
  cpSync(join(root, "pipelines"), folder, { recursive: true, filter: (source) => !skipped.includes(source) });
  return folder;
}

/** Writes files by relative path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** The lines of a file, without the last line's end. */
export function linesOf(...path: string[]): string[] {
  const text = readFileSync(join(...path), "utf8");
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Every file below a folder, hidden ones too, with its bytes. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
}
