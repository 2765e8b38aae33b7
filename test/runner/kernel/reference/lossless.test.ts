// Properties over random events: nothing changes that need not, strictness is JSON's own, and batches may be cut anywhere.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rigOf } from "../../../kit/kernel-rig.ts";
import { personAsItIs, personPipeline } from "../../../kit/person.ts";

const copy = await rigOf(personAsItIs());
const pipeline = await rigOf(personPipeline());
/** The plan as it was compiled: it seals and opens every value. */
const unoptimized = await rigOf(personPipeline(), { plain: true });
const dropping = await rigOf(personAsItIs("@@unknown(drop)"));

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "é", "\u0000", '"', "\\", "/", "🎉", "\u2028", "a".repeat(40)),
);
const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\r"), maxLength: 3 });

/** A JSON string of the text, with escapes where none are needed. */
const spelled = (value: string): fc.Arbitrary<string> =>
  fc.infiniteStream(fc.nat(3)).map((choices) => {
    let out = "";
    for (const c of value) {
      const choice = choices.next().value;
      const units = Array.from({ length: c.length }, (_, i) => c.charCodeAt(i).toString(16).padStart(4, "0"));
      if (choice === 0) out += units.map((unit) => `\\u${unit}`).join("");
      else if (choice === 1) out += units.map((unit) => `\\u${unit.toUpperCase()}`).join("");
      else if (c === "/" && choice === 2) out += "\\/";
      else out += JSON.stringify(c).slice(1, -1);
    }
    return `"${out}"`;
  });

const string = text.chain(spelled);
const double = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .chain((value) => fc.constantFrom(String(value), value.toExponential(), `${Math.trunc(value % 1e15)}.000`));
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String);
const nullable = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant("null") });

