// Who sees what: gates, opened fields, masks, for streams sealed here and for streams sealed elsewhere.
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConsentCount } from "../../../../runner/kernel/kernel.ts";
import { createMask } from "../../../../runner/privacy/masks.ts";
import { datumOf, inputShapeOf, planIn, runRecords } from "../../../kit/avro-rig.ts";
import { compileTexts } from "../../../kit/compile-file.ts";
import { openWith } from "../../../kit/foreign-open.ts";
import { maskSeed, type Rig, readTimeMs, rigOf } from "../../../kit/kernel-rig.ts";
import { fieldCipher, sealText } from "../../../kit/siv.ts";

const fields = `session: string @key @pii(0)
  email: string?     @pii(1)
  phones: string[]?  @pii(2)
  note: string?`;
const contract = `contract c as "a/c/1.0.0" { ${fields}
  consents: int[]?   @consent }`;
const line = (consents: readonly number[]) =>
  `{"session":"s","email":"e\\u0020\\"x\\"","phones":["p","q"],"note":"n","consents":${JSON.stringify(consents)}}`;
const clear = JSON.parse(line([]));
const purposes = [0, 1, 2] as const;
const paths = ["session", "email", "phones"] as const;

/** One stream of sealed events, and what a program makes of it in another run. */
async function sealedElsewhere(program: string) {
  const first = await rigOf(`${contract}
    source s of c from stdin
    encrypt s into safe
    sink safe into stdout`);
  const second = await rigOf(
    `${contract}
    source safe of sealed c from stdin
    ${program}`,
    { store: first.keys },
  );
  return { first, second, seal: (lines: readonly string[]) => first.run(lines).streams.safe ?? [] };
}

/** Of one batch. */
function consentsIn({ kernel, keys }: Rig, lines: readonly string[]): readonly ConsentCount[] {
  const bytes = Uint8Array.from(Buffer.from(lines.map((one) => `${one}\n`).join("")));
  const wants = kernel.scan({ bytes, origin: "in.jsonl", firstLine: 1, offsetBytes: 0, readTimeMs });
  return kernel.emit(keys.resolve(wants)).consents;
}

