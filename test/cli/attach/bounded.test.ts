// What shapes are made of: bounds, texts that a terminal may have, and refusals that tell the place and never the value.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { amount, code, list, name, object, oneOf, record, text, time } from "../../../cli/attach/bounded.ts";
import { fitting, Misfit } from "../../../cli/attach/misfit.ts";

function refusal<T>(shape: z.ZodType<T>, value: unknown): string {
  try {
    fitting(shape, value, "it");
  } catch (error) {
    if (error instanceof Misfit) return `${error.place} ${error.message}`;
    throw error;
  }
  throw new Error("it was read");
}

/** What must not be looked at any more. */
const trap = new Proxy([], {
  get: () => {
    throw new Error("it was looked at");
  },
});

describe("texts", () => {
  test("lose what is not printed, and are cut", () => {
    expect(fitting(text, "a\u001b[2J\u202eb")).toBe("a\ufffd[2J\ufffdb");
    expect(fitting(text, "x".repeat(5_000))).toBe("x".repeat(4_000));
    expect(fitting(name, "\u0007".repeat(5_000))).toBe("\ufffd".repeat(300));
  });

  test("of times, codes and choices are such", () => {
    expect(fitting(time, "2026-01-02T03:04:05.000Z")).toBe("2026-01-02T03:04:05.000Z");
    expect(refusal(time, "PLANTED")).toBe("it is not a time");
    expect(fitting(code(), "file.io")).toBe("file.io");
    expect(refusal(code(), "PLANTED")).toBe("it is not a code");
    expect(refusal(oneOf("events", "bytes"), "PLANTED")).toBe("it is not events or bytes");
  });
});

test("amounts are from 0 to what a number can count", () => {
  for (const good of [0, 0.5, Number.MAX_SAFE_INTEGER]) expect(fitting(amount, good)).toBe(good);
  for (const bad of [-1, 2 ** 53, 1e300, null, "1"]) expect(refusal(amount, bad)).toBe("it is not an amount");
});

describe("lists and records", () => {
  const pair = object({ from: name, to: name });

  test("end at the first that does not fit", () => {
    expect(refusal(list(pair, 9), [{ from: "a", to: "b" }, { from: 7 }, trap])).toBe(
      "it.1.from is not a name",
    );
    expect(refusal(record(list(amount, 9), 9), { a: [1], b: [1, -1], c: trap })).toBe(
      "it.b.1 is not an amount",
    );
  });

  test("that are too long are not looked into", () => {
    expect(refusal(list(list(amount, 9), 1), [trap, trap])).toBe("it is not a list of 1 at most");
    expect(refusal(record(list(amount, 9), 1), { a: trap, b: trap })).toBe(
      "it is not an object of 1 at most",
    );
  });

  test("are no other things", () => {
    for (const other of [null, 7, "PLANTED", {}])
      expect(refusal(list(name, 9), other)).toBe("it is not a list");
    for (const other of [null, 7, "PLANTED", []])
      expect(refusal(record(name, 9), other)).toBe("it is not an object");
  });

  test("have names that can be printed, and that do no harm", () => {
    const hostile: unknown = JSON.parse('{"a\\u001b":"b","__proto__":"c","constructor":"d"}');
    const read = fitting(record(name, 9), hostile);
    expect(Object.entries(read)).toEqual([
      ["a\ufffd", "b"],
      ["constructor", "d"],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});

test("unknown members are left out", () => {
  const given: unknown = JSON.parse('{"from":"a","more":1,"__proto__":{"to":"b"}}');
  expect(fitting(object({ from: name }), given)).toEqual({ from: "a" });
  expect(refusal(object({ from: name, to: name }), given)).toBe("it.to is not a name");
});

describe("a refusal", () => {
  test("has a place that can be printed, and no long one", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary", maxLength: 1_000 }), fc.constant(-1), { minKeys: 1 }),
        (bad) => {
          fc.pre(Object.keys(bad).some((key) => key !== "__proto__"));
          const said = refusal(record(amount, 1_000), bad);
          expect(said.length).toBeLessThan(350);
          expect(said).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(said).toMatch(/ is not an amount$/);
        },
      ),
    );
    expect(refusal(record(amount, 9), { ["\u001b".repeat(5_000)]: -1 }).length).toBeLessThan(350);
  });

  test("has none of the library's words, which quote", () => {
    expect(refusal(z.strictObject({}), { PLANTED: 1 })).toBe("it does not fit");
    expect(refusal(z.literal("a"), "PLANTED")).toBe("it does not fit");
  });
});
