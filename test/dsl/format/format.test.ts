// The formatter: what it makes of fixtures, and that it changes nothing but white space.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { format } from "../../../dsl/format/format.ts";
import { parse } from "../../../dsl/syntax/parse.ts";
import { root } from "../../kit/cli.ts";
import { seeded } from "../../kit/random.ts";

const fixtures = join(root, "test/fixtures/format");
const examples = readdirSync(join(root, "pipelines")).filter((file) => /\w\.strm$/.test(file));
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");

function formatted(text: string): string {
  const result = format("x.strm", text);
  if ("text" in result) return result.text;
  throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
}

/** The tree without places, and the comments. */
function meaning(text: string): unknown {
  const { unit, comments } = parse("x.strm", text);
  const tree: unknown = JSON.parse(
    JSON.stringify(unit, (key, value) => (["span", "block"].includes(key) ? undefined : value)),
  );
  return { tree, comments: comments.map((comment) => comment.text.replace(/[ \t]+$/gm, "")).sort() };
}

function holds(text: string): void {
  const once = formatted(text);
  expect(formatted(once)).toBe(once);
  expect(meaning(once)).toEqual(meaning(text));
}

describe("formatting", () => {
  test.each(readdirSync(fixtures).filter((file) => file.endsWith(".input.strm")))("%s", async (file) => {
    const text = read("test/fixtures/format", file);
    holds(text);
    await expect(formatted(text)).toMatchFileSnapshot(join(fixtures, file.replace(".input.", ".expected.")));
  });

  test.each(examples)("%s is formatted", (file) => {
    const text = read("pipelines", file);
    expect(formatted(text)).toBe(text);
    holds(text);
  });

  test("whatever the white space and wherever comments stand, nothing is lost and the second time changes nothing", () => {
    const random = seeded(5);
    for (let i = 0; i < 300; i++) {
      const text = read("pipelines", random.pick(examples));
      const changed = text.replace(/(?<=[{},\n])[ ]*(?=[\n ])/g, (space) =>
        random.below(12) === 0
          ? random.pick(["\n", "   ", " // note\n", "\n\n\n", "\n/* one\n   two */\n"])
          : space,
      );
      if (parse("x.strm", changed).diagnostics.length === 0) holds(changed);
    }
  });

  test("a program with syntax errors is left alone", () => {
    expect(format("x.strm", "encrypt a as b")).toMatchObject({
      diagnostics: [{ code: "syntax.unexpected" }],
    });
  });

  test("an empty program stays empty", () => {
    expect(formatted("\n \n")).toBe("");
  });
});
