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

const shownTwice = ["overview", "stream", "much-withheld", "failing-sink", "summary"];

test.each(shownTwice)("%s is shown at two sizes", (name) => {
  const sizes = pictures.map((one) => one.name).filter((one) => one.startsWith(`${name}-`));
  expect(sizes.toSorted()).toEqual([`${name}-200x60`, `${name}-80x24`]);
});

test.each(pictures)("$name", ({ name, text }) => {
  const drawn = readFileSync(join(root, `test/fixtures/frames/${name}.txt`), "utf8");
  // What is empty at the end of a screen says nothing.
  expect(text).toBe(drawn.replace(/\n{3,}/g, "\n\n"));
});
