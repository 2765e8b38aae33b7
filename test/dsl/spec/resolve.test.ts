// References become values of their option's type; what is missing is said, and no value is ever repeated.
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  boolean,
  choice,
  defaulted,
  duration,
  either,
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
import { type Lookup, resolveOptions, resolveReference } from "../../../dsl/spec/resolve.ts";

const table = {
  topic: required(string(), ""),
  brokers: required(either(list(string()), string()), ""),
  every: defaulted(duration({ minMs: 1000 }), 60_000, ""),
  most: optional(size({ maxBytes: 1_000_000 }), ""),
  parallel: optional(integer({ min: 1, max: 8 }), ""),
  start: defaulted(choice("earliest", "latest"), "earliest", ""),
  follow: defaulted(boolean(), false, ""),
  folder: optional(path(), ""),
  sign: optional(string({ without: [","] }), ""),
  sasl: optional(record({ user: required(string(), ""), password: required(secret(), "") }), ""),
};

const least = { topic: "clicks", brokers: ["a"] };
const nothing: Lookup = () => undefined;

/** What stands in a made-up environment. */
function environment(values: Readonly<Record<string, string>>): Lookup {
  return (reference) => {
    const name =
      "$env" in reference ? reference.$env : "$secret" in reference ? reference.$secret : reference.$file;
    const text = values[name];
    return text === undefined ? undefined : { text };
  };
}

function problemsOf(values: Parameters<typeof resolveOptions>[1], lookup = nothing) {
  const resolved = resolveOptions(table, values, lookup);
  return resolved.ok ? [] : resolved.problems;
}

describe("resolveOptions", () => {
  test("takes values as they are and fills defaults in", () => {
    const resolved = resolveOptions(table, { ...least, format: "json" }, nothing);
    expect(resolved).toEqual({
      ok: true,
      value: { topic: "clicks", brokers: ["a"], every: 60_000, start: "earliest", follow: false },
    });
    if (resolved.ok) {
      expectTypeOf(resolved.value.every).toEqualTypeOf<number>();
      expectTypeOf(resolved.value.start).toEqualTypeOf<"earliest" | "latest">();
      expectTypeOf(resolved.value.folder).toEqualTypeOf<string | undefined>();
    }
  });

  test("reads a text as its option's type", () => {
    const lookup = environment({
      E: "90s",
      M: "64KiB",
      P: "3",
      S: "latest",
      F: "true",
      B: "a:1, b:2",
      PW: "hush",
    });
    const values = {
      topic: "clicks",
      brokers: { $env: "B" },
      every: { $env: "E" },
      most: { $env: "M" },
      parallel: { $file: "P" },
      start: { $env: "S" },
      follow: { $env: "F" },
      sasl: { user: "strm", password: { $secret: "PW" } },
    };
    expect(resolveOptions(table, values, lookup)).toEqual({
      ok: true,
      value: {
        topic: "clicks",
        brokers: ["a:1", "b:2"],
        every: 90_000,
        most: 65_536,
        parallel: 3,
        start: "latest",
        follow: true,
        sasl: { user: "strm", password: "hush" },
      },
    });
  });

  test("resolves references inside lists", () => {
    const resolved = resolveOptions(
      table,
      { ...least, brokers: ["a", { $env: "B" }] },
      environment({ B: "b" }),
    );
    expect(resolved.ok && resolved.value.brokers).toEqual(["a", "b"]);
  });

  test("an environment variable goes before its default", () => {
    const values = { ...least, topic: { $env: "T", $default: "fallback" } };
    const topicOf = (lookup: Lookup) => {
      const resolved = resolveOptions(table, values, lookup);
      return resolved.ok ? resolved.value.topic : undefined;
    };
    expect(topicOf(nothing)).toBe("fallback");
    expect(topicOf(environment({ T: "set" }))).toBe("set");
    expect(topicOf(environment({ T: "" }))).toBe("");
  });

  test("says all that is missing at once, with the reference", () => {
    const problems = problemsOf({
      brokers: { $env: "B" },
      folder: { $file: "x/y" },
      sasl: { user: "strm", password: { $secret: "PW" } },
    });
    expect(problems).toEqual([
      { option: "topic", message: "`topic` is missing." },
      {
        option: "brokers",
        reference: 'env("B")',
        message: '`brokers` comes from env("B"), and that environment variable is not set.',
      },
      {
        option: "folder",
        reference: 'file("x/y")',
        message: '`folder` comes from file("x/y"), and there is no such file.',
      },
      {
        option: "sasl.password",
        reference: 'secret("PW")',
        message: '`sasl.password` comes from secret("PW"), and there is no secret of that name.',
      },
    ]);
  });

  test("passes on why something can't be read", () => {
    const [problem] = problemsOf({ ...least, topic: { $file: "t" } }, () => ({
      problem: "permission denied",
    }));
    expect(problem?.message).toContain("can't be read: permission denied");
  });

  test.each([
    ["every", "soon"],
    ["every", "10ms"],
    ["most", "2MB"],
    ["parallel", "9"],
    ["parallel", "2.5"],
    ["start", "tomorrow"],
    ["sign", "a,b"],
    ["follow", "yes"],
    ["sasl", "root:hunter2"],
  ])("refuses %s from a wrong text, and never repeats it", (option, text) => {
    const problems = problemsOf({ ...least, [option]: { $secret: "X" } }, environment({ X: text }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.option).toBe(option);
    expect(JSON.stringify(problems)).not.toContain(text);
  });

  test("refuses an empty secret", () => {
    const values = { ...least, sasl: { user: "strm", password: { $secret: "PW" } } };
    expect(problemsOf(values, environment({ PW: "" }))[0]?.message).toContain("is empty");
  });

  test("refuses values of a graph that was changed by hand", () => {
    expect(problemsOf({ ...least, every: "60s" })[0]?.option).toBe("every");
    expect(problemsOf({ ...least, parallel: 99 })[0]?.option).toBe("parallel");
    expect(
      problemsOf({ ...least, sasl: { user: 1, password: { $secret: "PW" } } }, environment({ PW: "x" }))[0]
        ?.option,
    ).toBe("sasl.user");
  });
});

test("resolveReference gives a secret's text", () => {
  expect(resolveReference({ $secret: "S" }, "mask_seed", environment({ S: "hush" }))).toEqual({
    ok: true,
    value: "hush",
  });
  const missing = resolveReference({ $secret: "S" }, "mask_seed", nothing);
  expect(missing.ok).toBe(false);
});
