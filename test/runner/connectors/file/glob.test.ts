// Path patterns find what a shell would find.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { covers, expandPattern } from "../../../../runner/connectors/file/glob.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";

const cases: readonly [string, readonly string[]][] = [
  ["*.jsonl", ["a.jsonl", "b.jsonl"]],
  ["?.jsonl", ["a.jsonl", "b.jsonl"]],
  ["{b,c}.jsonl", ["b.jsonl"]],
  ["{a,sub/{c,d}}.jsonl", ["a.jsonl", "sub/c.jsonl"]],
  ["**/*.jsonl", ["a.jsonl", "b.jsonl", "sub/c.jsonl", "sub/deep/d.jsonl"]],
  ["sub/**", ["sub/[x].jsonl.txt", "sub/c.jsonl", "sub/deep/d.jsonl"]],
  ["**/deep/*", ["sub/deep/d.jsonl"]],
  ["sub/[x].jsonl.txt", ["sub/[x].jsonl.txt"]],
  ["sub/[*].jsonl.txt", ["sub/[x].jsonl.txt"]],
  [".*.jsonl", [".hidden.jsonl"]],
  ["./sub/../*.jsonl", ["a.jsonl", "b.jsonl"]],
  ["*.csv", []],
];

test.each(cases)("%s", async (pattern, expected) => {
  const folder = emptyFolder();
  const names = [
    "b.jsonl",
    "a.jsonl",
    ".hidden.jsonl",
    "sub/c.jsonl",
    "sub/deep/d.jsonl",
    "sub/[x].jsonl.txt",
  ];
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, ""])));
  symlinkSync("..", join(folder, "sub/round"));
  const absolute = expected.map((name) => join(folder, name));
  expect(await expandPattern(folder, pattern)).toEqual(absolute);
  expect(await expandPattern("/", join(folder, pattern))).toEqual(absolute);
  const covered = names.map((name) => join(folder, name)).filter((path) => covers(folder, pattern, path));
  expect(covered.toSorted()).toEqual(absolute.toSorted());
});
