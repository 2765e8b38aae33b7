// Random schemas with random values in random blocks: copied to the byte, sealed and opened, and transcribed as another implementation reads them.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../../../../dsl/graph/job-graph.ts";
import { schemaOfStream } from "../../../../../runner/plan/stream-schema.ts";
import { avroType, plain } from "../../../../kit/avro.ts";
import { datumOf, jsonOf, planIn, runRecords, shapeOf } from "../../../../kit/avro-rig.ts";
import { compileTexts } from "../../../../kit/compile-file.ts";
import { listOf, type RandomValue, randomAvro, recordOf, textOf } from "../../../../kit/random-avro.ts";

const contract = `contract c as "a/c/1.0.0" from "c.avsc" {
  f0        @key @pii(0)
  f1.f1     @consent
  f1.f2.f0  @pii(1)
}
source raw of c from file { path = "in.jsonl" }
encrypt raw into safe
decrypt safe into opened for granular(0, 1)
sink raw into file { path = "raw.jsonl", exposing = "a test" }
sink safe into file { path = "safe.jsonl" }
sink opened into file { path = "opened.jsonl" }
`;

function graphOf(schema: Json) {
  const { graph, diagnostics } = compileTexts({ "main.strm": contract, "c.avsc": JSON.stringify(schema) });
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return graph;
}

/** A personal text, and a record with a list of personal texts in a list of records, among fields of any type. */
const events = fc
  .record({
    key: fc.string({ maxLength: 70 }),
    texts: fc.array(fc.array(fc.string({ unit: "grapheme", maxLength: 9 }), { maxLength: 3 }), {
      maxLength: 3,
    }),
    before: randomAvro,
    more: fc.array(randomAvro, { maxLength: 4 }),
  })
  .map(({ key, texts, before, more }) =>
    recordOf([textOf(key), recordOf([before, levels, personal(texts)]), ...more], "x.Root"),
  );

test("events of any schema mean the same in both formats, sealed, opened or as they are", async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.infiniteStream(fc.boolean()), async (event, choices) => {
      const graph = graphOf(event.schema);
      const datum = event.encode(() => choices.next().value === true);
      const type = avroType(event.schema);
      expect(plain(type.fromBuffer(datum))).toEqual(plain(event.value));

      const same = await runRecords(planIn(graph, "avro", "avro")!, [datum]);
      expect(same.result.rejected).toEqual([]);
      expect(same.streams.raw).toEqual([datum]);
      const sealedType = avroType(schemaOfStream(graph, "safe"));
      const sealed = sealedType.fromBuffer(same.streams.safe![0]!);
      const { strmMeta, ...opened } = sealedType.fromBuffer(same.streams.opened![0]!);
      expect(plain(opened)).toEqual(plain(event.value));
      expect(sealed.f0).not.toBe(opened.f0);
      expect(sealed.strmMeta).toEqual(strmMeta);

      const avroJson = planIn(graph, "avro", "json")!;
      const toJson = await runRecords(avroJson, [datum]);
      expect(toJson.streams.raw!.toString()).toBe(`${event.text}\n`);
      // Both ways to JSON come to the same letters.
      const shape = shapeOf(avroJson, "safe");
      expect(`${jsonOf(shape, same.streams.safe![0]!)}\n`).toBe(toJson.streams.safe!.toString());
      expect(plain(sealedType.fromBuffer(datumOf(shape, toJson.streams.safe![0]!)))).toEqual(plain(sealed));

      const toAvro = await runRecords(planIn(graph, "json", "avro")!, [Buffer.from(event.text)]);
      expect(toAvro.result.rejected).toEqual([]);
      expect(plain(type.fromBuffer(toAvro.streams.raw![0]!))).toEqual(plain(event.value));
      const other = sealedType.fromBuffer(toAvro.streams.safe![0]!);
      expect(plain(other)).toEqual(plain(sealed));
    }),
    { numRuns: Number(process.env.STRM_HISTORIES ?? 200) },
  );
}, 120_000);

const levels: RandomValue = {
  schema: { type: "array", items: "int" },
  name: "array",
  value: [0, 1],
  text: "[0,1]",
  encode: () => Buffer.from([0x04, 0x00, 0x02, 0x00]),
};

function personal(texts: readonly (readonly string[])[]): RandomValue {
  const line = (one: readonly string[]) => recordOf([listOf("string", one.map(textOf))], "x.Line");
  return listOf(line([]).schema, texts.map(line));
}
