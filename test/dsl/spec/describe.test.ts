// What errors say of types reads well, and their examples are values of the type.
import { describe, expect, test } from "vitest";
import {
  alternatives,
  brokenBound,
  durationText,
  example,
  expectation,
  sizeText,
} from "../../../dsl/spec/describe.ts";
import {
  choice,
  duration,
  either,
  integer,
  list,
  path,
  record,
  required,
  secret,
  size,
  string,
} from "../../../dsl/spec/options.ts";
import { parseDuration, parseSize } from "../../../dsl/text/units.ts";

test.each([
  [integer({ min: 20 }), "a whole number, such as 20"],
  [duration(), "a duration, such as 1m"],
  [duration({ minMs: 3_600_000 }), "a duration, such as 1h"],
  [size({ maxBytes: 1000 }), "a size, such as 1KB"],
  [choice("json", "csv"), "`json` or `csv`"],
  [choice(",", "\t", "utf-8"), '`","`, `"\\t"` or `"utf-8"`'],
  [string({ without: [",", "\n"] }), 'a text in quotes, such as "clicks", but without `","` or `"\\n"`'],
  [either(duration(), choice("daily")), "a duration, such as 1m, or `daily`"],
  [list(path()), 'a list, such as ["data/events.jsonl"]'],
  [secret(), 'a secret, such as secret("NAME")'],
  [record({ user: required(integer(), "") }), "an object, such as { user = 10 }"],
] as const)("%j", (type, text) => {
  expect(expectation(type)).toBe(text);
  expect(text).toContain(example(type));
});

describe("numbers with units", () => {
  test.each([0, 1, 999, 1000, 60_000, 90_000, 86_400_000, 604_800_000])("%d ms reads back", (value) => {
    expect(parseDuration(durationText(value))).toBe(value);
  });

  test.each([0, 1, 1000, 1024, 65_536, 5_000_000, 16_777_216, 1_073_741_824])(
    "%d bytes reads back",
    (value) => {
      expect(parseSize(sizeText(value))).toBe(value);
    },
  );

  test("days stay days", () => {
    expect(durationText(2_592_000_000)).toBe("30d");
  });
});

test("bounds are said in the type's unit", () => {
  expect(brokenBound(duration({ minMs: 60_000 }), 5000)?.must).toBe("at least 1m");
  expect(brokenBound(size({ maxBytes: 1_048_576 }), 2_000_000)?.instead).toBe("1MiB or less");
  expect(brokenBound(integer({ min: 0, max: 3 }), 3)).toBeUndefined();
});

test("alternatives", () => {
  expect([alternatives([]), alternatives(["a"]), alternatives(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a, b or c",
  ]);
});
