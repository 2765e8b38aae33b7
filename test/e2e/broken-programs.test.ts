// Programs broken at random: the checker neither crashes nor hangs, and each is valid or gets a diagnostic.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, strm } from "../kit/cli.ts";
import { copyOfPipelines, writeFiles } from "../kit/folder.ts";
import { type Random, seeded } from "../kit/random.ts";

const programs = ["quickstart", "web-shop", "support-tickets"].map((name) =>
  readFileSync(join(root, `pipelines/${name}.strm`), "utf8"),
);

/** Removes, doubles or changes one token or one character. */
function broken(random: Random): string {
  const text = random.pick(programs);
  const pieces = random.below(2) === 0 ? [...text] : text.split(/(\s+|[{}()[\],="@])/);
  const at = random.below(pieces.length);
  const piece = pieces[at] ?? "";
  const noise = () =>
    random.pick(["", "{", "}", '"', "/", "\u0000", "é", "🎉", "decrypt", "9999999999999999999", "$", "\\"]);
  pieces[at] = random.pick([() => "", () => piece + piece, noise])();
  return pieces.join("");
}

test("200 programs broken at random each end with a diagnostic or are valid", async () => {
  const folder = copyOfPipelines();
  const random = seeded(7);
  const files = Array.from({ length: 200 }, (_, i) => `broken-${i}.strm`);
  writeFiles(folder, Object.fromEntries(files.map((file) => [file, broken(random)])));
  const result = await strm(["check", "--json", ...files], { cwd: folder });
  expect(result.stderr).toBe("");
  expect(result.code).toBe(4);
  const { diagnostics } = JSON.parse(result.stdout);
  const withErrors = new Set<string>();
  for (const diagnostic of diagnostics) {
    expect(diagnostic.code).toMatch(/^[a-z]+\.[a-z-]+$/);
    expect(diagnostic.message).not.toMatch(/undefined|\[object|NaN/);
    expect(diagnostic.range.start.line).toBeGreaterThan(0);
    if (diagnostic.severity === "error") withErrors.add(diagnostic.file);
  }
  // What has no error is a program: its graph can be made.
  const valid = files.filter((file) => !withErrors.has(file));
  expect(withErrors.size).toBeGreaterThan(60);
  for (const file of valid.slice(0, 5)) {
    const graph = await strm(["graph", file, "--format", "json"], { cwd: folder });
    expect(graph.code).toBe(0);
    expect(JSON.parse(graph.stdout).version).toBe(1);
  }
});
