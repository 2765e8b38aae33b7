// The state of every field along the flow, and what sinks may do: the cases that are right, beside the fixtures' wrong ones.
import { describe, expect, test } from "vitest";
import type { FieldState, GraphStep } from "../../../dsl/graph/job-graph.ts";
import { compileTexts } from "../../kit/compile-file.ts";

const shop = `
contract click as "acme/click/1.0.0" {
  session: string    @key @pii(0)
  customer: { id: string?  @subject @pii(1), emails: string[]  @pii(2) }
  url: string
  choice: int[]      @consent
}
source clicks of click from file { path = "data/clicks.jsonl" }
encrypt clicks into safe
`;
const safeSink = 'sink safe into file { path = "out/safe.jsonl" }\n';

function compileShop(rest: string) {
  return compileTexts({ "main.strm": shop + rest });
}

const codesOf = (rest: string): string[] => compileShop(rest).diagnostics.map(({ code }) => code);

function statesOf(steps: readonly GraphStep[] | undefined, name: string): Record<string, string> {
  const step = steps?.find((one) => one.kind !== "sink" && one.name === name);
  const fields: readonly FieldState[] = step !== undefined && "fields" in step ? step.fields : [];
  return Object.fromEntries(
    fields.filter(({ state }) => state !== "open").map(({ path, state }) => [path, state]),
  );
}

describe("field states", () => {
  const rest = `${safeSink}
decrypt safe into first  for granular(0) { mask = [session, customer.emails, url], mask_seed = secret("S") }
decrypt first into second for cumulative(1)
sink first  into file { path = "out/first.jsonl" }
sink second into file { path = "out/second.jsonl" }
`;
  const { graph, diagnostics } = compileShop(rest);

  test("nothing is wrong", () => expect(diagnostics).toEqual([]));

  test.each([
    ["clicks", { session: "raw", "customer.id": "raw", "customer.emails": "raw" }],
    ["safe", { session: "sealed", "customer.id": "sealed", "customer.emails": "sealed" }],
    ["first", { session: "masked", "customer.id": "sealed", "customer.emails": "masked", url: "masked" }],
    ["second", { session: "masked", "customer.id": "clear", "customer.emails": "masked", url: "masked" }],
  ])("%s", (name, states) => {
    expect(statesOf(graph?.steps, name)).toEqual(states);
  });

  test("a masked field can't be masked again", () => {
    const again = rest.replace(
      "cumulative(1)",
      'cumulative(1) { mask = [session], mask_seed = secret("S") }',
    );
    expect(codesOf(again)).toEqual(["flow.masked-twice"]);
  });

  test("a sealed stream has all of strmMeta", () => {
    const step = graph?.steps.find(({ name }) => name === "safe");
    const paths = step !== undefined && "fields" in step ? step.fields.map(({ path }) => path) : [];
    expect(paths.filter((path) => path.startsWith("strmMeta."))).toHaveLength(5);
  });

  test("a decrypt takes keys and scheme from its encrypt", () => {
    const text = `keys vault in sqlite
${shop.replace("into safe", "into safe { scheme = strm }")}
decrypt safe into a for granular(1)
decrypt a into b for granular(2) { keys = vault, scheme = strm }
sink b into stdout`;
    const { graph: other, diagnostics: none } = compileTexts({ "main.strm": text });
    expect(none).toEqual([]);
    const gates = other?.steps.filter(({ kind }) => kind === "decrypt");
    expect(gates).toHaveLength(2);
    for (const gate of gates ?? []) expect(gate).toMatchObject({ keys: "vault", scheme: "strm" });
  });

  test("without a `keys` statement the catalog's default store is used", () => {
    expect(graph?.keyStores).toEqual([{ name: "default", store: "sqlite", options: {} }]);
  });
});

describe("cumulative", () => {
  test.each([
    ["", "cumulative(3)", [0, 1, 2, 3]],
    ["purposes { a = 0, b = 2, c = 5 }", "cumulative(b)", [0, 2]],
    ["purposes { a = 0, b = 2, c = 5 }", "granular(c, a)", [0, 5]],
  ])("%s %s", (purposes, asked, levels) => {
    const contract = 'contract c as "a/c/1.0.0" { k: string @key @pii(0), s: int[] @consent }';
    const flow = `source x of c from stdin\nencrypt x into y\ndecrypt y into z for ${asked}\nsink z into stdout`;
    const { graph } = compileTexts({ "main.strm": `${purposes}\n${contract}\n${flow}` });
    expect(graph?.steps).toContainEqual(expect.objectContaining({ kind: "decrypt", purposes: levels }));
  });
});