describe("consent", () => {
  test("a level that no int holds is left out, so that sealed events can be read", async () => {
    const of = await rigOf(`contract c as "a/c/1.0.0" { k: string @key
      p: string @pii(1)
      e: long[] @consent }
      source s of c from stdin
      encrypt s into safe
      decrypt safe into out for granular(1)
      sink safe into stdout
      sink out into file { path = "out.jsonl" }`);
    const { streams } = of.run(
      [2 ** 31 - 1, 2 ** 31, 2 ** 40].map((level) => `{"k":"k","p":"p","e":[1,${level}]}`),
    );
    const levels = streams.safe?.map((line) => JSON.parse(line).strmMeta.consentLevels);
    expect(levels).toEqual([[1, 2 ** 31 - 1], [1], [1]]);
    expect(streams.out).toHaveLength(3);
  });

  const asked = [
    { step: "decrypt safe into out for granular(1)", levels: [1] },
    { step: "decrypt safe into out for granular(0, 2)", levels: [0, 2] },
    { step: "decrypt safe into out for granular(0, 1, 2)", levels: [0, 1, 2] },
    { step: "decrypt safe into out for cumulative(1)", levels: [0, 1] },
    { step: "decrypt safe into mid for granular(0)\ndecrypt mid into out for granular(2)", levels: [0, 2] },
  ];

  test.each(asked)(
    "$step opens exactly what was asked, for events that consented",
    async ({ step, levels }) => {
      const { second, seal } = await sealedElsewhere(`${step}
      sink out into stdout`);
      const fused = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      ${step}
      sink safe into stdout
      sink out into file { path = "out.jsonl" }`);
      for (let bits = 0; bits < 16; bits++) {
        const consents = [0, 1, 2, 3].filter((level) => (bits & (1 << level)) !== 0);
        const passes = levels.every((level) => consents.includes(level));
        const [sealed = ""] = seal([line(consents)]);
        const elsewhere = second.run([sealed]);
        const here = fused.run([line(consents)]);
        for (const run of [elsewhere, here]) {
          expect(run.streams.out?.length).toBe(passes ? 1 : 0);
          expect(run.rejected).toEqual([]);
          for (const { in: given, out, withheld, rejected } of Object.values(run.tally)) {
            expect(given).toBe(out + withheld + rejected);
          }
          if (!passes) continue;
          const event = JSON.parse(run.streams.out?.[0] ?? "");
          for (const purpose of purposes) {
            const path = paths[purpose];
            const expected = levels.includes(purpose) ? clear[path] : JSON.parse(sealed)[path];
            expect(event[path]).toEqual(expected);
          }
        }
      }
    },
  );

  test("withholding is counted where it happens", async () => {
    const of = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      decrypt safe into mid for granular(0)
      decrypt mid into out for granular(1)
      sink out into stdout`);
    const { tally, streams } = of.run([line([]), line([0]), line([1]), line([0, 1])]);
    expect(Object.keys(streams)).toEqual(["out"]);
    expect(tally).toEqual({
      s: { in: 4, out: 4, withheld: 0, rejected: 0 },
      safe: { in: 4, out: 4, withheld: 0, rejected: 0 },
      mid: { in: 4, out: 2, withheld: 2, rejected: 0 },
      out: { in: 2, out: 1, withheld: 1, rejected: 0 },
    });
  });

  test("events are counted by consent, each batch for itself, and those that are refused are not", async () => {
    const of = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const lines = [line([1, 0]), line([]), line([0, 1]), "{}", line([1, 0]), line([])];
    const byLevels = (batch: readonly string[]) =>
      Object.entries(Object.groupBy(consentsIn(of, batch), ({ levels }) => JSON.stringify(levels))).map(
        ([levels, counts = []]) => [levels, counts.reduce((sum, { events }) => sum + events, 0)],
      );
    expect(byLevels(lines)).toEqual([
      ["[0,1]", 3],
      ["[]", 2],
    ]);
    expect(byLevels([line([])])).toEqual([["[]", 1]]);
  });

  test("what hostile consents make many or long of is counted together", async () => {
    const of = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const many = Array.from({ length: 500 }, (_, level) => line([level]));
    const long = line(Array.from({ length: 300 }, (_, level) => level));
    const consents = consentsIn(of, [...many, long]);
    expect(consents.length).toBeLessThanOrEqual(65);
    expect(consents.every(({ levels }) => levels === null || levels.length <= 16)).toBe(true);
    expect(consents.reduce((sum, { events }) => sum + events, 0)).toBe(501);
  });

  test("cumulative consent implies lower levels, without end", async () => {
    const of = await rigOf(`contract c as "a/c/1.0.0" { ${fields}
      level: int? @consent(cumulative) }
      source s of c from stdin
      encrypt s into safe
      decrypt safe into out for granular(0, 1)
      sink safe into stdout
      sink out into file { path = "out.jsonl" }`);
    const at = (level: number | null) => of.run([`{"session":"s","level":${level}}`]);
    const levels = (level: number | null) =>
      JSON.parse(at(level).streams.safe?.[0] ?? "").strmMeta.consentLevels;
    expect(levels(2)).toEqual([0, 1, 2]);
    expect(levels(-1)).toEqual([-1]);
    expect(levels(null)).toEqual([]);
    expect(levels(2_147_483_647).length).toBe(1001);
    expect([2, 1, 0, null].map((level) => at(level).streams.out?.length)).toEqual([1, 1, 0, 0]);
  });

  test("a consent text that the map lacks rejects the event unless there is a default", async () => {
    const of = await rigOf(`contract c as "a/c/1.0.0" { ${fields}
      word: string? @consent(map = { "yes": [0] }) }
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const { rejected, streams } = of.run(
      ['"yes"', '"no"', "null", '"__proto__"'].map((word) => `{"session":"s","word":${word}}`),
    );
    expect(rejected.map(({ code, path, line: at }) => [code, path, at])).toEqual([
      ["event.unknown-consent", "word", 2],
      ["event.unknown-consent", "word", 4],
    ]);
    expect(streams.safe?.length).toBe(2);
  });

  const worded = `contract c as "a/c/1.0.0" from "c.avsc" {
    session @key
    word @consent(map = { "yes": [0, 2], "": [1], "no": [], "ja\\"": [3] }, default = [7]) }
    source s of c from stdin
    encrypt s into safe
    sink safe into stdout`;
  const levelsOf = [
    ['"yes"', [0, 2]],
    ['""', [1]],
    ['"no"', []],
    ['"ja\\""', [3]],
    ['"YES"', [7]],
    ['"constructor"', [7]],
    ["null", []],
    [undefined, []],
  ] as const;
  const event = (word: string | undefined) => `{"session":"s"${word === undefined ? "" : `,"word":${word}`}}`;
  const schema = (word: object) => ({
    type: "record",
    name: "C",
    fields: [{ name: "session", type: "string" }, word],
  });
  const optional = schema({ name: "word", type: ["null", "string"], default: null });

  test("a map's default is for a text that it lacks, and not for null or no field", async () => {
    const of = await rigOf(worded, { files: { "c.avsc": JSON.stringify(optional) } });
    const { streams, rejected } = of.run(levelsOf.map(([word]) => event(word)));
    expect(rejected).toEqual([]);
    const found = streams.safe?.map((line) => JSON.parse(line).strmMeta.consentLevels);
    expect(found).toEqual(levelsOf.map(([, levels]) => levels));
    // An escape is another spelling of the same text.
    expect(JSON.parse(of.run([event('"\\u0079es"')]).streams.safe?.[0] ?? "").strmMeta.consentLevels).toEqual(
      [0, 2],
    );
  });

  test("datums' texts and symbols mean the same as those in JSON", async () => {
    for (const [json, words] of [
      [optional, levelsOf],
      [
        schema({ name: "word", type: { type: "enum", name: "Word", symbols: ["yes", "maybe", "no"] } }),
        [
          ['"yes"', [0, 2]],
          ['"maybe"', [7]],
          ['"no"', []],
        ],
      ],
    ] as const) {
      const { graph } = compileTexts({ "main.strm": worded, "c.avsc": JSON.stringify(json) });
      const plan = graph && planIn(graph, "avro", "json");
      if (plan === undefined) throw new Error("the program has an error");
      const shape = inputShapeOf(plan);
      const { streams, result } = await runRecords(
        plan,
        words.map(([word]) => datumOf(shape, event(word))),
      );
      expect(result.rejected).toEqual([]);
      const found = streams.safe?.map((line) => JSON.parse(line.toString()).strmMeta.consentLevels);
      expect(found).toEqual(words.map(([, levels]) => levels));
    }
  });

  test("a long list of levels is read like a short one", async () => {
    const of = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      decrypt safe into out for granular(1)
      sink out into stdout`);
    const many = Array.from({ length: 300_000 }, (_, i) => i + 2);
    expect(of.run([line(many), line([...many, 1])]).streams.out?.length).toBe(1);
  });
});

describe("opening what was sealed elsewhere", () => {
  const open = `decrypt safe into out for granular(0, 1, 2)
    decrypt safe into one for granular(1)
    sink out into stdout
    sink one into file { path = "one.jsonl" }
    sink safe into file { path = "copy.jsonl" }`;

  test("gives back every text, escaped no more than needed", async () => {
    const { second, seal } = await sealedElsewhere(open);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.string({ unit: "grapheme" })),
        (email, phones) => {
          const event = { session: "s", email, phones, consents: [0, 1, 2] };
          const escaped = JSON.stringify(event).replace(/[é-\u{10ffff}]/gu, (c) =>
            [...c].map((each) => JSON.stringify(each).slice(1, -1)).join(""),
          );
          const sealed = seal([escaped]);
          const { streams, rejected } = second.run(sealed);
          expect(rejected).toEqual([]);
          expect(streams.safe).toEqual(sealed);
          const out = streams.out?.[0] ?? "";
          expect(JSON.parse(out)).toMatchObject(event);
          expect(out).toContain(`"email":${JSON.stringify(event.email)}`);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a value that was changed, cut, moved or is foreign rejects the event, for that stream alone", async () => {
    const { second, seal } = await sealedElsewhere(open);
    const [sealed = ""] = seal([line([0, 1, 2])]);
    const event = JSON.parse(sealed);
    const flipped = `${event.session.slice(0, 40)}${event.session[40] === "A" ? "B" : "A"}${event.session.slice(41)}`;
    const broken = [
      { session: flipped },
      { session: event.session.slice(0, -4) },
      { session: event.phones[0] },
      { session: "" },
      { session: "plain" },
      { phones: [event.phones[0], event.email] },
    ];
    for (const change of broken) {
      const { streams, rejected, tally } = second.run([JSON.stringify({ ...event, ...change })]);
      expect(rejected).toMatchObject([
        { step: "out", code: "event.does-not-open", path: Object.keys(change)[0], line: 1 },
      ]);
      expect(streams).toMatchObject({ out: [] });
      expect(streams.one?.length).toBe(1);
      expect(streams.safe?.length).toBe(1);
      expect(tally.out).toEqual({ in: 1, out: 0, withheld: 0, rejected: 1 });
      expect(JSON.stringify(rejected)).not.toContain(event.email);
    }
  });

  test("a key link that the store lacks rejects the event where something would be opened", async () => {
    const { second, seal } = await sealedElsewhere(open);
    const [sealed = ""] = seal([line([0, 1, 2])]);
    const stranger = sealed.replace(/"keyLink":"[^"]*"/, '"keyLink":"nobody"');
    const { rejected, streams } = second.run([stranger]);
    expect(rejected).toMatchObject([
      { step: "out", code: "event.key-unknown", path: "strmMeta.keyLink" },
      { step: "one", code: "event.key-unknown" },
    ]);
    expect(streams.safe).toEqual([stranger]);
    // Nobody asks for keys of events that are withheld anyway.
    const before = second.keys.asked.length;
    const [quiet = ""] = seal([line([])]);
    expect(second.run([quiet]).tally.out).toMatchObject({ withheld: 1 });
    expect(second.keys.asked.length).toBe(before);
  });

  test("events that are not as sealing leaves them are refused", async () => {
    const { second, seal } = await sealedElsewhere(open);
    const [sealed = ""] = seal([line([0, 1, 2])]);
    const event = JSON.parse(sealed);
    const { strmMeta, ...rest } = event;
    const cases = [
      [rest, "event.missing-field"],
      [{ ...event, strmMeta: null }, "event.wrong-type"],
      [{ ...event, strmMeta: { ...strmMeta, consentLevels: "all" } }, "event.wrong-type"],
      [{ ...event, strmMeta: { ...strmMeta, keyLink: null } }, "event.wrong-type"],
      [{ ...event, email: 1 }, "event.wrong-type"],
    ] as const;
    for (const [broken, code] of cases) {
      expect(second.run([JSON.stringify(broken)]).rejected).toMatchObject([{ step: "safe", code }]);
    }
  });

  test("bytes that are no text reject the event, though they open", async () => {
    const { first, second, seal } = await sealedElsewhere(open);
    const [sealed = ""] = seal([line([0, 1, 2])]);
    const event = JSON.parse(sealed);
    const cipher = fieldCipher(first.keys.link(event.strmMeta.keyLink), "purpose_bound", 1, "email");
    const email = sealText(cipher, Uint8Array.of(0x61, 0xff));
    const { rejected } = second.run([JSON.stringify({ ...event, email })]);
    expect(rejected.map(({ step, code, path }) => [step, code, path])).toEqual([
      ["out", "event.does-not-open", "email"],
      ["one", "event.does-not-open", "email"],
    ]);
  });

  test("a sealed value may be spelled with escapes", async () => {
    const { second, seal } = await sealedElsewhere(open);
    const sealed = seal([line([0, 1, 2])]).map((each) =>
      each.replaceAll("/", "\\/").replaceAll('"A', '"\\u0041'),
    );
    const { streams, rejected } = second.run(sealed);
    expect(rejected).toEqual([]);
    expect(JSON.parse(streams.out?.[0] ?? "")).toMatchObject({ session: "s", phones: ["p", "q"] });
  });

  test("a pattern holds for clear values and not for sealed ones", async () => {
    const held = `contract c as "a/c/1.0.0" { session: string @key @pii(0) @matches(/^s$/)
      note: string? @matches(/^n$/)
      consents: int[]? @consent }`;
    const first = await rigOf(`${held}
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const second = await rigOf(`${held}
      source safe of sealed c from stdin
      sink safe into stdout`);
    const sealed = first.run(['{"session":"s","note":"n"}', '{"session":"t"}']);
    expect(sealed.rejected.map(({ code }) => code)).toEqual(["event.no-match"]);
    expect(second.run(sealed.streams.safe ?? []).rejected).toEqual([]);
  });
});

describe("masks", () => {
  const masked = (text: string, algorithm: "hmac_sha256" | "murmur3" = "hmac_sha256"): string => {
    const target = Buffer.alloc(32);
    const source = Buffer.from(text);
    const end = createMask(algorithm, maskSeed)(source, 0, source.length, target, 0);
    return target.toString("latin1", 0, end);
  };
  const program = (
    more: string,
    algorithm: "hmac_sha256" | "murmur3",
  ) => `decrypt safe into out for granular(0, 2) {
      mask = [session, email, phones, note]
      mask_seed = secret("S")
      mask_algorithm = ${algorithm}
    }
    sink out into stdout
    ${more}`;

  test.each([
    ["hmac_sha256", createHmac("sha256", maskSeed).update("unique-5").digest("hex").slice(0, 32)],
    ["murmur3", "1083e8169d7138e990cc30095578452"],
  ] as const)(
    "cover clear, sealed and open values, item by item, null staying null: %s",
    async (algorithm, known) => {
      expect(masked("unique-5", algorithm)).toBe(known);
      const { second, seal } = await sealedElsewhere(program("", algorithm));
      const fused = await rigOf(`${contract}
      source s of c from stdin
      encrypt s into safe
      ${program('sink safe into file { path = "safe.jsonl" }', algorithm)}`);
      for (const text of [line([0, 2]), line([0, 2]).replace('"n"', "null")]) {
        const [sealed = ""] = seal([text]);
        const note = JSON.parse(text).note;
        const expected = {
          session: masked("s", algorithm),
          email: masked(JSON.parse(sealed).email, algorithm),
          phones: [masked("p", algorithm), masked("q", algorithm)],
          note: note === null ? null : masked(note, algorithm),
        };
        expect(JSON.parse(second.run([sealed]).streams.out?.[0] ?? "")).toMatchObject(expected);
        expect(JSON.parse(fused.run([text]).streams.out?.[0] ?? "")).toMatchObject(expected);
      }
    },
  );

  test("stay in the streams below", async () => {
    const { second, seal } = await sealedElsewhere(`decrypt safe into mid for granular(0) {
        mask = [session, email]
        mask_seed = secret("S")
      }
      decrypt mid into out for granular(0, 1, 2)
      sink mid into stdout
      sink out into file { path = "out.jsonl" }`);
    const { streams } = second.run(seal([line([0, 1, 2])]));
    const [mid, out] = [JSON.parse(streams.mid?.[0] ?? ""), JSON.parse(streams.out?.[0] ?? "")];
    expect(out.session).toBe(masked("s"));
    expect(out.email).toBe(mid.email);
    expect(out.phones).toEqual(["p", "q"]);
  });
});

test("the scheme strm opens with the empty associated data", async () => {
  const of = await rigOf(`${contract}
    source s of c from stdin
    encrypt s into safe { scheme = strm }
    sink safe into stdout`);
  const [sealed = ""] = of.run([line([])]).streams.safe ?? [];
  const event = JSON.parse(sealed);
  const keys = of.keys.link(event.strmMeta.keyLink);
  expect(openWith(keys, 0, "anything", event.email)).toBe(clear.email);
  expect(openWith(keys, 2, "", event.phones[1])).toBe("q");
});
