// The binder: values in the option's unit, defaults, params, references, and everything that is wrong at once.
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../dsl/diagnostics/diagnostic.ts";
import { bindOptions } from "../../../dsl/spec/bind.ts";
import type { BindScope } from "../../../dsl/spec/bind-scope.ts";
import {
  boolean,
  choice,
  defaulted,
  duration,
  either,
  field,
  fixed,
  integer,
  list,
  optional,
  path,
  record,
  required,
  secret,
  size,
  string,
} from "../../../dsl/spec/options.ts";
import type { Value } from "../../../dsl/syntax/ast.ts";
import { parse } from "../../../dsl/syntax/parse.ts";

const table = {
  topic: required(string(), "The topic."),
  rotate: defaulted(either(duration({ minMs: 60_000 }), choice("daily")), 86_400_000, ""),
  most: optional(size({ maxBytes: 1_000_000 }), ""),
  parallel: optional(integer({ min: 1, max: 8 }), ""),
  follow: defaulted(boolean(), false, ""),
  brokers: optional(either(string(), list(string())), ""),
  folder: optional(path(), ""),
  mask: optional(list(field()), ""),
  password: optional(secret(), ""),
  mode: optional(choice("fast", "slow"), ""),
  sign: optional(string({ without: [",", "\n"] }), ""),
  retain: fixed(optional(duration(), "")),
  tls: optional(record({ key: required(secret(), ""), verify: defaulted(boolean(), true, "") }), ""),
};

function bind(block: string, params: Readonly<Record<string, string>> = {}) {
  const declarations = Object.entries(params).map(([name, value]) => `param ${name} = ${value}\n`);
  const { unit, diagnostics } = parse("main.strm", `${declarations.join("")}sink s into x {\n${block}\n}\n`);
  expect(diagnostics).toEqual([]);
  const values = new Map<string, Value>();
  const reports: Diagnostic[] = [];
  const scope: BindScope = {
    param: (name) => values.get(name),
    paramNames: Object.keys(params),
    rebase: (text) => `base/${text}`,
    report: (report) => reports.push(report),
    isBroken: () => false,
  };
  for (const statement of unit.statements) {
    if (statement.kind === "param") values.set(statement.name.text, statement.value);
    if (statement.kind !== "sink") continue;
    const head = statement.connector.span;
    const bound = bindOptions(
      table,
      { title: "`x`", head, span: statement.span, entries: statement.options },
      scope,
    );
    return { values: bound.values, codes: reports.map(({ code }) => code), reports };
  }
  throw new Error("no sink");
}

const valuesOf = (block: string, params?: Readonly<Record<string, string>>) => {
  const { values, codes } = bind(`topic = "t"\n${block}`, params);
  expect(codes).toEqual([]);
  return values;
};

describe("values", () => {
  test("are in ms and bytes, with defaults filled in", () => {
    expect(
      valuesOf('rotate = 12h, most = 64KiB, parallel = 3, mode = slow, folder = "out", mask = [a.b, c]'),
    ).toEqual({
      topic: "t",
      rotate: 43_200_000,
      most: 65_536,
      parallel: 3,
      follow: false,
      folder: "base/out",
      mask: ["a.b", "c"],
      mode: "slow",
    });
    expect(valuesOf("").rotate).toBe(86_400_000);
  });

  test("the first alternative that fits", () => {
    expect(valuesOf("rotate = daily").rotate).toBe("daily");
    expect(valuesOf('brokers = "a"').brokers).toBe("a");
    expect(valuesOf('brokers = ["a", "b"]').brokers).toEqual(["a", "b"]);
  });

  test("records have their own options and defaults", () => {
    expect(valuesOf('tls = { key = file("k.pem") }').tls).toEqual({
      key: { $file: "base/k.pem" },
      verify: true,
    });
  });
});

