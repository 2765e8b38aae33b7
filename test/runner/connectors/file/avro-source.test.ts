// Avro files are read block by block, whoever wrote them, and on from where the last run left them.
import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import { unpackSnappy } from "../../../../runner/formats/avro/container/snappy.ts";
import type { RefusedRecord } from "../../../../runner/kernel/kernel.ts";
import { type SourceSubject, sourceConformance } from "../../../conformance/source.ts";
import { avroType } from "../../../kit/avro.ts";
import { type Codec, containerIn, containerOf } from "../../../kit/avro-files.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";
import { seeded } from "../../../kit/random.ts";
import { Taken } from "../../../kit/taken.ts";

const MAX_EVENT_BYTES = 300_000;

const schemaOf = (...fields: Json[]): Json => ({ type: "record", name: "Click", fields });
const contract = schemaOf({ name: "n", type: "long" }, { name: "t", type: "string" });
const other = schemaOf(
  { name: "more", type: ["null", "int"] },
  { name: "t", type: "string" },
  { name: "n", type: "int" },
);

const [contractType, otherType] = [avroType(contract), avroType(other)];

interface Event {
  readonly n: number;
  readonly t: string;
}

const datumOf = ({ n, t }: Event): Buffer => contractType.toBuffer({ n: BigInt(n), t });
const otherDatumOf = ({ n, t }: Event): Buffer => otherType.toBuffer({ more: null, t, n });

const random = seeded(9);
const event = (n: number, size: number): Event => ({ n, t: "käse".repeat(size / 5) });

/** Many small ones, one block for all; blocks of one; none; and events over the bound among others. */
const files: Readonly<Record<string, readonly (readonly Event[])[]>> = {
  "b.avro": [Array.from({ length: 5000 }, (_, n) => event(n, 20 + random.below(400)))],
  "a.avro": Array.from({ length: 300 }, (_, n) => (n % 7 === 3 ? [] : [event(n, random.below(5000))])),
  "c.avro": [],
  "d.avro": [
    [event(1, 700_000), event(2, 10)],
    [event(3, 10), event(4, 310_000), event(5, 310_000)],
  ],
};

const texts = (blocks: readonly (readonly Event[])[]) =>
  blocks.flat().map((one) => datumOf(one).toString("latin1"));

function subjectOf(
  schema: Json,
  encode: (event: Event) => Buffer,
  codec: Codec,
  pack = (bytes: Buffer) => bytes,
) {
  return async (): Promise<SourceSubject> => {
    const folder = emptyFolder();
    for (const [name, blocks] of Object.entries(files)) {
      const file = containerOf(
        schema,
        blocks.map((block) => block.map(encode)),
        codec,
      );
      writeFiles(folder, { [name]: pack(file) });
    }
    return {
      open: (resume, buffers) =>
        openFileSource(
          { path: "*.avro", follow: false },
          sourceContext(folder, {
            resume,
            buffers,
            maxEventBytes: MAX_EVENT_BYTES,
            format: "avro",
            schema: contract,
          }),
        ),
      expected: Object.entries(files).flatMap(([origin, blocks]) =>
        blocks.flat().map((one, offsetBytes) => {
          // What is over the bound is kept as it came.
          const bytes = encode(one).length > MAX_EVENT_BYTES ? encode(one) : datumOf(one);
          return { origin, line: 0, offsetBytes, text: bytes.toString("latin1") };
        }),
      ),
    };
  };
}

describe("the file source of Avro", () => {
  describe("of the contract's schema", () =>
    sourceConformance(subjectOf(contract, datumOf, "null"), { resumes: true }));
  describe("of another schema, by deflate", () =>
    sourceConformance(subjectOf(other, otherDatumOf, "deflate"), { resumes: true }));
  describe("by zstandard, and packed by gzip as a whole", () =>
    sourceConformance(subjectOf(contract, datumOf, "zstandard", gzipSync), { resumes: true }));
});

interface Read {
  readonly taken: Taken;
  readonly refused: readonly RefusedRecord[];
}

