// The explanation of a plan: what was decided and why, and what each stream then makes of each field.
import { describe, expect, test } from "vitest";
import { explainPlan } from "../../../runner/plan/explain-plan.ts";
import { compileTexts } from "../../kit/compile-file.ts";
import { personContract } from "../../kit/person.ts";

function explained(program: string) {
  const { graph, diagnostics } = compileTexts({ "main.strm": program });
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return explainPlan(graph);
}

/** The explanation of the first source. */
function firstOf(more: string, contract = personContract()) {
  const [first] = explained(`${contract}\n${more}`).sources;
  if (first === undefined) throw new Error("no source");
  return first;
}

const sealedContract = personContract().replace("source people of", "source people of sealed");

/** `path form`, with a star where it is masked. */
const fieldsOf = ({ streams }: ReturnType<typeof firstOf>, name: string) =>
  streams
    .find(({ stream }) => stream === name)
    ?.fields.map(({ path, form, masked }) => `${path} ${form}${masked ? "*" : ""}`);

describe("decisions", () => {
  const cases = [
    {
      pass: "take-plaintext",
      program: `encrypt people into safe
        decrypt safe into out for granular(0, 2)
        sink safe into stdout
        sink out into file { path = "out.jsonl" }`,
      streams: ["out"],
      fields: ["session", "phones"],
      sentence:
        "out takes the plaintext of session and phones instead of decrypting, since this job encrypts them itself.",
    },
    {
      pass: "drop-ciphertext",
      program: "encrypt people into safe\nsink safe.keys into stdout",
      streams: ["safe"],
      fields: ["session", "email", "phones", "customer.id"],
      sentence:
        "safe makes no ciphertext of session, email, phones and customer.id, since no output holds them sealed.",
    },
    {
      pass: "seal-late",
      program: `encrypt people into safe
        decrypt safe into out for granular(0, 1, 2)
        sink out into stdout`,
      streams: ["safe"],
      fields: ["customer.id"],
      sentence:
        "safe seals customer.id only for events that reach an output with the ciphertext, since it is not written itself.",
    },
    {
      pass: "drop-streams",
      program: `encrypt people into safe
        decrypt safe into nobody for granular(0)
        decrypt nobody into noone for granular(1)
        sink safe into stdout`,
      streams: ["nobody", "noone"],
      fields: [],
      sentence:
        "nobody and noone are not computed, since no sink takes anything of them, directly or further down.",
    },
    {
      pass: "skip-fields",
      program: 'sink people into stdout { exposing = "a test" }',
      streams: ["people"],
      fields: ["session", "email", "phones", "customer.id"],
      sentence:
        "people doesn't note where an event has session, email, phones and customer.id, since no output changes them.",
    },
    {
      pass: "share-links",
      contract: sealedContract,
      program: `keys vault in sqlite
        decrypt people into one for granular(0)
        decrypt people into two for granular(1)
        decrypt two into three for granular(2)
        decrypt people into other for granular(3) { scheme = strm }
        sink one into stdout
        sink three into file { path = "three.jsonl" }
        sink other into file { path = "other.jsonl" }`,
      streams: ["one", "two", "three"],
      fields: [],
      sentence:
        "one, two and three ask once for each key link, since they open by the same scheme with the keys of vault.",
    },
  ];

  test.each(cases)("$pass", ({ program, contract, ...decision }) => {
    const found = firstOf(program, contract).decisions.filter(({ pass }) => pass === decision.pass);
    expect(found).toEqual([decision]);
  });

  test("a source that nobody needs is not read", () => {
    const source = firstOf("encrypt people into safe");
    expect(source).toMatchObject({ source: "people", read: false, streams: [] });
    expect(source.decisions).toEqual([
      {
        pass: "drop-streams",
        streams: ["people", "safe"],
        fields: [],
        sentence: "people is not read, since no sink takes anything of it, directly or further down.",
      },
    ]);
  });

  test("there is none where nothing was optimized", () => {
    expect(firstOf("encrypt people into safe\nsink safe into stdout")).toMatchObject({
      read: true,
      decisions: [],
    });
  });
});

describe("streams", () => {
  test("say what they make of each field: copied, sealed, plaintext, masked or nothing", () => {
    const source = firstOf(`encrypt people into safe
      decrypt safe into middle for granular(1)
      decrypt middle into out for granular(0) { mask = [session, phones, note], mask_seed = secret("S") }
      sink people into stdout { exposing = "a test" }
      sink people.rejected into file { path = "rejected.jsonl" }
      sink safe.keys into file { path = "keys.csv" }
      sink out into file { path = "out.jsonl" }`);
    expect(source).toMatchObject({ contract: "acme/person/1.0.0", sealed: false, undeclared: "reject" });
    expect(
      source.streams.map(({ stream, kind, from, sinks, consent, fills_meta }) => [
        ...[stream, kind, from, sinks, consent, fills_meta],
      ]),
    ).toEqual([
      ["people", "source", null, ["events", "rejected"], [], false],
      ["safe", "encrypt", "people", ["keys"], [], false],
      ["middle", "decrypt", "safe", [], [1], false],
      ["out", "decrypt", "middle", ["events"], [0, 1], true],
    ]);
    expect(source.streams[0]?.fields.map(({ path, purpose }) => [path, purpose])).toEqual([
      ["session", 0],
      ["email", 1],
      ["phones", 2],
      ["customer.id", 3],
      ["note", null],
    ]);
    const all = (form: string) =>
      ["session", "email", "phones", "customer.id", "note"].map((path) => `${path} ${form}`);
    expect(fieldsOf(source, "people")).toEqual(all("copied"));
    expect(fieldsOf(source, "safe")).toEqual(all("not_made"));
    expect(fieldsOf(source, "middle")).toEqual(all("not_made"));
    expect(fieldsOf(source, "out")).toEqual([
      "session plaintext*",
      "email plaintext",
      "phones sealed*",
      "customer.id sealed",
      "note copied*",
    ]);
  });

  test("decrypt what was sealed elsewhere, also where they are not written", () => {
    const source = firstOf(
      `decrypt people into middle for granular(1)
      decrypt middle into out for granular(2)
      sink out into stdout`,
      sealedContract,
    );
    expect(source.sealed).toBe(true);
    expect(fieldsOf(source, "middle")).toEqual([
      "session not_made",
      "email decrypted",
      "phones not_made",
      "customer.id not_made",
    ]);
    expect(fieldsOf(source, "out")).toEqual([
      "session copied",
      "email decrypted",
      "phones decrypted",
      "customer.id copied",
    ]);
    expect(source.streams.some(({ fills_meta }) => fills_meta)).toBe(false);
  });
});

test("every source is explained, in the program's order, with names in snake_case", () => {
  const second = 'source more of person from stdin\nsink more into stdout { exposing = "a test" }';
  const whole = explained(
    `${personContract()}\n${second}\nencrypt people into safe\nsink safe.keys into file { path = "k.csv" }`,
  );
  expect(whole).toMatchObject({ pipeline: "main", graph_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(whole.sources.map(({ source }) => source)).toEqual(["people", "more"]);
  const names = [...JSON.stringify(whole).matchAll(/"([^"]*)":/g)].map(([, name]) => name);
  expect(names.filter((name) => !/^[a-z_]+$/.test(name ?? ""))).toEqual([]);
});
