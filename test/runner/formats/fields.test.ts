// Members of JSON by name and type: what is missing, or another type, is zero, empty or false.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../dsl/spec/option-value.ts";
import { Fields } from "../../../runner/formats/fields.ts";

const json: Json = {
  number: 7,
  text: "t",
  flag: true,
  nothing: null,
  zero: 0,
  empty: "",
  off: false,
  inner: { number: 8, inner: { text: "deep" } },
  list: [{ number: 1 }, 2, null, { number: 3 }],
};

test("reads each type of member", () => {
  const fields = new Fields(json);
  expect(fields.number("number")).toBe(7);
  expect(fields.text("text")).toBe("t");
  expect(fields.flag("flag")).toBe(true);
  expect(fields.flag("off")).toBe(false);
  expect(fields.inner("inner").number("number")).toBe(8);
  expect(fields.inner("inner").inner("inner").text("text")).toBe("deep");
  expect(fields.list("list").map((each) => each.number("number"))).toEqual([1, 0, 0, 3]);
});

test("has what is there and not null, also where it is zero, empty or false", () => {
  const fields = new Fields(json);
  for (const name of ["number", "zero", "empty", "off", "inner", "list"])
    expect(fields.has(name), name).toBe(true);
  for (const name of ["nothing", "missing", "__proto__", "toString"])
    expect(fields.has(name), name).toBe(false);
});

describe("what is missing or of another type", () => {
  const readers: readonly (readonly [name: string, read: (fields: Fields) => unknown, otherwise: unknown])[] =
    [
      ["number", (fields) => fields.number("m"), 0],
      ["text", (fields) => fields.text("m"), ""],
      ["flag", (fields) => fields.flag("m"), false],
      ["list", (fields) => fields.list("m").length, 0],
      ["object", (fields) => fields.inner("m").has("m"), false],
    ];
  const members: readonly (readonly [type: string, json: Json | undefined])[] = [
    ["missing", {}],
    ["null", { m: null }],
    ["number", { m: 5 }],
    ["text", { m: "five" }],
    ["flag", { m: true }],
    ["list", { m: [1, 2] }],
    ["object", { m: { m: 1 } }],
    ["no object", [{ m: 5 }]],
    ["no object", "m"],
    ["no object", null],
    ["no object", undefined],
  ];

  for (const [name, read, otherwise] of readers) {
    test(`is ${JSON.stringify(otherwise)} where a member is read as ${name}`, () => {
      for (const [type, member] of members) {
        if (type === name) expect(read(new Fields(member)), type).not.toEqual(otherwise);
        else expect(read(new Fields(member)), type).toEqual(otherwise);
      }
    });
  }

  test("never throws, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.string(), (text, name) => {
        const json: Json = JSON.parse(text);
        const fields = new Fields(json);
        expect(typeof fields.number(name)).toBe("number");
        expect(typeof fields.text(name)).toBe("string");
        expect(typeof fields.flag(name)).toBe("boolean");
        expect(fields.list(name)).toBeInstanceOf(Array);
        expect(fields.inner(name)).toBeInstanceOf(Fields);
      }),
      { numRuns: 200 },
    );
  });
});
