// `strm explain CODE` shows all of a page, within the width of a terminal.
import { describe, expect, test } from "vitest";
import { diagnosticCodes } from "../../../dsl/diagnostics/codes.ts";
import { explainPage } from "../../../dsl/docs/page.ts";

test("reads top down: what, why, what to do, example", () => {
  const page = {
    severity: "warning",
    title: "A thing is odd",
    why: "Odd things are hard to see.",
    fix: "Make it even.",
    example: { wrong: "thing {\n  odd\n}", right: "thing" },
  } as const;
  expect(explainPage("thing.odd", page)).toBe(`thing.odd (a warning): A thing is odd

Odd things are hard to see.

What to do: Make it even.

Instead of:

    thing {
      odd
    }

Write:

    thing
`);
});

describe("every page", () => {
  test.each(Object.entries(diagnosticCodes))("%s", (code, page) => {
    const text = explainPage(code, page);
    const words = text.replace(/\s+/g, " ");
    expect(words).toContain(page.title);
    expect(words).toContain(page.why);
    expect(words).toContain(page.fix);
    const prose = text.split("\n").filter((line) => !line.startsWith("    "));
    expect(prose.filter((line) => line.length > 100)).toEqual([]);
  });
});