describe("sinks that are right", () => {
  test.each([
    [
      "raw events with a reason",
      `${safeSink}sink clicks into file { path = "out/raw.jsonl", exposing = "audit" }`,
    ],
    [
      "rejected events, sealed or not",
      `${safeSink}sink clicks.rejected into file { path = "r.jsonl", exposing = "audit" }`,
    ],
    ["keys as csv", `${safeSink}sink safe.keys into file { path = "out/keys.csv" }`],
    ["two sinks of one stream", `${safeSink}sink safe into stdout`],
    [
      "two buckets with the machine's own rights",
      'sink safe into s3 { bucket = "a" }\nsink safe into s3 { bucket = "b" }',
    ],
    [
      "streams with the same readers in one topic's place",
      'sink safe into kafka { topic = "clicks" }\nsink clicks.rejected into kafka { topic = "clicks" }',
    ],
    ["a file beside those of a pattern", 'sink safe into file { path = "data/out/clicks.jsonl" }'],
  ])("%s", (_title, rest) => {
    expect(codesOf(rest)).toEqual([]);
  });

  const opened = "decrypt safe into known for granular(0, 1)\n";
  const bucket = (stream: string, options: string) => `sink ${stream} into s3 { bucket = "b"${options} }\n`;
  test.each([
    ["folders beside each other", ', prefix = "a"', ', prefix = "ab"', []],
    ["one folder, spelled in two ways", ', prefix = "a"', ', prefix = "a//"', ["flow.shared-place"]],
    ["a folder inside of another", ', prefix = "a/"', ', prefix = "a/b"', ["flow.shared-place"]],
    ["a folder inside of the whole bucket", "", ', prefix = "a/b"', ["flow.shared-place"]],
    ["what tells its readers nothing new", ', prefix = "a/b"', ', prefix = "a"', []],
    [
      "one place, which the same credentials don't tell a second time",
      ', access_key = secret("K")',
      ', prefix = "a", access_key = secret("K")',
      ["flow.shared-place"],
    ],
    [
      "folders apart with the same credentials",
      ', prefix = "a", access_key = secret("K")',
      ', prefix = "b", access_key = secret("K")',
      ["flow.shared-credentials"],
    ],
  ])("a bucket's %s", (_, safe, known, codes) => {
    expect(codesOf(opened + bucket("safe", safe) + bucket("known", known))).toEqual(codes);
    expect(codesOf(opened + bucket("known", known) + bucket("safe", safe))).toEqual(codes);
  });

  test.each([
    ["what it reads", 'prefix = "in"', 'prefix = "in/out"', ["flow.own-source"]],
    ["all of the bucket", "", 'prefix = "out"', ["flow.own-source"]],
    ["all that is there, in so many words", 'pattern = "**/*"', 'prefix = "out"', ["flow.own-source"]],
    ["another folder", 'prefix = "in"', 'prefix = "out"', []],
    ["a folder above", 'prefix = "a/in"', 'prefix = "a"', []],
    ["what a pattern leaves out", 'pattern = "in/*.csv"', 'prefix = "out"', []],
  ])("a source of a bucket and a sink into %s", (_, source, sink, codes) => {
    const from = shop.replace('file { path = "data/clicks.jsonl" }', `s3 { bucket = "b", ${source} }`);
    const { diagnostics } = compileTexts({ "main.strm": from + bucket("safe", `, ${sink}`) });
    expect(diagnostics.map(({ code }) => code)).toEqual(codes);
  });

  test("are numbered", () => {
    const { graph } = compileShop(
      'sink safe into s3 { bucket = "a" }\nsink safe into s3 { bucket = "b" }\nsink safe into stdout',
    );
    const names = graph?.steps.filter(({ kind }) => kind === "sink").map(({ name }) => name);
    expect(names).toEqual(["safe->s3", "safe->s3#2", "safe->stdout"]);
  });

  test("a topic may take what another sink writes to another topic, not what its source reads", () => {
    const text = (topic: string): string =>
      shop.replace('file { path = "data/clicks.jsonl" }', 'kafka { brokers = "b", topic = "clicks" }') +
      `sink safe into kafka { brokers = "b", topic = "${topic}" }`;
    expect(compileTexts({ "main.strm": text("safe") }).diagnostics).toEqual([]);
    const own = compileTexts({ "main.strm": text("clicks") }).diagnostics;
    expect(own.map(({ code }) => code)).toEqual(["flow.own-source"]);
  });
});

test("the format follows the extension unless it is said", () => {
  const { graph } = compileShop(
    `${safeSink}sink safe.keys into file { path = "keys.csv" }\nsink safe.keys into file { path = "keys.txt" }
sink safe.keys into file { path = "keys.json" }\nsink safe.keys into file { path = "more.json", format = csv }`,
  );
  const formats = graph?.steps.flatMap((step) => (step.kind === "sink" ? [step.options.format] : []));
  expect(formats).toEqual(["json", "csv", "csv", "json", "csv"]);
});

