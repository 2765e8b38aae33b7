// What sealing writes: ciphertext in place of values, `strmMeta`, and nothing else changed.
import { describe, expect, test } from "vitest";
import { openWith } from "../../../kit/foreign-open.ts";
import { type Rig, readTimeMs, rigOf } from "../../../kit/kernel-rig.ts";
import { personContract, personPipeline } from "../../../kit/person.ts";

const rig = await rigOf(personPipeline());
const sealOne = (of: Rig, line: string) => of.run([line]).streams.safe?.[0] ?? "";

/** The keys of the link that a sealed line names. */
function keysOf(of: Rig, line: string) {
  return of.keys.link(JSON.parse(line).strmMeta.keyLink);
}

describe("values", () => {
  test("open with a foreign implementation, escapes read, lists item by item", () => {
    const line = `{"session":"s","email":"Zo\\u00eb \\"\\\\\\/\\n\\ud83c\\udf89é","phones":["1","","${"x".repeat(5000)}"],"customer":{"id":""}}`;
    const sealed = sealOne(rig, line);
    const was = JSON.parse(line);
    const is = JSON.parse(sealed);
    const keys = keysOf(rig, sealed);
    expect(openWith(keys, 0, "session", is.session)).toBe(was.session);
    expect(openWith(keys, 1, "email", is.email)).toBe(was.email);
    expect(is.phones.map((each: string) => openWith(keys, 2, "phones", each))).toEqual(was.phones);
    expect(openWith(keys, 3, "customer.id", is.customer.id)).toBe("");
  });

  test("are sealed the same within a window and otherwise after it", async () => {
    const timed = await rigOf(`${personContract("at: long? @time")}
      encrypt people into safe { rotate = daily }
      sink safe into file { path = "safe.jsonl" }`);
    const at = (at: number) => JSON.parse(sealOne(timed, `{"session":"s","email":"e","at":${at}}`));
    const [one, two, later] = [at(0), at(86_399_999), at(86_400_000)];
    expect(one.email).toBe(two.email);
    expect(one.strmMeta.keyLink).toBe(two.strmMeta.keyLink);
    expect(later.email).not.toBe(one.email);
    expect(later.strmMeta.keyLink).not.toBe(one.strmMeta.keyLink);
    expect(later.strmMeta.timestamp).toBe(86_400_000);
  });

  test("ask once for the keys of a value and a day, and for each window apart where windows are spans", async () => {
    const lines = [0, 1000, 86_400_000, 86_400_001, 5].map((at) => `{"session":"s","at":${at}}`);
    const wanted = async (rotate: string) => {
      const of = await rigOf(`${personContract("at: long? @time")}
        encrypt people into safe { rotate = ${rotate} }
        sink safe into file { path = "safe.jsonl" }`);
      const links = of.run(lines).streams.safe?.map((line) => JSON.parse(line).strmMeta.keyLink);
      return { links, asked: of.keys.asked.map((want) => want.kind === "value" && want.timeMs) };
    };
    const daily = await wanted("daily");
    expect(daily.asked).toEqual([0, 86_400_000]);
    const [one, two, three, four, five] = daily.links ?? [];
    expect([two, five, four]).toEqual([one, one, three]);
    expect(three).not.toBe(one);
    // Which of these share a window only the store can say.
    expect((await wanted("24h")).asked).toEqual([0, 1000, 86_400_000, 86_400_001, 5]);
  });

  test("in lists of records are all sealed", async () => {
    const schema = {
      type: "record",
      name: "Order",
      fields: [
        { name: "k", type: "string" },
        { name: "e", type: { type: "array", items: "int" }, default: [] },
        {
          name: "lines",
          type: {
            type: "array",
            items: {
              type: "record",
              name: "Line",
              fields: [
                { name: "note", type: ["null", "string"], default: null },
                { name: "tags", type: { type: "array", items: "string" }, default: [] },
              ],
            },
          },
        },
      ],
    };
    const of = await rigOf(
      `contract order as "a/order/1.0.0" from "order.avsc" {
        k @key
        e @consent
        lines.note @pii(1)
        lines.tags @pii(2)
      }
      source orders of order from stdin
      encrypt orders into safe
      sink safe into stdout`,
      { files: { "order.avsc": JSON.stringify(schema) } },
    );
    const sealed = JSON.parse(
      sealOne(of, '{"k":"k","lines":[{"note":"a","tags":["b","c"]},{"tags":[]},{"note":null,"tags":["d"]}]}'),
    );
    const keys = keysOf(of, JSON.stringify(sealed));
    const [first, second, third] = sealed.lines;
    expect(openWith(keys, 1, "lines.note", first.note)).toBe("a");
    expect(first.tags.map((each: string) => openWith(keys, 2, "lines.tags", each))).toEqual(["b", "c"]);
    expect(second).toEqual({ tags: [] });
    expect(third.note).toBe(null);
    expect(openWith(keys, 2, "lines.tags", third.tags[0])).toBe("d");
  });

  test("share a link of its own where there is no key value", async () => {
    const of = await rigOf(`contract c as "a/c/1.0.0" { k: string? @key
      p: string @pii(0)
      e: int[]? @consent }
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const { streams } = of.run([
      '{"p":"a"}',
      '{"k":null,"p":"b"}',
      '{"k":"","p":"c"}',
      '{"k":"null","p":"d"}',
    ]);
    const links = streams.safe?.map((line) => JSON.parse(line).strmMeta.keyLink) ?? [];
    expect(links[0]).toBe(links[1]);
    expect(new Set(links).size).toBe(3);
    expect(of.keys.asked.map((want) => want.kind === "value" && want.value)).toEqual([null, "", "null"]);
  });
});

describe("strmMeta", () => {
  test("is added at the end where the event has none, white space kept", () => {
    const { keyLink } = JSON.parse(sealOne(rig, '{"session":"s"}')).strmMeta;
    const meta = `"strmMeta":{"eventContractRef":"acme/person/1.0.0","nonce":NONCE,"timestamp":${readTimeMs},"keyLink":"${keyLink}","consentLevels":[1,2]}`;
    const sealed = sealOne(rig, ' { "session" : "s" , "consents" : [ 2 , 1, 2 ] \t} \r');
    const { nonce } = JSON.parse(sealed).strmMeta;
    const { session } = JSON.parse(sealed);
    expect(sealed).toBe(
      `{ "session" : "${session}" , "consents" : [ 2 , 1, 2 ],${meta.replace("NONCE", nonce)} \t}`,
    );
    expect(Number.isInteger(nonce) && nonce === (nonce | 0)).toBe(true);
  });

  test("has nonces that follow from the position alone", () => {
    const lines = Array.from({ length: 50 }, (_, i) => `{"session":"s${i % 7}"}`);
    const nonces = (batch?: number) =>
      rig.run(lines, batch).streams.safe?.map((line) => JSON.parse(line).strmMeta.nonce);
    expect(nonces()).toEqual(nonces(3));
    expect(new Set(nonces()).size).toBe(50);
  });

  const declared = (meta: string, more = "") => `contract c as "a/c/1.0.0" {
      k: string @key @pii(1)
      strmMeta: { ${meta} }?
      ${more}
    }
    source s of c from stdin
    encrypt s into safe
    decrypt safe into open for granular(1)
    sink safe into stdout
    sink open into file { path = "open.jsonl" }`;

  const own = declared(`eventContractRef: string?
      nonce: int?
      timestamp: long? @time
      tenant: string?
      keyLink: string?
      consentLevels: int[]? @consent`);

  test("is filled in place, in its own order, other members kept", async () => {
    const of = await rigOf(own);
    const line = `{"strmMeta" : {"consentLevels": [ 2,1 ] ,"tenant":"t", "keyLink":null,"nonce":5,"timestamp": 17 , "eventContractRef":"old"} ,"k":"a"}`;
    const sealed = sealOne(of, line);
    const { k, strmMeta } = JSON.parse(sealed);
    expect(sealed).toBe(
      `{"strmMeta" : {"consentLevels": [ 2,1 ] ,"tenant":"t", "keyLink":"${strmMeta.keyLink}","nonce":${strmMeta.nonce},"timestamp": 17 , "eventContractRef":"a/c/1.0.0"} ,"k":"${k}"}`,
    );
    expect(of.run([line]).streams.open?.[0]).toBe(sealed.replace(k, "a"));
  });

  test.each([
    ['{"strmMeta":null,"k":"a"}', readTimeMs, []],
    ['{"k":"a"}', readTimeMs, []],
    ["{}", undefined, undefined],
    ['{"strmMeta":{},"k":"a"}', readTimeMs, []],
    ['{"strmMeta":{ "tenant" : "t" },"k":"a"}', readTimeMs, []],
    ['{"k":"a","strmMeta":{"timestamp":12,"consentLevels":[3,1,3]}}', 12, [3, 1, 3]],
    ['{"k":"a","strmMeta":{"timestamp":null,"consentLevels":null}}', readTimeMs, []],
  ])("of %s gets what it lacks", async (line, timestamp, consentLevels) => {
    const of = await rigOf(own);
    const { streams } = of.run([line]);
    const sealed = streams.safe?.[0];
    if (timestamp === undefined) return expect(sealed).toBeUndefined();
    const { strmMeta, k } = JSON.parse(sealed ?? "");
    const { tenant } = strmMeta;
    expect(Object.keys(strmMeta).length).toBe(tenant === undefined ? 5 : 6);
    expect(strmMeta).toMatchObject({ eventContractRef: "a/c/1.0.0", timestamp, consentLevels });
    expect(openWith(keysOf(of, sealed ?? ""), 1, "k", k)).toBe("a");
  });

  test("has consent brought to one form where it was given otherwise", async () => {
    const of = await rigOf(
      declared(
        "consentLevels: int[]?",
        '@@unknown(pass)\nword: string? @consent(map = { "some": [2, 0], "all": [0, 1, 2] }, default = [])',
      ),
    );
    const levels = (line: string) => JSON.parse(sealOne(of, line)).strmMeta.consentLevels;
    expect(levels('{"k":"a","word":"some"}')).toEqual([0, 2]);
    expect(levels('{"k":"a","word":"\\u0061ll"}')).toEqual([0, 1, 2]);
    expect(levels('{"k":"a","word":"other","strmMeta":{"consentLevels":[7]}}')).toEqual([]);
    expect(levels('{"k":"a","word":null}')).toEqual([]);
    expect(sealOne(of, '{"k":"a","word":"some","strmMeta":{"consentLevels":[ 2,0 ]}}')).toContain(
      '"consentLevels":[ 2,0 ]',
    );
  });

  test("that an event sends undeclared never passes beside ours", async () => {
    const policy = (unknown: string) => `contract c as "a/c/1.0.0" { k: string @key
      e: int[]? @consent
      @@unknown(${unknown}) }
      source s of c from stdin
      encrypt s into safe
      sink s into file { path = "raw.jsonl" }
      sink safe into stdout`;
    const line = '{"strmMeta":{"keyLink":"forged","x":[1]},"k":"a"}';
    const passed = (await rigOf(policy("pass"))).run([line]);
    expect(passed.streams.s).toEqual([line]);
    expect(passed.streams.safe?.[0]?.match(/strmMeta/g)?.length).toBe(1);
    expect(JSON.parse(passed.streams.safe?.[0] ?? "").strmMeta.keyLink).not.toBe("forged");
    const dropped = (await rigOf(policy("drop"))).run([line]);
    expect(dropped.streams.s).toEqual(['{"k":"a"}']);
    expect(dropped.streams.safe?.[0]?.match(/strmMeta/g)?.length).toBe(1);
    expect((await rigOf(policy("reject"))).run([line]).rejected[0]?.code).toBe("event.undeclared-field");
  });
});

test("levels that an event sends as something else are replaced, however alike they look", async () => {
  const of = await rigOf(`contract c as "a/c/1.0.0" { k: string @key
    e: int[]? @consent
    strmMeta: { tenant: string? }?
    @@unknown(pass) }
    source s of c from stdin
    encrypt s into safe
    sink safe into stdout`);
  for (const alike of ['["0"]', "[[0]]", "[0.0]", "0", '{"0":0}']) {
    const sealed = sealOne(of, `{"k":"a","e":[0],"strmMeta":{"consentLevels":${alike}}}`);
    expect(JSON.parse(sealed).strmMeta.consentLevels).toEqual([0]);
  }
});

describe("fields that the contract lacks", () => {
  const policy = (unknown: string) => `contract c as "a/c/1.0.0" { a: string? @key
    b: { c: int?, d: int? }?
    e: int[]? @consent
    @@unknown(${unknown}) }
    source s of c from stdin
    encrypt s into safe
    sink s into file { path = "raw.jsonl" }
    sink safe into stdout`;

  test.each([
    ['{"x":1}', "{}"],
    ['{ "x" : 1 }', "{  }"],
    ['{"x":1,"a":"v"}', '{"a":"v"}'],
    ['{ "x":1 , "a":"v" }', '{  "a":"v" }'],
    ['{"a":"v","x":1}', '{"a":"v"}'],
    ['{"a":"v" , "x":1 }', '{"a":"v"  }'],
    ['{"a":"v","x":{"a":"w"},"b":null}', '{"a":"v","b":null}'],
    ['{"x":1,"y":[2,{"z":3}],"a":"v","z":"}","b":null,"w":null}', '{"a":"v","b":null}'],
    ['{"x":1,"y":2}', "{}"],
    ['{"b":{"x":1},"a":"v"}', '{"b":{},"a":"v"}'],
    ['{"b":{"x":1,"c":2,"y":3,"d":4,"z":5},"x":1}', '{"b":{"c":2,"d":4}}'],
    ['{"\\u0078":1,"\\u0061":"v"}', '{"\\u0061":"v"}'],
  ])("go with their commas: %s", async (line, expected) => {
    const { streams, rejected } = (await rigOf(policy("drop"))).run([line]);
    expect(rejected).toEqual([]);
    expect(streams.s).toEqual([expected]);
    const { strmMeta, ...rest } = JSON.parse(streams.safe?.[0] ?? "");
    expect(Object.keys(strmMeta).length).toBe(5);
    expect(rest).toEqual(JSON.parse(expected));
    expect((await rigOf(policy("pass"))).run([line]).streams.s).toEqual([line]);
  });

  test("are still checked where they are dropped or passed", async () => {
    for (const unknown of ["drop", "pass"]) {
      const of = await rigOf(policy(unknown));
      const lines = [
        '{"x":1,"x":2}',
        '{"x":{"y":1,"\\u0079":2}}',
        '{"x":"\\ud800"}',
        '{"x":01}',
        '{"x":[1,]}',
        '{"x":nul}',
      ];
      expect(of.run(lines).rejected.map(({ code }) => code)).toEqual([
        "event.duplicate-key",
        "event.duplicate-key",
        "event.lone-surrogate",
        "event.not-json",
        "event.not-json",
        "event.not-json",
      ]);
      expect(of.run(['{"x":1e999,"y":[true,false,null,"",{},[]]}']).rejected).toEqual([]);
    }
  });
});

describe("subjects and times", () => {
  test("subjects are noted once a batch", async () => {
    const of = await rigOf(`contract c as "a/c/1.0.0" { k: string @key
      who: string? @subject
      e: int[]? @consent }
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    const lines = [
      '{"k":"a","who":"A\\u0041"}',
      '{"k":"a","who":"AA"}',
      '{"k":"b","who":"AA"}',
      '{"k":"a","who":null}',
      '{"k":"a"}',
    ];
    expect(of.run(lines).subjects).toEqual(["AA", "AA"]);
  });

  const timed = (annotation: string) => `contract c as "a/c/1.0.0" { k: string? @key
    at: string? @time(${annotation})
    e: int[]? @consent }
    source s of c from stdin
    encrypt s into safe
    sink safe into stdout`;

  test.each([
    ['format = "iso"', "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"],
    ['format = "iso"', "2026-11-23T10:00:00+02:00", "2026-11-23T08:00:00Z"],
    ['format = "iso", zone = "Europe/Amsterdam"', "2026-07-01T10:00:00", "2026-07-01T08:00:00Z"],
    ['format = "iso", zone = "Europe/Amsterdam"', "2026-12-01T10:00:00", "2026-12-01T09:00:00Z"],
    ['format = "yyyy-MM-dd HH:mm:ss"', "2026-11-23 10:00:00", "2026-11-23T10:00:00Z"],
    [
      'format = "yyyy-MM-dd HH:mm:ss", zone = "Europe/Berlin"',
      "2026\\u002d11-23 10:00:00",
      "2026-11-23T09:00:00Z",
    ],
  ])("%s reads %s", async (annotation, text, iso) => {
    const sealed = sealOne(await rigOf(timed(annotation)), `{"at":"${text}"}`);
    expect(JSON.parse(sealed).strmMeta.timestamp).toBe(Date.parse(iso));
  });

  test("a time that can't be read rejects the event", async () => {
    const of = await rigOf(timed('format = "iso"'));
    expect(of.run(['{"at":"yesterday"}', '{"at":null}']).rejected).toMatchObject([
      { code: "event.bad-time", path: "at", line: 1 },
    ]);
    const numbers = await rigOf(`contract c as "a/c/1.0.0" { k: string? @key
      at: long @time
      e: int[]? @consent }
      source s of c from stdin
      encrypt s into safe
      sink safe into stdout`);
    expect(numbers.run(['{"at":9223372036854775807}', '{"at":-1}']).rejected).toMatchObject([
      { code: "event.bad-time", path: "at", line: 1 },
    ]);
  });
});