async function read(folder: string, resume: Positions = new Map(), schema = contract): Promise<Read> {
  const taken = new Taken();
  const refused: RefusedRecord[] = [];
  const context = sourceContext(folder, { resume, format: "avro", schema });
  const source = await openFileSource({ path: "in.avro", follow: false }, context);
  try {
    for await (const item of source.items(new AbortController().signal)) {
      if (item.content.kind === "batch") refused.push(...(item.content.batch.records?.refused ?? []));
      taken.take(item);
    }
  } finally {
    await source.close();
  }
  return { taken, refused };
}

const blocks = [[event(1, 100), event(2, 100)], [event(3, 100)], [event(4, 100), event(5, 100)]];
const whole = containerOf(
  contract,
  blocks.map((block) => block.map(datumOf)),
);

/** The codec is `snappy`: blocks are what the other packer makes, with a checksum behind. */
function snappyFile(damage = 0): Buffer {
  const file = containerOf(
    contract,
    [Buffer.alloc(0)].map(() => blocks.flat().map(datumOf)),
  );
  const { blocks: all, sync } = containerIn(file);
  const head = containerOf(contract, []);
  const named = Buffer.from(head.toString("latin1").replace("\x08null", "\x0csnappy"), "latin1");
  const [block] = all;
  const data = compressionsAlgorithms.snappy.compressSync(block!.data);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc(block!.data) + damage) >>> 0);
  const packed = avroType("bytes").toBuffer(Buffer.concat([data, sum]));
  return Buffer.concat([named, avroType("long").toBuffer(BigInt(block!.count)), packed, sync]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

describe("a file", () => {
  test("packed by snappy is read, and its checksum looked at", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.avro": snappyFile() });
    expect((await read(folder)).taken.texts).toEqual(texts(blocks));
    writeFiles(folder, { "in.avro": snappyFile(1) });
    expect(await codeOf(read(folder))).toBe("file.corrupt");
  });

  test("whose schema does not fit the contract gives refused events, as they came", async () => {
    const folder = emptyFolder();
    const schema = schemaOf({ name: "n", type: "string" }, { name: "t", type: "string" });
    writeFiles(folder, { "in.avro": whole });
    const { taken, refused } = await read(folder, new Map(), schema);
    expect(refused.map(({ record, code }) => [record, code])).toEqual(
      [0, 1, 0, 0, 1].map((record) => [record, "event.schema-mismatch"]),
    );
    expect(taken.texts).toEqual(texts(blocks));
  });

  test.each([
    ["cut in its header", (file: Buffer) => file.subarray(0, 50), "file.corrupt"],
    ["cut in a block", (file: Buffer) => file.subarray(0, -40), "file.corrupt"],
    ["cut in a marker", (file: Buffer) => file.subarray(0, -1), "file.corrupt"],
    ["followed by something else", (file: Buffer) => Buffer.concat([file, Buffer.from("x")]), "file.corrupt"],
    ["of nothing", () => Buffer.alloc(0), "file.avro"],
    ["of JSON", () => Buffer.from('{"n":1}\n'), "file.avro"],
    ["by a codec that is unknown here", () => renamed("null", "lzo\u0000"), "file.avro"],
    ["with another marker behind a block", (file: Buffer) => changed(file, file.length - 5), "file.corrupt"],
    ["with a schema that is none", () => renamed('"long"', '"lung"'), "file.corrupt"],
    [
      "with fewer datums than it says",
      () => containerOf(contract, [[datumOf(event(1, 10)), Buffer.alloc(0)]]),
      "file.corrupt",
    ],
    [
      "with more datums than it says",
      () => containerOf(contract, [[Buffer.concat([datumOf(event(1, 10)), datumOf(event(2, 10))])]]),
      "file.corrupt",
    ],
  ] as const)("%s is refused", async (_, change, code) => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.avro": change(whole) });
    expect(await codeOf(read(folder))).toBe(code);
  });

  test("that says that a block is huge takes no memory for it", async () => {
    const folder = emptyFolder();
    const huge = avroType("long").toBuffer(2n ** 60n);
    writeFiles(folder, { "in.avro": Buffer.concat([containerOf(contract, []), Buffer.from([2]), huge]) });
    expect(await codeOf(read(folder))).toBe("file.avro");
  });

  test("can't be followed", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "in.avro": whole });
    const context = sourceContext(folder, { format: "avro", schema: contract });
    expect(await codeOf(openFileSource({ path: "in.avro", follow: true }, context))).toBe("file.avro");
  });

  const renamed = (from: string, to: string) =>
    Buffer.from(whole.toString("latin1").replace(from, to), "latin1");
  const changed = (file: Buffer, at: number) => {
    const copy = Buffer.from(file);
    copy[at]! ^= 1;
    return copy;
  };
});

