// Canonical JSON does not depend on the order of keys, and a graph that was changed is noticed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, finishGraph, readGraph } from "../../../dsl/graph/canonical.ts";

const body = {
  version: 1,
  name: "shop",
  purposes: [{ name: "analytics", level: 1 }],
  contracts: [],
  keyStores: [],
  steps: [],
} as const;

/** The same value with the members of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe("canonicalJson", () => {
  test("reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test("sorts by UTF-16 code units, has no white space, and writes numbers as JavaScript does (RFC 8785)", () => {
    const value = { "\u20ac": 1, "\r": 2, "1": 1e21, "\ud83d\ude00": 4.5, "\ufb33": -0, ö: "\u000f\n" };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":1e+21,"ö":"\\u000f\\n","\u20ac":1,"\ud83d\ude00":4.5,"\ufb33":0}',
    );
  });

  test("leaves undefined members out", () => {
    expect(canonicalJson({ b: undefined, a: [null] })).toBe('{"a":[null]}');
  });
});

describe("readGraph", () => {
  test("reads what finishGraph made, whatever its spelling", () => {
    const graph = finishGraph(body);
    expect(graph.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readGraph(canonicalJson(graph))).toEqual({ ok: true, graph });
    expect(readGraph(JSON.stringify(reversed(graph), null, 2))).toEqual({ ok: true, graph });
  });

  test.each([
    ["a changed graph", JSON.stringify({ ...finishGraph(body), name: "stop" }), /hash/],
    ["a member more", JSON.stringify({ ...finishGraph(body), extra: 1 }), /hash/],
    ["another version", JSON.stringify({ ...finishGraph(body), version: 2 }), /version/],
    ["no graph", "[]", /not a job graph/],
    ["no JSON", "{", /not valid JSON/],
    ["a hashed something", JSON.stringify(finishGraph(JSON.parse('{"version":1}'))), /hash/],
  ])("refuses %s", (_, text, problem) => {
    const read = readGraph(text);
    expect(read.ok ? "" : read.problem).toMatch(problem);
  });
});
