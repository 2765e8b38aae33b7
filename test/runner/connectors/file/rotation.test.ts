// Rotation is known by the names that it gives.
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { kinOf, laterThan, stemOf } from "../../../../runner/connectors/file/rotation.ts";
import { folderInMemory, writeFiles } from "../../../kit/folder.ts";

test.each([
  ["a.jsonl", "a.jsonl"],
  ["a.jsonl.1", "a.jsonl"],
  ["a.jsonl.12.gz", "a.jsonl"],
  ["a.jsonl.gz", "a.jsonl"],
  ["a.jsonl-20260131", "a.jsonl"],
  ["a.jsonl.2026-01-31T12:00.zst", "a.jsonl"],
  ["a.jsonl_1", "a.jsonl"],
  ["a-2026.jsonl", "a-2026.jsonl"],
  ["a.jsonl.old", "a.jsonl.old"],
  ["a2", "a2"],
  [".1", ".1"],
])("%s was %s", (name, stem) => {
  expect(stemOf(`/logs/${name}`)).toBe(`/logs/${stem}`);
});

test("kin are the files of one stem: the newest that rotation made first, the file itself last", async () => {
  const folder = folderInMemory();
  const rotated = ["a.jsonl.1", "a.jsonl.2.gz", "a.jsonl.10"];
  const others = ["a.jsonl.bak", "a.jsonl~"];
  const strangers = ["a.json", "a.jsonl2", "b.jsonl.1", ".a.jsonl.1"];
  writeFiles(
    folder,
    Object.fromEntries([...others, ...strangers, ...rotated, "a.jsonl"].map((name) => [name, ""])),
  );
  mkdirSync(join(folder, "a.jsonl.3"));
  const names = async (path: string) => (await kinOf(join(folder, path))).map((kin) => basename(kin.path));
  expect(await names("a.jsonl")).toEqual([...rotated, ...others, "a.jsonl"]);
  expect(await names("a.jsonl.1")).toEqual(["a.jsonl.2.gz", "a.jsonl.10", "a.jsonl", ...others, "a.jsonl.1"]);
  expect(await kinOf("/nowhere/a.jsonl")).toEqual([]);
});

test.each([
  ["a.1", ["a", "a.1", "a.2", "a.0"], ["a.0"]],
  ["a.10.gz", ["a.9", "a.8", "a.11"], ["a.9", "a.8"]],
  ["a.2", ["a.1", "a.1.gz"], ["a.1"]],
  ["a-20260101", ["a-20260103", "a-20260102", "a-20251231", "a.1"], ["a-20260102", "a-20260103"]],
  ["a.old", ["a.1", "a"], []],
  ["a", ["a.1"], []],
])("after %s came, of %j, %j", (path, names, later) => {
  const kin = names.map((name) => ({ path: name, inode: name, sizeBytes: 0, written: "" }));
  expect(laterThan(path, kin).map((one) => one.path)).toEqual(later);
});
