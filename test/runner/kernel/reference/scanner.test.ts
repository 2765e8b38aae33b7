// Hostile lines: each is taken or refused as the contract and strict JSON want it, and the tally says so.
import { describe, expect, test } from "vitest";
import { eventCodes } from "../../../../runner/kernel/event-codes.ts";
import { createReferenceKernel } from "../../../../runner/kernel/reference/kernel.ts";
import { plansOf, readTimeMs, rigOf, specOf } from "../../../kit/kernel-rig.ts";
import { MemoryKeys } from "../../../kit/memory-keys.ts";
import { personAsItIs, personContract } from "../../../kit/person.ts";

const rig = await rigOf(personAsItIs());
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));
const event = (more: string): string => `{"session":"s"${more}}`;
const lists = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** A line, and the code and path of its rejection; undefined: it passes unchanged. */
const cases: readonly (readonly [string, string | Buffer, string | undefined, string?])[] = [
  ["the least event", event(""), undefined],
  [
    "every field",
    event(
      ',"email":"e","phones":["1","2"],"amount":1.5e-3,"single":1,"count":1,"small":-1,"good":false,"note":"n","customer":{"id":"i","city":null},"consents":[0]',
    ),
    undefined,
  ],
  [
    "nulls",
    event(',"email":null,"phones":null,"amount":null,"count":null,"customer":null,"consents":null'),
    undefined,
  ],
  ["another order", '{"note":"n","customer":{"city":"c","id":"i"},"session":"s"}', undefined],
  [
    "white space",
    ' \t{ "session" :\t"s" , "phones":[ "a" , "b" ] , "customer" : { "id":"i" } } \r',
    undefined,
  ],
  ["an escaped name", '{"se\\u0073sion":"s"}', undefined],
  ["a missing field", "{}", "event.missing-field", "session"],
  ["a missing field within", event(',"customer":{}'), "event.missing-field", "customer.id"],
  ["invalid UTF-8", bytes('{"session":"', [0xff], '"}'), "event.invalid-utf8"],
  ["overlong UTF-8", bytes('{"session":"', [0xc0, 0x80], '"}'), "event.invalid-utf8"],
  ["a surrogate in UTF-8", bytes('{"session":"', [0xed, 0xa0, 0x80], '"}'), "event.invalid-utf8"],
  ["a duplicate", event(',"session":"t"'), "event.duplicate-key"],
  ["a duplicate by escape", event(',"sessio\\u006e":"t"'), "event.duplicate-key"],
  ["a duplicate within", event(',"customer":{"id":"a","id":"b"}'), "event.duplicate-key", "customer"],
  ["an undeclared field", event(',"surname":"x"'), "event.undeclared-field"],
  [
    "an undeclared field within",
    event(',"customer":{"id":"a","surname":"b"}'),
    "event.undeclared-field",
    "customer",
  ],
  ["__proto__", event(',"__proto__":{"email":"x"}'), "event.undeclared-field"],
  ["a name that is only alike", event(',"Email":"x"'), "event.undeclared-field"],
  ["an empty name", event(',"":1'), "event.undeclared-field"],
  ["a number at a personal path", event(',"email":42'), "event.wrong-type", "email"],
  ["an object at a personal path", event(',"email":{"a":"b"}'), "event.wrong-type", "email"],
  ["a list at a personal path", event(',"email":["a"]'), "event.wrong-type", "email"],
  ["a text where a list is", event(',"phones":"a"'), "event.wrong-type", "phones"],
  ["a number in a personal list", event(',"phones":["a",1]'), "event.wrong-type", "phones"],
  ["null in a personal list", event(',"phones":[null]'), "event.wrong-type", "phones"],
  ["null where none may be", '{"session":null}', "event.wrong-type", "session"],
  ["a fraction for an int", event(',"small":1.0'), "event.wrong-type", "small"],
  ["an exponent for an int", event(',"small":1e2'), "event.wrong-type", "small"],
  ["a text for a number", event(',"amount":"1"'), "event.wrong-type", "amount"],
  ["a number for a boolean", event(',"good":1'), "event.wrong-type", "good"],
  ["2^31-1", event(',"small":2147483647'), undefined],
  ["2^31", event(',"small":2147483648'), "event.number-out-of-range", "small"],
  ["-2^31", event(',"small":-2147483648'), undefined],
  ["-2^31-1", event(',"small":-2147483649'), "event.number-out-of-range", "small"],
  ["-0", event(',"small":-0'), undefined],
  ["2^63-1", event(',"count":9223372036854775807'), undefined],
  ["2^63", event(',"count":9223372036854775808'), "event.number-out-of-range", "count"],
  ["-2^63", event(',"count":-9223372036854775808'), undefined],
  ["-2^63-1", event(',"count":-9223372036854775809'), "event.number-out-of-range", "count"],
  ["a thousand digits", event(`,"count":${"1".repeat(1000)}`), "event.number-out-of-range", "count"],
  ["1e308", event(',"amount":1e308'), undefined],
  ["1e400", event(',"amount":1e400'), "event.number-out-of-range", "amount"],
  ["-1e400", event(',"amount":-1E+400'), "event.number-out-of-range", "amount"],
  ["1e-400", event(',"amount":1e-400'), undefined],
  ["400 digits", event(`,"amount":${"9".repeat(400)}`), "event.number-out-of-range", "amount"],
  ["many digits", event(',"amount":0.1000000000000000055511151231257827'), undefined],
  ["a float too large", event(',"single":1e39'), "event.number-out-of-range", "single"],
  ["a leading zero", event(',"amount":01'), "event.not-json", "amount"],
  ["a plus", event(',"amount":+1'), "event.not-json", "amount"],
  ["a bare point", event(',"amount":1.'), "event.not-json", "amount"],
  ["a bare exponent", event(',"amount":1e'), "event.not-json", "amount"],
  ["a bare minus", event(',"small":-'), "event.not-json", "small"],
  ["NaN", event(',"amount":NaN'), "event.not-json", "amount"],
  ["a half literal", event(',"good":tru'), "event.not-json", "good"],
  ["a literal and more", event(',"good":truex'), "event.not-json"],
  ["single quotes", "{'session':'s'}", "event.not-json"],
  ["a trailing comma", '{"session":"s",}', "event.not-json"],
  ["a trailing comma in a list", event(',"phones":["a",]'), "event.not-json", "phones"],
  ["no colon", '{"session" "s"}', "event.not-json"],
  ["no comma", '{"session":"s" "email":"e"}', "event.not-json"],
  ["a wrong bracket", event(',"phones":["a"}'), "event.not-json", "phones"],
  ["cut in a text", '{"session":"s', "event.not-json", "session"],
  ["cut after a text", '{"session":"s"', "event.not-json"],
  ["cut in an escape", '{"session":"s\\u00', "event.not-json", "session"],
  ["cut after a backslash", '{"session":"s\\', "event.not-json", "session"],
  ["an unknown escape", '{"session":"\\x"}', "event.not-json", "session"],
  ["a bad hex digit", '{"session":"\\u00g0"}', "event.not-json", "session"],
  ["all escapes", '{"session":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83C\\uDF89"}', undefined],
  ["an escaped NUL", '{"session":"\\u0000"}', undefined],
  ["a raw NUL", '{"session":"\u0000"}', "event.control-character", "session"],
  ["a raw tab in a text", '{"session":"\t"}', "event.control-character", "session"],
  ["DEL and U+2028", '{"session":"\u007f\u2028"}', undefined],
  ["a lone high surrogate", '{"session":"\\ud800"}', "event.lone-surrogate", "session"],
  ["a lone low surrogate", '{"session":"\\udc00"}', "event.lone-surrogate", "session"],
  ["two high surrogates", '{"session":"\\ud800\\ud800"}', "event.lone-surrogate", "session"],
  ["a high surrogate and a letter", '{"session":"\\ud800\\u0041"}', "event.lone-surrogate", "session"],
  ["a lone surrogate in a name", event(',"\\ud800":1'), "event.lone-surrogate"],
  ["another value behind", '{"session":"s"}{"session":"s"}', "event.not-json"],
  ["a text", '"x"', "event.wrong-type"],
  ["a list", "[1]", "event.wrong-type"],
  ["a word", "hello", "event.not-json"],
  ["a BOM inside", '\ufeff{"session":"s"}', "event.not-json"],
  ["a no-break space", '\u00a0{"session":"s"}', "event.not-json"],
  ["a consent with a fraction", event(',"consents":[1.5]'), "event.wrong-type", "consents"],
  ["a consent that is text", event(',"consents":"1"'), "event.wrong-type", "consents"],
  ["a consent beyond int", event(',"consents":[4294967296]'), "event.number-out-of-range", "consents"],
];

