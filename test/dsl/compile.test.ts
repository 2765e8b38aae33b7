// compile() as a whole: it never throws, reports in order and once, asks for files, and one mistake is one finding.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, type LoadedFile } from "../../dsl/compile.ts";
import { bigProgram } from "../kit/big-program.ts";
import { testCatalog } from "../kit/catalog.ts";
import { compileTexts } from "../kit/compile-file.ts";
import { type Random, seeded } from "../kit/random.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const read = (path: string): string => readFileSync(join(fixtures, path), "utf8");
const avsc = read("graphs/clickstream.avsc");
const purposes = read("graphs/purposes.strm");
// In the example no field belongs to `personalisation`, of which a warning tells; here one does.
const language = read("graphs/language.strm").replace("@matches", "@pii(personalisation) @matches");

function compileLanguage(text: string, schema = avsc, imported = purposes) {
  return compileTexts({ "language.strm": text, "clickstream.avsc": schema, "purposes.strm": imported });
}

const codesOf = (result: { readonly diagnostics: readonly { readonly code: string }[] }): string[] =>
  result.diagnostics.map(({ code }) => code);

describe("files", () => {
  test("what is missing is wanted, step by step", () => {
    const files = new Map<string, LoadedFile>();
    const rounds: (readonly string[])[] = [];
    for (;;) {
      const { wanted, graph } = compile({ entry: "a/main.strm", files }, testCatalog);
      if (wanted.length === 0) {
        expect(graph).toBeDefined();
        break;
      }
      expect(graph).toBeUndefined();
      rounds.push(wanted);
      for (const path of wanted) {
        const text = path.endsWith("main.strm")
          ? language.replace("purposes.strm", "../b/purposes.strm")
          : path.endsWith(".avsc")
            ? avsc
            : purposes;
        files.set(path, { text });
      }
    }
    expect(rounds).toEqual([["a/main.strm"], ["b/purposes.strm"], ["a/clickstream.avsc"]]);
  });

  test("paths of imported keys are relative to the entry", () => {
    const entry =
      'import "shared/keys.strm"\nsource a of c from stdin\nencrypt a into b\nsink b into stdout\n';
    const keys = `keys vault in sqlite { path = "vault.db", master_key = file("../master.jwk") }
contract c as "a/c/1.0.0" { k: string @key @pii(1), s: int[] @consent }\n`;
    const { graph, diagnostics } = compileTexts({ "main.strm": entry, "shared/keys.strm": keys });
    expect(diagnostics).toEqual([]);
    expect(graph?.keyStores[0]?.options.path).toBe("shared/vault.db");
    expect(graph?.keyStores[0]?.masterKey).toEqual({ $file: "master.jwk" });
  });

  test("streams of an imported file are not brought in, but its errors are shown", () => {
    const other =
      'source x of nothing from stdin\npurposes { a = 0, a = 1 }\ncontract c as "bad" { k: string @key, s: int[] @consent }';
    const result = compileTexts({ "main.strm": 'import "other.strm"\n', "other.strm": other });
    expect(codesOf(result)).toEqual(["purpose.duplicate-name", "contract.ref"]);
  });

  test("an entry that can't be read is a finding", () => {
    const files = new Map<string, LoadedFile>([["main.strm", { problem: "there is no such file" }]]);
    const { diagnostics, graph } = compile({ entry: "main.strm", files }, testCatalog);
    expect(diagnostics.map(({ code }) => code)).toEqual(["import.not-found"]);
    expect(graph).toBeUndefined();
  });
});

