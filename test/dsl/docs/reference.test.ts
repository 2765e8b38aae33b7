// The reference in docs/ is what the code says today, complete, with links that lead somewhere and examples that check.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { catalog } from "../../../cli/catalog.ts";
import { reference } from "../../../cli/reference.ts";
import { compile } from "../../../dsl/compile.ts";
import { statements } from "../../../dsl/docs/language-page.ts";
import type { OptionTable } from "../../../dsl/spec/options.ts";
import { parse } from "../../../dsl/syntax/parse.ts";

const folder = new URL("../../../docs/reference/", import.meta.url).pathname;
const pages = new Map(reference().map(({ path, text }) => [path, text]));

describe("docs/reference is not stale (npm run docs writes it)", () => {
  test("has exactly these pages", () => {
    const written = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".md"),
    );
    expect(written.sort()).toEqual([...pages.keys()].sort());
  });

  test.each([...pages])("%s", (path, text) => {
    expect(readFileSync(join(folder, path), "utf8")).toBe(text);
  });
});

test("every link leads to a page and a heading of it", () => {
  for (const [path, text] of pages) {
    for (const [, target = "", anchor] of text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
      const to = target === "" ? path : join(dirname(path), target);
      const headings = [...(pages.get(to) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      expect(headings, `${path} links to ${target}#${anchor}`).not.toEqual([]);
      if (anchor !== undefined) expect(headings).toContain(anchor);
    }
  }
});

test("every option of every connector and key store is there with its words", () => {
  const expectOptions = (path: string, options: OptionTable): void => {
    for (const [name, { doc }] of Object.entries(options)) {
      expect(pages.get(path)).toContain(`| \`${name}\` |`);
      expect(pages.get(path)).toContain(doc.replaceAll("|", "\\|"));
    }
  };
  for (const { name, source, sink } of catalog.connectors) {
    expectOptions(`connectors/${name}.md`, { ...source?.options, ...sink?.options });
  }
  for (const { options } of catalog.keyStores) expectOptions("key-stores.md", options);
});

describe("examples", () => {
  test.each(statements.filter(({ example }) => example !== undefined))(
    "of $name can be parsed",
    ({ example = "" }) => {
      expect(parse("example.strm", example).diagnostics).toEqual([]);
    },
  );

  const examples: (readonly [string, string])[] = [
    ...catalog.connectors.flatMap(({ name, source, sink }) => [
      ...(source === undefined ? [] : [[`source ${name}`, source.example] as const]),
      ...(sink === undefined ? [] : [[`sink ${name}`, sink.example] as const]),
    ]),
    ...catalog.keyStores.map(({ name, example }) => [`keys ${name}`, example] as const),
  ];

  test.each(examples)("of %s checks in a whole program", (_, example) => {
    const [, source, contract = "clickstream"] = /^source (\w+) of (\w+)/.exec(example) ?? [];
    const isSink = example.startsWith("sink");
    const program = [
      `contract ${contract} as "acme/example/1.0.0" {\n  session: string @key @pii(1)\n  consent: int[] @consent\n}`,
      source === undefined ? `source clicks of ${contract} from file { path = "in.jsonl" }` : example,
      source === undefined && !isSink ? example : "",
      `encrypt ${source ?? "clicks"} into safe`,
      isSink ? example : 'sink safe into file { path = "out.jsonl" }',
    ].join("\n");
    const entry = "example.strm";
    const { diagnostics } = compile({ entry, files: new Map([[entry, { text: program }]]) }, catalog);
    expect(diagnostics.map(({ message }) => message)).toEqual([]);
  });
});