const spaced = (parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(space, { minLength: parts.length + 1, maxLength: parts.length + 1 }).map((spaces) => {
    return parts.reduce((out, part, i) => `${out}${part}${spaces[i + 1]}`, spaces[0] ?? "");
  });
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(item, { maxLength: 4 })
    .chain((items) =>
      spaced(["[", ...items.flatMap((each, i) => (i === 0 ? [each] : [",", each])), "]"]).map((t) =>
        t.trim(),
      ),
    );

type Member = readonly [string, fc.Arbitrary<string>];

/** An object of some of the members in any order, names spelled in any way. */
const object = (always: readonly Member[], maybe: readonly Member[]): fc.Arbitrary<string> =>
  fc
    .subarray([...maybe])
    .chain((some) => fc.shuffledSubarray([...always, ...some], { minLength: always.length + some.length }))
    .chain((members) => fc.tuple(...members.map(([name, value]) => fc.tuple(spelled(name), value))))
    .chain((members) =>
      spaced([
        "{",
        ...members.flatMap(([name, value], i) => [...(i === 0 ? [] : [","]), name, ":", value]),
        "}",
      ]),
    )
    .map((out) => out.trim());

const consents = list(fc.integer({ min: 0, max: 4 }).map(String));
const event = (levels: fc.Arbitrary<string>, more: readonly Member[] = []): fc.Arbitrary<string> =>
  object(
    [
      ["session", string],
      ["consents", levels],
    ],
    [
      ["email", nullable(string)],
      ["phones", nullable(list(string))],
      ["amount", nullable(double)],
      ["count", nullable(long)],
      ["small", nullable(int)],
      ["good", nullable(fc.constantFrom("true", "false"))],
      ["note", nullable(string)],
      ["customer", nullable(object([["id", string]], [["city", nullable(string)]]))],
      ...more,
    ],
  );

describe("nothing is lost", () => {
  test("a stream without changes has the very bytes of its source", () => {
    fc.assert(
      fc.property(fc.array(event(nullable(consents)), { minLength: 1, maxLength: 5 }), (lines) => {
        const { streams, rejected } = copy.run(lines);
        expect(rejected).toEqual([]);
        expect(streams.people).toEqual(lines);
      }),
      { numRuns: 300 },
    );
  });

  /** The line with its personal values spelled with as few escapes as JSON allows, and not a byte of the rest changed. */
  function respelled(line: string): string {
    let name = "";
    const tokens = line.match(/"(?:[^"\\]|\\.)*"|[^"]+/g) ?? [];
    return tokens
      .map((token, i) => {
        if (!token.startsWith('"')) return token;
        const text: string = JSON.parse(token);
        const isName = /^[ \t\r]*:/.test(tokens[i + 1] ?? "");
        if (isName) name = text;
        return !isName && ["session", "email", "phones", "id"].includes(name) ? JSON.stringify(text) : token;
      })
      .join("");
  }

  test("what is sealed and opened again in one job has the source's bytes, strmMeta and its values' escapes aside", () => {
    fc.assert(
      fc.property(fc.array(event(fc.constant("[0,1,2,3]")), { minLength: 1, maxLength: 5 }), (lines) => {
        const { streams, rejected } = pipeline.run(lines);
        expect(rejected).toEqual([]);
        const opened = streams.all?.map((line) => line.replace(/,?"strmMeta":\{"eventContractRef".*?\}/, ""));
        expect(opened).toEqual(lines.map(respelled));
        // Nothing tells whether the ciphertext was opened or the plaintext at hand was taken.
        expect(unoptimized.run(lines).streams).toEqual(streams);
        streams.safe?.forEach((line, i) => {
          const { strmMeta, ...sealed } = JSON.parse(line);
          const was = JSON.parse(lines[i] ?? "");
          expect(Object.keys(strmMeta).length).toBe(5);
          // Big integers are compared as they are spelled.
          expect(line).toContain(/"\s*:\s*(-?\d{17,})/.exec(lines[i] ?? "")?.[1] ?? "");
          for (const [name, value] of Object.entries(was)) {
            if (!["session", "email", "phones", "customer"].includes(name))
              expect(sealed[name]).toEqual(value);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test("dropping undeclared fields leaves the rest as it parses", () => {
    const extras: readonly Member[] = [
      ["x1", fc.json({ maxDepth: 2 })],
      ["x2", string],
      ["x3", fc.constant('{"a":[{},[]]}')],
    ];
    fc.assert(
      fc.property(event(consents, extras), (line) => {
        const { streams, rejected } = dropping.run([line]);
        // Random JSON may hold a name twice in other spellings, which is refused; the extras here do not.
        expect(rejected).toEqual([]);
        const { x1, x2, x3, ...rest } = JSON.parse(line);
        expect(JSON.parse(streams.people?.[0] ?? "")).toEqual(rest);
      }),
      { numRuns: 300 },
    );
  });
});

describe("strictness", () => {
  /** What the contract of these tests takes, judged on what JSON.parse makes of a line. */
  function fits(line: string): boolean {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return false;
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return false;
    const isText = (value: unknown) => typeof value === "string" && !/\p{Surrogate}/u.test(value);
    const opt = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value);
    /** Of that many bits, the sign among them. */
    const whole = (value: unknown, bits: number) =>
      Number.isInteger(value) && Number(value) >= -(2 ** (bits - 1)) && Number(value) < 2 ** (bits - 1);
    const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
      session: isText,
      email: opt(isText),
      phones: opt((value) => Array.isArray(value) && value.every(isText)),
      amount: opt((value) => Number.isFinite(value)),
      count: opt((value) => whole(value, 64)),
      small: opt((value) => whole(value, 32)),
      good: opt((value) => typeof value === "boolean"),
      note: opt(isText),
      consents: opt((value) => Array.isArray(value) && value.every((each) => whole(each, 32))),
      customer: opt((value) => {
        if (typeof value !== "object" || value === null || Array.isArray(value) || !("id" in value))
          return false;
        const { id, ...rest } = value;
        return (
          isText(id) && Object.entries(rest).every(([name, city]) => name === "city" && opt(isText)(city))
        );
      }),
    };
    return (
      "session" in parsed && Object.entries(parsed).every(([name, value]) => checks[name]?.(value) === true)
    );
  }

  /** True where JSON.parse can't be the judge: a name twice, a number's spelling, or a line that is no single line. */
  const beyondOracle = (line: string): boolean =>
    line.includes("\n") ||
    /\d[.eE]/.test(line) ||
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].length !==
      new Set([...line.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map((m) => m[0].replace(/\s/g, ""))).size;

  const plain = object(
    [["session", string]],
    [
      ["email", nullable(string)],
      ["phones", nullable(list(string))],
      ["small", nullable(int)],
      ["good", fc.constantFrom("true", "false", "null")],
      ["customer", nullable(object([["id", string]], []))],
      ["consents", consents],
    ],
  );

  test("a line that lost, gained or changed a byte is judged as JSON.parse and the contract judge it", () => {
    let refused = 0;
    let taken = 0;
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom("remove", "insert", "replace"),
      fc.constantFrom(...'{}[]",:\\ u0919-+tfn\u0000\u0001\t\rx/é'),
    );
    const judged = plain.filter((line) => !beyondOracle(line));
    // Several variants of each line: to make up a line takes longer than to judge it.
    const variants = fc.array(fc.array(change, { minLength: 1, maxLength: 2 }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(judged, variants, (line, all) => {
        for (const changes of all) {
          let broken = line;
          for (const [at, how, c] of changes) {
            const i = at % (broken.length + 1);
            const after = how === "insert" ? i : i + 1;
            broken = `${broken.slice(0, i)}${how === "remove" ? "" : c}${broken.slice(after)}`;
          }
          // A change may split a pair of surrogates: bytes can't say that.
          if (beyondOracle(broken) || broken.trim() === "" || /\p{Surrogate}/u.test(broken)) continue;
          const { rejected, streams, tally } = copy.run([broken]);
          const accepted = rejected.length === 0;
          expect(accepted).toBe(fits(broken));
          if (accepted) expect(streams.people).toEqual([broken.replace(/^[ \t\r]+|[ \t\r]+$/g, "")]);
          expect(tally.people).toEqual({
            in: 1,
            out: accepted ? 1 : 0,
            withheld: 0,
            rejected: accepted ? 0 : 1,
          });
          if (accepted) taken++;
          else refused++;
        }
      }),
      { numRuns: 500 },
    );
    // Both verdicts were put to the test.
    expect(refused + taken).toBeGreaterThan(5000);
    expect(Math.min(refused, taken)).toBeGreaterThan(300);
  });

  test("random bytes are refused or taken, and never bring the kernel down", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { tally } = pipeline.run(bytes);
        for (const { in: given, out, withheld, rejected } of Object.values(tally)) {
          expect(given).toBe(out + withheld + rejected);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("however lines are cut into batches, the same comes out", () => {
  const lines = fc.array(
    fc.oneof(
      event(nullable(consents)),
      fc.constantFrom("", "  ", "{", '{"session":1}', '{"session":"s","session":"t"}'),
    ),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 5 }), (input, batchLines) => {
      const whole = pipeline.run(input);
      const cut = pipeline.run(input, batchLines);
      expect(cut).toEqual(whole);
      for (const { in: given, out, withheld, rejected } of Object.values(whole.tally)) {
        expect(given).toBe(out + withheld + rejected);
      }
      expect(whole.tally.safe?.in).toBe(whole.tally.people?.out);
      expect(whole.tally.people?.in).toBe(input.filter((line) => line.trim() !== "").length);
    }),
    { numRuns: 150 },
  );
});