describe("one mistake, one finding", () => {
  const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
    ["a mistyped stream", "decrypt safe into research", "decrypt saef into research", ["name.unknown"]],
    ["a statement cut short", "encrypt clicks into safe", "encrypt clicks safe", ["syntax.unexpected"]],
    ["a contract that is lost", "contract clickstream as", "contract clickstream", ["syntax.unexpected"]],
    ["a mistyped statement", "source clicks of", "sorce clicks of", ["syntax.unknown-statement"]],
    ["a schema that is missing", '"clickstream.avsc"', '"missing.avsc"', ["schema.not-found"]],
    ["an import that is missing", '"purposes.strm"', '"missing.strm"', ["import.not-found"]],
    ["an unknown contract", "clicks of clickstream", "clicks of clickstreams", ["name.unknown"]],
    ["an unknown connector", "from kafka", "from kafak", ["name.unknown-connector"]],
    ["an unknown key field", "producerSessionId  ", "producerSesionId  ", ["schema.unknown-path"]],
    ["an unknown purpose", "@pii(functional)", "@pii(functonal)", ["purpose.unknown"]],
    ["an unknown store", "keys vault in postgres", "keys vault in postgers", ["name.unknown-store"]],
    ["a mistyped required option", "url = env", "ulr = env", ["option.unknown"]],
    ["a bad pattern", "https?:", "(?=https?):", ["contract.pattern"]],
    ["a mask that is no list", "[customer.id]", "customer.id", ["option.wrong-type"]],
    ["an option without a value", "rotate = 24h", "rotate =", ["syntax.unexpected"]],
  ];
  test.each(cases)("%s", (_title, before, after, codes) => {
    expect(language).toContain(before);
    expect(codesOf(compileLanguage(language.replace(before, after)))).toEqual(codes);
  });

  test("mistakes in several places all come, in the order of the file", () => {
    const text = language
      .replace("rotate = 24h", "rotate = 1s")
      .replace("into gcs", "into gsc")
      .replace("@subject", "@sbject");
    const result = compileLanguage(text);
    expect(codesOf(result)).toEqual([
      "contract.unknown-annotation",
      "option.out-of-bounds",
      "name.unknown-connector",
    ]);
  });

  test("warnings leave the graph", () => {
    const { diagnostics, graph } = compileLanguage(language.replace(/^sink research .*$/m, ""));
    expect(diagnostics.map(({ code }) => code)).toEqual(["unused.stream"]);
    expect(graph).toBeDefined();
  });
});

describe("broken programs", () => {
  const programs = readdirSync(join(fixtures, "graphs"))
    .filter((file) => file.endsWith(".strm"))
    .map((file) => read(`graphs/${file}`));

  test("300 mutated programs: no throw, spans inside their files, an error or a graph", () => {
    const random = seeded(20_261_124);
    let valid = 0;
    for (let round = 0; round < 300; round++) {
      const text = mutated(random.pick(programs), random);
      const texts = { "main.strm": text, "clickstream.avsc": avsc, "purposes.strm": purposes };
      const { diagnostics, graph, wanted } = compileTexts(texts);
      const errors = diagnostics.filter(({ severity }) => severity === "error").length;
      if (wanted.length === 0) expect(graph === undefined).toBe(errors > 0);
      if (graph !== undefined) valid += 1;
      for (const { span } of diagnostics) {
        const file = { ...texts }[span.file];
        expect(file, span.file).toBeDefined();
        expect(span.start).toBeLessThanOrEqual(span.end);
        expect(span.end).toBeLessThanOrEqual(file?.length ?? 0);
      }
    }
    expect(valid).toBeLessThan(150);
  });

  test("mutated schemas: no throw", () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round++) {
      const { diagnostics, graph } = compileLanguage(language, mutated(avsc, random));
      expect(graph !== undefined || diagnostics.length > 0).toBe(true);
    }
  });

  test("hostile texts: no throw", () => {
    const texts = [
      "",
      "\u0000",
      "\uFEFF",
      "{".repeat(5000),
      `mask = ${"[".repeat(10_000)}`,
      'contract __proto__ as "a/b/1.0.0" { constructor: string @key, toString: int[] @consent }',
      "source constructor of __proto__ from toString { hasOwnProperty = 1 }",
      'param a = ["${a}"]\nparam b = "${b}"\nsource s of c from file { path = b }',
      "decrypt a into a for granular(1)\nencrypt b into b",
      `source s of c from file { path = "${"*".repeat(2000)}" }`,
      "purposes { a = 99999999999999999999999 }",
    ];
    for (const text of texts) expect(() => compileTexts({ "main.strm": text })).not.toThrow();
  });
});

/** One to three tokens removed, doubled, swapped or changed. */
function mutated(text: string, random: Random): string {
  const tokens = text.match(/\w+|\s+|[^\w\s]/g) ?? [];
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(tokens.length);
    const other = random.below(tokens.length);
    const token = tokens[at] ?? "";
    const ways = ["", token + token, tokens[other] ?? "", `${token.slice(0, -1)}x`, '"', "{", "0", "sink"];
    tokens[at] = random.pick(ways);
  }
  return tokens.join("");
}

test("a program of 5,000 lines has no finding and all of its steps", () => {
  const { diagnostics, graph } = compileTexts({ "big.strm": bigProgram(5000) });
  expect(diagnostics).toEqual([]);
  expect(graph?.steps.length).toBeGreaterThan(1000);
});