test.each([
  ["cut short", (path: string) => truncateSync(path, 1000)],
  ["written anew", (path: string) => writeFileSync(path, "x".repeat(4_000_000))],
])("a file that is %s while it is read is refused, and not taken for read", async (_, change) => {
  const folder = emptyFolder();
  const many = Array.from({ length: 300 }, (_, n) => [datumOf(event(n, 10_000))]);
  writeFiles(folder, { "in.avro": containerOf(contract, many) });
  const context = sourceContext(folder, { format: "avro", schema: contract });
  const source = await openFileSource({ path: "in.avro", follow: false }, context);
  const reading = (async () => {
    let items = 0;
    for await (const _ of source.items(new AbortController().signal)) {
      if (++items === 1) change(join(folder, "in.avro"));
    }
  })();
  expect(await codeOf(reading)).toBe("file.changed");
  await source.close();
});

describe("a run that goes on", () => {
  async function readThen(change: (path: string) => void): Promise<Read> {
    const folder = emptyFolder();
    writeFiles(folder, { "in.avro": whole });
    const { taken } = await read(folder);
    change(join(folder, "in.avro"));
    return read(folder, taken.positions);
  }

  test("reads what was added since, also to a copy of the file", async () => {
    expect((await readThen(() => {})).taken.lines).toEqual([]);
    const added = containerOf(contract, [[datumOf(event(6, 10))]]).subarray(containerOf(contract, []).length);
    const append = (path: string) => appendFileSync(path, added);
    const expected = [
      { origin: "in.avro", line: 0, offsetBytes: 5, text: datumOf(event(6, 10)).toString("latin1") },
    ];
    expect((await readThen(append)).taken.lines).toEqual(expected);
    const copied = (path: string) => {
      copyFileSync(path, `${path}.copy`);
      rmSync(path);
      writeFileSync(path, readFileSync(`${path}.copy`));
      append(path);
    };
    expect((await readThen(copied)).taken.lines).toEqual(expected);
  });

  test.each<[string, (path: string) => void]>([
    ["was replaced", (path) => writeFileSync(path, containerOf(contract, [[datumOf(event(9, 2000))]]))],
    ["was replaced by something else", (path) => writeFileSync(path, "x".repeat(2000))],
    ["was truncated", (path) => truncateSync(path, whole.length - 10)],
    ["was emptied", (path) => truncateSync(path)],
  ])("refuses a file that %s", async (_, change) => {
    expect(await codeOf(readThen(change))).toBe("file.changed");
  });
});

test("Snappy unpacks what another implementation packed, and survives what nobody did", () => {
  const random = seeded(4);
  for (let i = 0; i < 200; i++) {
    const words = Array.from({ length: 1 + random.below(50) }, () =>
      String(random.next()).repeat(1 + random.below(9)),
    );
    const bytes = Buffer.from(Array.from({ length: random.below(3000) }, () => random.pick(words)).join(""));
    const packed = compressionsAlgorithms.snappy.compressSync(bytes);
    expect(unpackSnappy(packed, bytes.length).equals(bytes)).toBe(true);
    const damaged = Buffer.from(packed);
    for (let n = 0; n < 3 && damaged.length > 0; n++) damaged[random.below(damaged.length)] = random.next();
    try {
      expect(unpackSnappy(damaged, 1_000_000).length).toBeLessThanOrEqual(1_000_000);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
  }
});