describe("params", () => {
  test("stand for their literal, and inside texts", () => {
    const params = { name: '"clicks"', span: "2h", count: "4" };
    const bound = bind('topic = "${name}.${span}.${count}", rotate = span, parallel = count', params);
    expect(bound.codes).toEqual([]);
    expect(bound.values).toMatchObject({ topic: "clicks.2h.4", rotate: 7_200_000, parallel: 4 });
  });

  test("a choice's own word goes before a param of that name", () => {
    expect(valuesOf("mode = fast", { fast: '"slow"' }).mode).toBe("fast");
    expect(valuesOf("mode = speed", { speed: '"slow"' }).mode).toBe("slow");
  });

  test("a param of a wrong type is reported where it is used", () => {
    const { reports } = bind("topic = count", { count: "4" });
    expect(reports.map(({ code, label }) => [code, label])).toEqual([
      ["option.wrong-type", "the param `count` is a number"],
    ]);
    expect(reports[0]?.related).toHaveLength(1);
  });

  test("a param is no way to write a secret into the file", () => {
    expect(bind('topic = "t", password = pass', { pass: '"hush"' }).codes).toEqual(["option.secret-literal"]);
  });
});

describe("references", () => {
  test("stay references", () => {
    const values = valuesOf(
      'rotate = env("R", "6h"), password = secret("P"), folder = file("where.txt"), parallel = env("N")',
    );
    expect(values).toMatchObject({
      rotate: { $env: "R", $default: "6h" },
      password: { $secret: "P" },
      folder: { $file: "base/where.txt" },
      parallel: { $env: "N" },
    });
  });

  test.each([
    ['retain = env("R")', "option.needs-literal"],
    ['rotate = env("R", "soon")', "option.wrong-type"],
    ['rotate = env("R", "5s")', "option.wrong-type"],
    ['password = env("P", "hush")', "option.secret-literal"],
    ["password = env()", "option.function-arguments"],
    ['password = secret("A", "b")', "option.function-arguments"],
    ["password = file(x)", "option.function-arguments"],
    ['password = vault("P")', "option.unknown-function"],
  ])("%s", (block, code) => {
    expect(bind(`topic = "t"\n${block}`).codes).toEqual([code]);
  });
});

describe("mistakes", () => {
  test.each([
    ["rotate = 24", "option.wrong-type", "Say the unit: 24s, 24m, 24h …"],
    ['rotate = "24h"', "option.wrong-type", "Write it without the quotes: 24h"],
    ["rotate = dayly", "option.wrong-type", undefined],
    ["rotate = 5s", "option.out-of-bounds", "Write 1m or more."],
    ["most = 2MB", "option.out-of-bounds", "Write 1MB or less."],
    ["most = 5", "option.wrong-type", "Say the unit: 5KiB, 5MiB …"],
    ["parallel = 1.5", "option.wrong-type", "Write a whole number."],
    ['sign = "a,b"', "option.wrong-type", undefined],
    ['sign = "a\\n"', "option.wrong-type", undefined],
    ['sign = env("S", "a,b")', "option.wrong-type", undefined],
    ["mode = fats", "option.wrong-type", "Did you mean `fast`?"],
    ["mask = a.b", "option.wrong-type", "Put it in brackets: [customer.id]."],
    ['tls = { key = secret("K"), verfy = true }', "option.unknown", "Did you mean `verify`?"],
    ["tls = { }", "option.missing", undefined],
    ["rotat = 24h", "option.unknown", "Did you mean `rotate`?"],
    ["follow = true, follow = false", "option.duplicate", "Remove one of the two."],
    ['password = "hush"', "option.secret-literal", undefined],
  ])("%s", (block, code, help) => {
    const { codes, reports } = bind(`topic = "t"\n${block}`);
    expect(codes).toEqual([code]);
    if (help !== undefined) expect(reports[0]?.help).toBe(help);
  });

  test("all come in one go", () => {
    const block = 'rotate = 1s\nparallel = 99\nfolow = true\npassword = "hush"';
    expect(bind(block).codes).toEqual([
      "option.out-of-bounds",
      "option.out-of-bounds",
      "option.unknown",
      "option.secret-literal",
      "option.missing",
    ]);
  });

  test("a mistyped required option is one mistake", () => {
    expect(bind('topc = "t"').codes).toEqual(["option.unknown"]);
  });

  test("an error never repeats a secret", () => {
    const { reports } = bind('topic = "t", password = "hush-hush"');
    expect(JSON.stringify(reports)).not.toContain("hush-hush");
  });
});
