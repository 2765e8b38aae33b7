// The parser: whole programs, recovery, and input that means no good.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Grammar } from "../../../dsl/syntax/grammar.ts";
import { parse } from "../../../dsl/syntax/parse.ts";
import { root } from "../../kit/cli.ts";
import { seeded } from "../../kit/random.ts";

const kinds = (text: string) => parse("x.strm", text).unit.statements.map(({ kind }) => kind);
const codes = (text: string) => parse("x.strm", text).diagnostics.map(({ code }) => code);
const programs = ["quickstart", "web-shop", "support-tickets"].map((name) =>
  readFileSync(join(root, `pipelines/${name}.strm`), "utf8"),
);

describe("parsing", () => {
  test("the grammar has no ambiguities that Chevrotain knows of", () => {
    expect(() => new Grammar()).not.toThrow();
  });

  test.each(programs)("reads the examples without a finding", (text) => {
    const { unit, diagnostics } = parse("x.strm", text);
    expect(diagnostics).toEqual([]);
    expect(unit.statements.length).toBeGreaterThan(8);
    for (const { span } of unit.statements)
      expect(text.slice(span.start, span.end)).toMatch(/^[a-z]+ [\s\S]*[\w)"}]$/);
  });

  test("words of the language are names too", () => {
    const text =
      "source source of sealed sealed from file { source = keys, into = [for, as] }\nsink source into file";
    expect(codes(text)).toEqual([]);
    expect(parse("x", text).unit.statements[0]).toMatchObject({
      sealed: true,
      contract: { text: "sealed" },
      connector: { text: "file" },
    });
    expect(parse("x", "source a of sealed from file").unit.statements[0]).toMatchObject({
      sealed: false,
      contract: { text: "sealed" },
    });
    expect(kinds("encrypt into into in\nencrypt a into b")).toEqual(["encrypt", "encrypt"]);
  });

  test("literals keep their spelling and have their meaning", () => {
    const text =
      'sink a into b { t = "é\\n\\u00e9\\u{1F389}\\${x}${y} z", d = 90m, s = 5MB, n = -1.50e3, r = /a\\/b[/]/i, o = { "k": [1, 2,], j = true } }';
    const [sink] = parse("x", text).unit.statements;
    if (sink?.kind !== "sink") throw new Error("no sink");
    const values = Object.fromEntries(sink.options.map(({ name, value }) => [name.text, value]));
    expect(values.t).toMatchObject({
      parts: [{ text: "é\né🎉${x}" }, { name: { text: "y" } }, { text: " z" }],
    });
    expect(values.d).toMatchObject({ durationMs: 5_400_000, text: "90m" });
    expect(values.s).toMatchObject({ sizeBytes: 5_000_000 });
    expect(values.n).toMatchObject({ value: -1500, text: "-1.50e3" });
    expect(values.r).toMatchObject({ pattern: "a/b[/]", flags: "i" });
    expect(values.o).toMatchObject({
      entries: [{ key: { text: "k" } }, { key: { text: "j" }, value: { value: true } }],
    });
  });

  test("doc comments belong to what follows them", () => {
    const text =
      "/// One.\n/// Two.\npurposes {\n  /// Zero.\n  a = 0\n}\n\n/// Not of this one.\n\nparam x = 1";
    const [purposes, param] = parse("x", text).unit.statements;
    expect(purposes).toMatchObject({ doc: "One.\nTwo.", entries: [{ doc: "Zero." }] });
    expect(param?.doc).toBeUndefined();
  });
});

describe("recovery", () => {
  test("one mistake gives one finding, and the rest is read", () => {
    const text =
      "encrypt a as b\nsorce c of d from file\nsink e into file { path = , overwrite = true }\nencrypt f into g";
    expect(codes(text)).toEqual(["syntax.unexpected", "syntax.unknown-statement", "syntax.unexpected"]);
    expect(kinds(text)).toEqual(["sink", "encrypt"]);
    expect(parse("x", text).unit.statements[0]).toMatchObject({ options: [{ name: { text: "overwrite" } }] });
  });

  test("an unclosed block does not swallow what follows", () => {
    const text = 'sink a into file {\n  path = "x"\nencrypt b into c\n';
    expect(codes(text)).toEqual(["syntax.unclosed-block"]);
    expect(kinds(text)).toEqual(["sink", "encrypt"]);
  });

  test("arguments may stand on several lines", () => {
    expect(
      codes(
        'contract c as "a/b/1.0.0" {\n  e: string @consent(\n    map = { "x": [0] },\n    default = []\n  )\n    @pii(0)\n}',
      ),
    ).toEqual([]);
  });

  test("100,000 brackets end with a finding", () => {
    expect(codes(`param x = ${"[".repeat(100_000)}`)).toEqual(["syntax.too-deep"]);
    expect(codes(`contract c as "a" { a: ${"{ b: ".repeat(50_000)}`)).toContain("syntax.too-deep");
  });

  test("400 programs changed at random are read to their end", () => {
    const random = seeded(11);
    for (let i = 0; i < 400; i++) {
      const pieces = random.pick(programs).split(/(\s+|[{}()[\],="@.])/);
      const at = random.below(pieces.length);
      pieces[at] = random.pick([
        "",
        (pieces[at] ?? "").repeat(2),
        "{",
        "}",
        '"',
        "/*",
        "/",
        "\u0000",
        "@",
        "9x",
      ]);
      const text = pieces.join("");
      const { unit, diagnostics } = parse("x.strm", text);
      expect(unit.statements.length + diagnostics.length).toBeGreaterThan(0);
      for (const { span, message } of diagnostics) {
        expect(span.start >= 0 && span.end <= text.length && span.start <= span.end).toBe(true);
        expect(message).not.toMatch(/undefined|NaN|Expecting/);
      }
    }
  });
});
