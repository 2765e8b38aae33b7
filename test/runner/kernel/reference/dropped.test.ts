// Dropped fields: read, checked and used like others, and in no stream, whatever the event looks like.
import { describe, expect, test } from "vitest";
import { long, string } from "../../../../runner/plan/encode-default.ts";
import { schemaOfSource, schemaOfStream } from "../../../../runner/plan/stream-schema.ts";
import { graphOfText, inputShapeOf, jsonOf, planIn, runRecords, shapeOf } from "../../../kit/avro-rig.ts";
import { rigOf } from "../../../kit/kernel-rig.ts";

const contract = `contract visit as "acme/visit/1.0.0" {
  customer: string @key @drop
  person: string? @subject @pii(2) @drop
  email: string? @pii(1)
  vote: string? @consent(map = { "yes": [1] }, default = []) @drop
  day: string? @time(format = "yyyy-MM-dd") @drop @matches(/^2026/)
  place: { city: string?, house: { number: int? }? @drop }?
  stays: { id: int, nights: int @drop }[]?
  page: string?
  @@unknown(drop)
}
`;
const program = `${contract}
source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
decrypt safe into known for granular(1)
sink visits into file { path = "raw.jsonl", exposing = "a test" }
sink safe into file { path = "safe.jsonl" }
sink known into file { path = "known.jsonl" }
`;

const meta = /,?"strmMeta":\{[^}]*\}/;
const bare = (line: string | undefined) => line?.replace(meta, "");