describe("one line", () => {
  test.each(cases.map(([name, line, code, path]) => ({ name, line, code, path })))(
    "$name",
    ({ line, code, path }) => {
      const input = typeof line === "string" ? Buffer.from(line) : line;
      const { streams, rejected, tally } = rig.run(Buffer.concat([input, Buffer.from("\n")]));
      expect(rejected.map((each) => each.code).join()).toBe(code ?? "");
      expect(rejected.map((each) => each.path)).toEqual(code === undefined ? [] : [path]);
      expect(streams.people).toEqual(code === undefined ? [input.toString().trim()] : []);
      const refused = rejected.length;
      expect(tally.people).toEqual({ in: 1, out: 1 - refused, withheld: 0, rejected: refused });
      for (const each of rejected) {
        expect(each).toMatchObject({ step: "people", line: 1, offsetBytes: 0, start: 0 });
        // The line, without what ends it.
        expect(each.end).toBe(input.at(-1) === 0x0d ? input.length - 1 : input.length);
      }
    },
  );
});

describe("nesting", () => {
  const free = `contract c as "a/c/1.0.0" { k: string? @key
  e: int[]? @consent
  @@unknown(pass) }
  source s of c from stdin
  sink s into stdout`;

  test("64 levels pass and 65 do not, declared or not", async () => {
    const { run } = await rigOf(free);
    const at = (depth: number) =>
      run([`{"x":${lists(depth)}}`, `{"x":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`]);
    expect(at(63).rejected).toEqual([]);
    expect(at(64).rejected.map((each) => each.code)).toEqual(["event.too-deep", "event.too-deep"]);
  });

  test("a line of a million brackets is refused and nothing else is", async () => {
    const { run } = await rigOf(free);
    const { rejected, streams } = run([
      `{"x":${"[".repeat(1_000_000)}`,
      '{"k":"a"}',
      `${"[{".repeat(500_000)}`,
    ]);
    expect(rejected.map(({ code, line }) => `${line} ${code}`)).toEqual([
      "1 event.too-deep",
      "3 event.wrong-type",
    ]);
    expect(streams.s).toEqual(['{"k":"a"}']);
  });

  test("a type that contains itself is bounded like everything else", async () => {
    const schema = {
      type: "record",
      name: "Tree",
      fields: [
        { name: "k", type: ["null", "string"], default: null },
        { name: "e", type: ["null", "int"], default: null },
        { name: "below", type: { type: "array", items: "Tree" }, default: [] },
      ],
    };
    const program = `contract t as "a/t/1.0.0" from "t.avsc" { k @key
    e @consent }
    source s of t from stdin
    sink s into stdout`;
    const { run } = await rigOf(program, { files: { "t.avsc": JSON.stringify(schema) } });
    const tree = (depth: number): string => (depth === 0 ? "{}" : `{"below":[${tree(depth - 1)}]}`);
    expect(run([tree(31)]).rejected).toEqual([]);
    expect(run([tree(32)]).rejected.map((each) => each.code)).toEqual(["event.too-deep"]);
    expect(run([`{"below":[{"k":1}]}`]).rejected.map((each) => each.path)).toEqual(["below.k"]);
  });
});

