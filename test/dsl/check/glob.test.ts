// Patterns match the paths that a source would read.
import { expect, test } from "vitest";
import { globPattern } from "../../../dsl/check/glob.ts";

test.each([
  ["data/*.jsonl", ["data/a.jsonl", "data/.jsonl"], ["data/b/a.jsonl", "data/a.json", "xdata/a.jsonl"]],
  ["data/**/*.jsonl", ["data/a.jsonl", "data/b/c/a.jsonl"], ["a.jsonl"]],
  ["./data/a?.jsonl", ["data/a1.jsonl"], ["data/a.jsonl", "data/a/.jsonl"]],
  ["{a,b}/x.{jsonl,ndjson}", ["a/x.jsonl", "b/x.ndjson"], ["c/x.jsonl", "a/x.json"]],
  ["a+(b)*.jsonl", ["a+(b)c.jsonl"], ["aab.jsonl"]],
])("%s", (pattern, inside, outside) => {
  const compiled = globPattern(pattern);
  for (const path of inside) expect(compiled?.test(path), path).toBe(true);
  for (const path of outside) expect(compiled?.test(path), path).toBe(false);
});

test("a plain path is no pattern", () => {
  expect(globPattern("data/clicks.jsonl")).toBeUndefined();
});
