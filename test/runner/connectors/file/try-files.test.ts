// Files are tried without making any: what could not be read or put in place later is told.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tryFileSink, tryFileSource } from "../../../../runner/connectors/file/try-files.ts";
import { emptyFolder, filesBelow, writeFiles } from "../../../kit/folder.ts";
import { runProgram } from "../../../kit/run-program.ts";

const contextOf = (baseDir: string) => ({
  baseDir,
  stateDir: join(baseDir, ".strm"),
  pipeline: "p",
  step: "clicks",
  signal: new AbortController().signal,
});
type SinkOptions = Parameters<typeof tryFileSink>[0];
const sink = (path: string, more: Partial<SinkOptions> = {}): SinkOptions => ({
  path,
  overwrite: false,
  compress: "none",
  ...more,
});

test("sources: every file is opened, and none may be missing unless it is waited for", async () => {
  const folder = emptyFolder();
  writeFiles(folder, { "in/a.jsonl": "{}\n", "in/b.jsonl": "" });
  mkdirSync(join(folder, "in/c.jsonl"));
  const context = contextOf(folder);
  const source = (path: string | string[], follow = false) => tryFileSource({ path, follow }, context);
  expect(await source("in/a.jsonl")).toBe("1 file can be read");
  expect(await source(["in/a.jsonl", "in/b.jsonl"])).toBe("2 files can be read");
  expect(await source("in/d*.jsonl", true)).toBe("no file is there yet, and one is waited for");
  await expect(source("in/d*.jsonl")).rejects.toMatchObject({ code: "file.not-found" });
  await expect(source("in/c.jsonl")).rejects.toMatchObject({ code: "file.not-a-file" });
});

test("sinks: the folder, or the one that it can be made in, and nobody's file in the way", async () => {
  const folder = emptyFolder();
  writeFiles(folder, { "out/theirs.jsonl": "x", "out/parts-000003.jsonl": "x" });
  mkdirSync(join(folder, "out/folder.jsonl"));
  const before = filesBelow(folder);
  const tried = (path: string, more?: Partial<SinkOptions>) =>
    tryFileSink(sink(path, more), contextOf(folder));
  expect(await tried("out/new.jsonl")).toBe("its folder can be written to");
  expect(await tried("far/off/new.jsonl")).toBe("its folder can be made");
  expect(await tried("far/off/new.jsonl", { every: 1000 })).toBe("its folder can be made");
  await expect(tried("out/theirs.jsonl")).rejects.toMatchObject({ code: "file.exists" });
  expect(await tried("out/theirs.jsonl", { overwrite: true })).toBe("its folder can be written to");
  await expect(tried("out/parts.jsonl", { max_size: 65_536 })).rejects.toMatchObject({ code: "file.exists" });
  await expect(tried("out/folder.jsonl")).rejects.toMatchObject({ code: "file.not-a-file" });
  await expect(tried("out/theirs.jsonl/below.jsonl")).rejects.toMatchObject({ code: "file.not-a-file" });
  expect(filesBelow(folder)).toEqual(before);
});

test("a file that the pipeline wrote itself is in nobody's way, until somebody touches it", async () => {
  const folder = emptyFolder();
  writeFiles(folder, {
    "p.strm": `contract c as "a/c/1.0.0" {
  k: string @key
  e: int[] @consent
}
source clicks of c from file { path = "in.jsonl" }
sink clicks into file { path = "out.jsonl" }
`,
    "in.jsonl": '{"k":"a","e":[]}\n',
  });
  await runProgram(folder, "p.strm");
  expect(await tryFileSink(sink("out.jsonl"), contextOf(folder))).toBe("its folder can be written to");
  writeFileSync(join(folder, "out.jsonl"), "changed");
  utimesSync(join(folder, "out.jsonl"), 1, 1);
  await expect(tryFileSink(sink("out.jsonl"), contextOf(folder))).rejects.toMatchObject({
    code: "file.exists",
  });
});