describe("schemas", () => {
  const schema = {
    type: "record",
    name: "Event",
    fields: [
      { name: "k", type: "string" },
      { name: "e", type: { type: "array", items: "int" }, default: [] },
      { name: "kind", type: { type: "enum", name: "Kind", symbols: ["VIEW", "CART"] } },
      { name: "more", type: { type: "map", values: ["null", "long"] }, default: {} },
      {
        name: "one",
        type: ["null", "string", "long", "boolean", { type: "array", items: "string" }],
        default: null,
      },
      { name: "raw", type: ["null", "bytes"], default: null },
      { name: "hash", type: ["null", { type: "fixed", name: "Hash", size: 2 }], default: null },
    ],
  };
  const program = `contract c as "a/c/1.0.0" from "c.avsc" { k @key @matches(/^k-[0-9]+$/)
  e @consent }
  source s of c from stdin
  sink s into stdout`;
  const more: readonly (readonly [string, string | undefined, string?])[] = [
    ['"kind":"VIEW"', undefined],
    ['"kind":"V\\u0049EW"', undefined],
    ['"kind":"view"', "event.unknown-symbol", "kind"],
    ['"kind":1', "event.wrong-type", "kind"],
    ['"kind":"CART","more":{"a":1,"b":null,"":-5}', undefined],
    ['"kind":"CART","more":{"a":1,"\\u0061":2}', "event.duplicate-key", "more"],
    ['"kind":"CART","more":{"a":"1"}', "event.wrong-type", "more"],
    ['"kind":"CART","more":{"__proto__":1,"constructor":2}', undefined],
    ['"kind":"CART","one":"a"', undefined],
    ['"kind":"CART","one":7', undefined],
    ['"kind":"CART","one":false', undefined],
    ['"kind":"CART","one":["a"]', undefined],
    ['"kind":"CART","one":null', undefined],
    ['"kind":"CART","one":{}', "event.wrong-type", "one"],
    ['"kind":"CART","one":1.5', "event.wrong-type", "one"],
    ['"kind":"CART","raw":"\\u00ff","hash":"ab"', undefined],
    ['"kind":"CART","raw":1', "event.wrong-type", "raw"],
  ];

  test.each(more)("%s", async (members, code, path) => {
    const { run } = await rigOf(program, { files: { "c.avsc": JSON.stringify(schema) } });
    const line = `{"k":"k-1",${members}}`;
    const { rejected, streams } = run([line]);
    expect(rejected.map((each) => [each.code, each.path])).toEqual(code === undefined ? [] : [[code, path]]);
    expect(streams.s).toEqual(code === undefined ? [line] : []);
  });

  test("a byte order mark is a part of its text", async () => {
    const of = await rigOf(
      `contract c as "a/c/1.0.0" from "c.avsc" { k @key @subject @matches(/^k/)\ne @consent }
       source s of c from stdin
       encrypt s into safe
       sink safe into stdout`,
      {
        files: {
          "c.avsc": JSON.stringify({
            type: "record",
            name: "C",
            fields: [
              { name: "k", type: "string" },
              { name: "e", type: { type: "array", items: "int" } },
              { name: "m", type: { type: "map", values: "int" } },
            ],
          }),
        },
      },
    );
    const mark = "\ufeff";
    const { rejected, subjects } = of.run([
      `{"k":"k${mark}","e":[],"m":{"a":1,"${mark}a":2}}`,
      `{"k":"${mark}k","e":[],"m":{}}`,
    ]);
    expect(rejected.map(({ code, path }) => [code, path])).toEqual([["event.no-match", "k"]]);
    expect(subjects).toEqual([`k${mark}`]);
  });

  test("a pattern sees the text, not its spelling", async () => {
    const { run } = await rigOf(program, { files: { "c.avsc": JSON.stringify(schema) } });
    const at = (k: string) => run([`{"k":"${k}","kind":"VIEW"}`]).rejected.map((each) => each.code);
    expect(at("\\u006b-\\u0031")).toEqual([]);
    expect(at("k-1x")).toEqual(["event.no-match"]);
    expect(at("xk-1")).toEqual(["event.no-match"]);
  });
});