describe("JSON events", () => {
  test.each([
    ["first", '{"customer":"c","email":"e","page":"p"}', '{"email":"e","page":"p"}'],
    ["last", '{"email":"e","page":"p","customer":"c"}', '{"email":"e","page":"p"}'],
    ["in the middle", '{"email":"e", "customer" : "c" ,"page":"p"}', '{"email":"e" ,"page":"p"}'],
    ["next to each other", '{"customer":"c","vote":"no","page":"p","day":"2026-01-01"}', '{"page":"p"}'],
    ["alone", '{"customer":"c"}', "{}"],
    ["with undeclared ones", '{"x":1,"customer":"c","y":2}', "{}"],
    ["with escapes in the name", '{"cust\\u006fmer":"c","page":"p"}', '{"page":"p"}'],
    [
      "in a record and in a list",
      '{"customer":"c","place":{"city":"x","house":{"number":3,"z":[1]}},"stays":[{"nights":1,"id":2},{"id":3,"nights":4}]}',
      '{"place":{"city":"x"},"stays":[{"id":2},{"id":3}]}',
    ],
  ])("%s", async (_, line, kept) => {
    const { streams, rejected } = (await rigOf(program)).run([line]);
    expect(rejected).toEqual([]);
    expect(streams.visits).toEqual([kept]);
    expect(bare(streams.safe?.[0])?.replace(/"email":"[^"]*"/, '"email":"e"')).toBe(kept);
  });

  test("consent, time, key and subject are taken from them", async () => {
    const { streams, subjects } = (await rigOf(program)).run([
      '{"customer":"a","vote":"yes","day":"2026-11-20","person":"ann","email":"1"}',
      '{"customer":"a","vote":"other","day":"2026-11-20","person":"ann","email":"1"}',
      '{"customer":"b","day":"2026-11-20","email":"1"}',
    ]);
    expect(streams.known?.map(bare)).toEqual(['{"email":"1"}']);
    expect(subjects).toEqual(["ann"]);
    const metas = streams.safe?.map((line) => JSON.parse(line).strmMeta);
    expect(metas?.map(({ consentLevels }) => consentLevels)).toEqual([[1], [], []]);
    expect(metas?.map(({ timestamp }) => timestamp)).toEqual(Array(3).fill(Date.UTC(2026, 10, 20)));
    expect(metas?.[0]?.keyLink).toBe(metas?.[1]?.keyLink);
    expect(metas?.[2]?.keyLink).not.toBe(metas?.[0]?.keyLink);
    for (const line of Object.values(streams).flat()) expect(line).not.toMatch(/ann|vote|2026-11|customer/);
  });

  test.each([
    ["a type", '{"customer":1}', "event.wrong-type", "customer"],
    ["presence", '{"page":"p"}', "event.missing-field", "customer"],
    ["a pattern", '{"customer":"c","day":"1999-01-01"}', "event.no-match", "day"],
    ["a time", '{"customer":"c","day":"2026-13-01"}', "event.bad-time", "day"],
    ["one name only", '{"customer":"c","customer":"c"}', "event.duplicate-key", undefined],
    [
      "a type inside of them",
      '{"customer":"c","place":{"house":{"number":"x"}}}',
      "event.wrong-type",
      "place.house.number",
    ],
  ])("are held to %s", async (_, line, code, path) => {
    const { rejected } = (await rigOf(program)).run([line]);
    expect(rejected).toMatchObject([path === undefined ? { code } : { code, path }]);
  });

  test("need not be in events that were sealed elsewhere, and are left out where they are", async () => {
    const sealer = await rigOf(program);
    const [safe = ""] =
      sealer.run(['{"customer":"c","vote":"yes","email":"e","place":{"house":{}}}']).streams.safe ?? [];
    const reader = `${contract.replace("drop)", "reject)")}
source visits of sealed visit from file { path = "in.jsonl" }
decrypt visits into known for granular(1)
sink visits into file { path = "sealed.jsonl" }
sink known into file { path = "known.jsonl" }`;
    const { run } = await rigOf(reader, { store: sealer.keys });
    expect(run([safe]).streams).toMatchObject({ visits: [safe] });
    expect(bare(run([safe]).streams.known?.[0])).toBe('{"email":"e","place":{}}');
    const older = safe.replace("{", '{"customer":"c","person":"sealed once","vote":null,');
    expect(run([older]).streams.visits).toEqual([safe]);
  });
});

describe("Avro events", () => {
  const graph = graphOfText(program);
  const inAvro = planIn(graph, "avro", "avro")!;
  const toJson = planIn(graph, "avro", "json")!;

  const some = (bytes: Buffer) => Buffer.concat([long(1), bytes]);
  /** Two of them: the id, then the nights. */
  const stays = Buffer.concat([long(1), long(5), long(3), long(2)]);
  /** A list in one block that tells its size. */
  const datum = Buffer.concat([
    string("c"),
    some(string("ann")),
    some(string("e")),
    some(string("yes")),
    long(0),
    some(Buffer.concat([some(string("x")), some(some(long(7)))])),
    some(Buffer.concat([long(-2), long(stays.length), stays, long(0)])),
    long(0),
  ]);
  const kept = { email: "e", place: { city: "x" }, stays: [{ id: 1 }, { id: 3 }], page: null };

  test("lose them, also in lists whose blocks tell their size", async () => {
    const { streams, result } = await runRecords(inAvro, [datum]);
    expect(result.rejected).toEqual([]);
    const raw = streams.visits?.[0] ?? Buffer.alloc(0);
    expect(JSON.parse(jsonOf(shapeOf(inAvro, "visits"), raw))).toEqual(kept);
    const { strmMeta, ...known } = JSON.parse(jsonOf(shapeOf(inAvro, "known"), streams.known?.[0] ?? raw));
    expect(known).toEqual(kept);
    expect(strmMeta.consentLevels).toEqual([1]);
    expect((await runRecords(toJson, [datum])).streams.visits?.toString()).toBe(`${JSON.stringify(kept)}\n`);
    // The block's size is gone with what made it.
    const twoStays = Buffer.concat([long(2), long(1), long(3), long(0)]);
    expect(raw).toEqual(Buffer.concat([some(string("e")), some(some(string("x"))), some(twoStays), long(0)]));
  });

  test("are read by the whole schema, and written by one that lacks them", () => {
    const source = graph.steps.find((step) => step.kind === "source")!;
    expect(JSON.stringify(schemaOfSource(graph, source))).toContain('"vote"');
    for (const stream of ["visits", "safe", "known"]) {
      expect(JSON.stringify(schemaOfStream(graph, stream))).not.toMatch(
        /vote|customer|person|house|nights|"day"/,
      );
    }
    expect(inputShapeOf(inAvro).fields.map(({ name }) => name)).toContain("vote");
  });
});
