// The pictures of docs/watching.md are those that the tests of the UI hold.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../kit/cli.ts";

const page = readFileSync(join(root, "docs/watching.md"), "utf8");
const pictures = [...page.matchAll(/<!-- (\S+) -->\n```text\n(.*?)```/gs)].map(
  ([, name = "", text = ""]) => ({
    name,
    text,
  }),
);

test("there are pictures of two sizes", () => {
  expect(pictures.length).toBeGreaterThanOrEqual(9);
  expect(pictures.some(({ name }) => name.endsWith("200x60"))).toBe(true);
});

test.each(pictures)("$name", ({ name, text }) => {
  const drawn = readFileSync(join(root, `test/fixtures/frames/${name}.txt`), "utf8");
  // What is empty at the end of a screen says nothing.
  expect(text).toBe(drawn.replace(/\n{3,}/g, "\n\n"));
});
