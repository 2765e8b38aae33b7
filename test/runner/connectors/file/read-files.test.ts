// Files are known again by path, by inode, and by what they were before rotation.
import { expect, test } from "vitest";
import { ReadFiles } from "../../../../runner/connectors/file/read-files.ts";

const at = (identity: string, offset_bytes: number) => ({ identity, offset_bytes });

test("of two names that a file has borne, the one counts under which it was read further", () => {
  const read = new ReadFiles([
    ["/a", at("1:1", 10)],
    ["/a.1", at("1:1", 20)],
    ["/a.2", at("1:1", 15)],
    ["/b", at("1:2", 5)],
  ]);
  expect(["/a", "/a.1", "/a.2", "/b", "/c"].map((path) => read.at(path))).toEqual([
    at("1:1", 20),
    at("1:1", 20),
    at("1:1", 20),
    at("1:2", 5),
    undefined,
  ]);
  expect(read.of("1:1")).toEqual(at("1:1", 20));
  expect([...read.kinOf("/a.3.gz")]).toEqual(["/a", "/a.1", "/a.2"]);
  expect([...read.kinOf("/c")]).toEqual([]);
});

test("a file of which nothing was read does not hide the one before it", () => {
  const read = new ReadFiles([]);
  expect(read.note("/a", at("1:1", 0))).toBe(true);
  expect(read.note("/a", at("1:1", 10))).toBe(true);
  expect(read.note("/a", at("1:2", 0))).toBe(false);
  expect(read.at("/a")).toEqual(at("1:1", 10));
  expect(read.of("1:2")).toEqual(at("1:2", 0));
});
