// The job graphs of whole programs, member by member: what the runner is given.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileFile } from "../../kit/compile-file.ts";

const folder = join(import.meta.dirname, "../../fixtures/graphs");
const programs = ["language", "sealed-source", "web-shop"];

test("every program of the folder is checked", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".strm") && file !== "purposes.strm");
  expect(files.sort()).toEqual(programs.map((name) => `${name}.strm`));
});

describe.each(programs)("%s", (name) => {
  const { diagnostics, graph } = compileFile(folder, `${name}.strm`);

  test("has no error", () => {
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("becomes the reviewed graph", async () => {
    await expect(`${JSON.stringify(graph, null, 2)}\n`).toMatchFileSnapshot(join(folder, `${name}.json`));
  });

  test("has every step behind the one it reads from", () => {
    const seen = new Set<string>();
    for (const step of graph?.steps ?? []) {
      if ("from" in step) expect(seen).toContain(step.from);
      if (step.kind !== "sink") seen.add(step.name);
    }
    expect(seen.size).toBeGreaterThan(0);
  });

  test("has the same hash each time, and another when something changes", () => {
    expect(compileFile(folder, `${name}.strm`).graph?.hash).toBe(graph?.hash);
    expect(graph?.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

test("--set changes the graph", () => {
  const set = new Map([
    ["folder", "elsewhere"],
    ["windows", "2h"],
  ]);
  const before = compileFile(folder, "web-shop.strm").graph;
  const { graph } = compileFile(folder, "web-shop.strm", set);
  expect(graph?.hash).not.toBe(before?.hash);
  expect(graph?.steps).toContainEqual(
    expect.objectContaining({ rotate: { kind: "span", spanMs: 7_200_000 } }),
  );
  expect(JSON.stringify(graph)).toContain('"elsewhere/safe.jsonl"');
});