describe("rejections", () => {
  test("carry positions, and nothing of the event", async () => {
    const lines = [
      '{"session":"s"}',
      "",
      '{"session":"SECRET1","surname-SECRET2":1}',
      '{"session":"SECRET3}',
      "  ",
      '{"session":"t"}',
    ];
    const { rejected, streams } = rig.run(Buffer.from(lines.join("\r\n")));
    expect(streams.people).toEqual([lines[0], lines[5]]);
    expect(rejected.map(({ line, offsetBytes, start, end }) => [line, offsetBytes, start, end])).toEqual([
      [3, 19, 19, 60],
      [4, 62, 62, 82],
    ]);
    expect(JSON.stringify(rejected)).not.toContain("SECRET");
  });

  test("every code has a page in sentences", async () => {
    for (const [code, page] of Object.entries(eventCodes)) {
      expect(code).toMatch(/^event\.[a-z0-9-]+$/);
      for (const text of [page.title, page.why, page.fix]) expect(text.length).toBeGreaterThan(10);
      expect(page.title.endsWith(".")).toBe(false);
    }
  });

  describe("an unexpected error inside an event says nothing of it", () => {
    const program = `${personContract('at: string? @time(format = "iso")')} encrypt people into safe
      sink safe into file { path = "safe.jsonl" }`;
    const line = '{"session":"SECRET1","email":"SECRET2","at":"SECRET3"}\n';
    const plan = plansOf(program)[0]!;
    const batch = () => ({
      bytes: Uint8Array.from(Buffer.from(line)),
      origin: "in.jsonl",
      firstLine: 1,
      offsetBytes: 0,
      readTimeMs,
    });

    function expectSilence(work: () => unknown, place: string): void {
      expect.assertions(3);
      try {
        work();
      } catch (error) {
        const text = error instanceof Error ? `${error.message} ${error.stack} ${error.cause}` : "";
        expect(text).toContain("This is a bug in strm");
        expect(text).not.toContain("SECRET");
        expect(text).toContain(place);
      }
    }

    test("while it is read", () => {
      const kernel = createReferenceKernel(specOf(plan), (text) => {
        throw new Error(`What is ${text}?`);
      });
      expectSilence(() => kernel.scan(batch()), "times.ts");
    });

    test("while it is written", () => {
      // Without purposes there are no keys, which the plan's streams ask for all the same.
      const broken = { ...plan, spots: plan.spots.map(({ path }) => ({ path })) };
      const kernel = createReferenceKernel(specOf(broken), () => 0);
      const links = new MemoryKeys(broken).resolve(kernel.scan(batch()));
      expectSilence(() => kernel.emit(links), "emitter.ts");
    });
  });
});
