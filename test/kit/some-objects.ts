// Objects of each format, and what a source of them has to give.

import type { Json } from "../../dsl/spec/option-value.ts";
import type { SourceContext } from "../../runner/connectors/connector.ts";
import type { ObjectSourceOptions } from "../../runner/connectors/objects/source.ts";
import { avroType } from "./avro.ts";
import { containerOf } from "./avro-files.ts";
import { seeded } from "./random.ts";
import { type Line, linesIn } from "./taken.ts";

export interface SomeObjects {
  readonly objects: Readonly<Record<string, Buffer>>;
  /** With events over 300,000 bytes. */
  readonly expected: readonly Line[];
  readonly context: Partial<SourceContext>;
  readonly options?: Pick<ObjectSourceOptions, "csv">;
}

/** Bytes of all values, lines over the bound, an empty object, one whose last line has no end, and many small ones. */
export function lineObjects(): SomeObjects {
  const random = seeded(3);
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => random.below(256)));
  const small = Array.from({ length: 30 }, (_, i) => [`m/${i}`, Buffer.from(`{"i":${i}}\n`)] as const);
  const objects: Record<string, Buffer> = {
    "b/ü.jsonl": bytes(900_000),
    "a.jsonl": bytes(524_288),
    "c.jsonl": Buffer.alloc(0),
    "d.jsonl": Buffer.from(`${"y".repeat(700_000)}\nafter\n${"z".repeat(650_000)}`),
    ...Object.fromEntries(small),
  };
  const expected = Object.entries(objects).flatMap(([key, content]) => linesIn(key, content));
  return { objects, expected, context: {} };
}

const schema: Json = {
  type: "record",
  name: "Click",
  fields: [
    { name: "n", type: "long" },
    { name: "t", type: "string" },
  ],
};

/** Many blocks and few, none, and events over the bound. */
export function avroObjects(): SomeObjects {
  const random = seeded(9);
  const type = avroType(schema);
  const event = (n: number, size: number) => type.toBuffer({ n: BigInt(n), t: "käse".repeat(size / 5) });
  const all: Readonly<Record<string, readonly (readonly Buffer[])[]>> = {
    "b.avro": [Array.from({ length: 5000 }, (_, n) => event(n, 20 + random.below(400)))],
    "a.avro": Array.from({ length: 300 }, (_, n) => (n % 7 === 3 ? [] : [event(n, random.below(5000))])),
    "c.avro": [],
    "d.avro": [[event(1, 700_000), event(2, 10)], [event(3, 310_000)]],
  };
  const packed = Object.entries(all).map(
    ([key, blocks]) =>
      [
        key,
        containerOf(
          schema,
          blocks.map((block) => [...block]),
          "zstandard",
        ),
      ] as const,
  );
  const expected = Object.entries(all).flatMap(([origin, blocks]) =>
    blocks
      .flat()
      .map((bytes, offsetBytes) => ({ origin, line: 0, offsetBytes, text: bytes.toString("latin1") })),
  );
  return { objects: Object.fromEntries(packed), expected, context: { format: "avro", schema } };
}

/** Rows over several lines, columns in two orders, and one object that has but a header. */
export function csvObjects(): SomeObjects {
  const random = seeded(5);
  const texts = ["", "käse", 'say "no"', "two\nlines", "a; b"];
  const objects: Record<string, Buffer> = { "b.csv": Buffer.from("n;t\n", "latin1") };
  const expected: Line[] = [];
  for (const [origin, turned] of [
    ["a.csv", false],
    ["c.csv", true],
  ] as const) {
    let [content, line] = [turned ? "t;n\n" : "n;t\n", 2];
    for (let n = 0; n < 4000; n++) {
      const t = random.pick(texts).repeat(1 + random.below(20));
      const quoted = `"${t.replaceAll('"', '""')}"`;
      const event = turned ? { t, n } : { n, t };
      // Places are those of the text in UTF-8.
      const offsetBytes = Buffer.byteLength(content);
      expected.push({
        origin,
        line,
        offsetBytes,
        text: Buffer.from(JSON.stringify(event)).toString("latin1"),
      });
      content += turned ? `${quoted};${n}\n` : `${n};${quoted}\n`;
      line += 1 + t.split("\n").length - 1;
    }
    objects[origin] = Buffer.from(content, "latin1");
  }
  const csv = { delimiter: ";", quote: '"', null: "none", skip: 0, charset: "iso-8859-1" } as const;
  return { objects, expected, context: { format: "csv", schema }, options: { csv } };
}