test.each([
  ["**/*.csv.gz", "csv"],
  ["clicks/*.jsonl", "json"],
  ["**", "json"],
])("the format follows the extension of a pattern, too: %s", (pattern, format) => {
  const source = `s3 { bucket = "b", pattern = "${pattern}" }`;
  const { graph } = compileTexts({
    "main.strm": shop.replace('file { path = "data/clicks.jsonl" }', source) + safeSink,
  });
  const formats = graph?.steps.flatMap((step) => (step.kind === "source" ? [step.options.format] : []));
  expect(formats).toEqual([format]);
});

describe("dropped fields", () => {
  const visit = (extra: string, from = "") => `
purposes { counting = 1 "c", offers = 2 "o" }
contract visit as "acme/visit/1.0.0" ${from}{
  ${extra}
}
source visits of visit from file { path = "data/visits.jsonl" }
encrypt visits into safe
sink safe into file { path = "out/safe.jsonl" }
`;
  const inline = `session: string @key
  email: string? @pii(counting)
  phone: string? @pii(offers) @drop
  home: { street: string @pii(offers), zip: string? }? @drop
  vote: string? @consent(map = { "yes": [counting] }) @drop`;

  test("stand in no stream, and in the graph's contract with their purposes", () => {
    const { graph, diagnostics } = compileTexts({ "main.strm": visit(inline) });
    expect(diagnostics).toEqual([]);
    for (const step of graph?.steps ?? []) {
      if (step.kind === "sink") continue;
      const paths = step.fields.map(({ path }) => path).filter((path) => !path.startsWith("strmMeta."));
      expect(paths).toEqual(["session", "email"]);
    }
    expect(graph?.contracts).toMatchObject([
      {
        personal: [{ path: "email", purpose: 1 }],
        dropped: [
          { path: "phone", purpose: 2 },
          { path: "home" },
          { path: "home.street", purpose: 2 },
          { path: "vote" },
        ],
      },
    ]);
  });

  test("need no sealing, open nothing and expose nothing", () => {
    const text = visit(inline).replace(
      "email: string? @pii(counting)",
      "email: string? @pii(counting) @drop",
    );
    const open = `${text}sink visits into file { path = "out/raw.jsonl" }\n`;
    const { diagnostics } = compileTexts({ "main.strm": open });
    expect(diagnostics.map(({ code }) => code)).toEqual(["flow.nothing-sealed"]);
    const asked = `${visit(inline)}decrypt safe into mail for granular(offers)\nsink mail into stdout\n`;
    const { diagnostics: warned } = compileTexts({ "main.strm": asked });
    expect(warned.map(({ code }) => code)).toEqual(["consent.no-field"]);
  });

  const schema = JSON.stringify({
    type: "record",
    name: "Visit",
    namespace: "acme",
    fields: [
      { name: "session", type: "string" },
      { name: "email", type: ["null", "string"], default: null },
      { name: "sign", type: { type: "fixed", name: "Visit_dropped_Mark", size: 2 } },
    ],
  });

  test("may be added to a schema file, with their types", () => {
    const added = `session @key
  email @pii(counting)
  vote: string? @consent(map = { "yes": [counting] }) @drop
  agreed: { when: string? @time(format = "iso"), by: string @subject } @drop`;
    const { graph, diagnostics } = compileTexts({
      "main.strm": visit(added, 'from "visit.avsc" '),
      "visit.avsc": schema,
    });
    expect(diagnostics).toEqual([]);
    expect(graph?.contracts).toMatchObject([
      {
        consent: { path: "vote" },
        time: { path: "agreed.when" },
        subject: "agreed.by",
        dropped: [{ path: "vote" }, { path: "agreed" }],
        schema: {
          fields: [{}, {}, {}, { name: "vote", type: ["null", "string"], default: null }, { name: "agreed" }],
        },
      },
    ]);
  });

  const levels = "levels: int[] @consent @drop";
  test.each([
    ["a type that there is not", ["session @key", "vote: text @drop", levels], ["contract.unknown-type"]],
    ["a field of the file", ["session: string @key @drop", levels], ["contract.needless-type"]],
    ["a kept field", ["session @key", "vote: int[] @consent"], ["contract.needless-type"]],
    [
      "a record with a name that is taken",
      ["session @key", "mark: { y: int } @drop", levels],
      ["contract.type-form"],
    ],
  ])("%s can't be added", (_, fields, codes) => {
    const { diagnostics } = compileTexts({
      "main.strm": visit(["email @pii(counting)", ...fields].join("\n  "), 'from "visit.avsc" '),
      "visit.avsc": schema,
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(codes);
  });
});
