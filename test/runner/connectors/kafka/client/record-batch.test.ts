// Batches of records: what is packed is unpacked again by every codec, and damage or a bomb is noticed.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BatchBuilder, type Message } from "../../../../../runner/connectors/kafka/client/batch-builder.ts";
import { batchesIn, checkBatch } from "../../../../../runner/connectors/kafka/client/batch-head.ts";
import {
  compressions,
  decompress,
  MAX_UNPACKED_BYTES,
} from "../../../../../runner/connectors/kafka/client/compression.ts";
import { Records } from "../../../../../runner/connectors/kafka/client/record-reader.ts";

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }));
const message: fc.Arbitrary<Message> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ name: fc.string({ unit: "grapheme" }), value: bytes }), { maxLength: 3 }),
  timestampMs: fc.integer({ min: 0, max: 2 ** 45 }),
});
const stamp = { producerId: 2 ** 40 + 5, epoch: 3, sequence: 17, transactional: true };

async function packed(messages: readonly Message[], by: (typeof compressions)[number]): Promise<Buffer> {
  const builder = new BatchBuilder();
  for (const one of messages) builder.append(one);
  return builder.finish(stamp, by);
}

async function unpacked(batch: Buffer, from = 0): Promise<Records> {
  const records = new Records();
  for (const head of batchesIn(batch)) {
    checkBatch(head);
    await records.add(head, from);
  }
  return records;
}

describe.each(compressions)("%s", (by) => {
  test("messages come back as they were", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 20 }), async (messages) => {
        const batch = await packed(messages, by);
        const [head] = batchesIn(batch);
        expect(head).toMatchObject({ producerId: stamp.producerId, transactional: true, control: false });
        expect(head?.nextOffset).toBe(messages.length);
        const { offsets, keys, values, headers, timestampsMs } = await unpacked(batch);
        expect(offsets).toEqual(messages.map((_, i) => i));
        expect(keys).toEqual(messages.map(({ key }) => key));
        expect(values).toEqual(messages.map(({ value }) => value));
        expect(headers).toEqual(messages.map((one) => one.headers));
        expect(timestampsMs).toEqual(messages.map((one) => one.timestampMs));
      }),
      { numRuns: by === "none" ? 200 : 30 },
    );
  });
});

const some: readonly Message[] = Array.from({ length: 5 }, (_, i) => ({
  key: null,
  value: Buffer.from(`value ${i}`),
  headers: [],
  timestampMs: i,
}));

test("records before the position are left out, and a batch that was cut is not there yet", async () => {
  const batch = await packed(some, "none");
  expect((await unpacked(batch, 3)).offsets).toEqual([3, 4]);
  for (let length = 0; length < batch.length; length++) {
    expect([...batchesIn(batch.subarray(0, length))]).toEqual([]);
  }
  expect([...batchesIn(Buffer.concat([batch, batch.subarray(0, 70)]))]).toHaveLength(1);
});

test("any changed byte that the checksum covers is noticed", async () => {
  const batch = await packed(some, "none");
  for (let at = 17; at < batch.length; at++) {
    const damaged = Buffer.from(batch);
    damaged[at] = (damaged[at] ?? 0) ^ 0x40;
    await expect(unpacked(damaged)).rejects.toThrow();
  }
});

test("records that are not what their lengths say are errors, never more or other messages", async () => {
  const batch = await packed(some, "none");
  for (let at = 61; at < batch.length; at++) {
    for (const byte of [0, 0x7f, 0x80, 0xff]) {
      const damaged = Buffer.from(batch);
      damaged[at] = byte;
      const records = new Records();
      for (const head of batchesIn(damaged)) {
        await records.add(head, 0).catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
      }
      expect(records.offsets.length).toBeLessThanOrEqual(some.length);
    }
  }
});

describe("what unpacks to too much is not unpacked", () => {
  const zeros = Buffer.alloc(MAX_UNPACKED_BYTES + 1);
  test.each([
    ["gzip", () => gzipSync(zeros)],
    ["zstd", () => zstdCompressSync(zeros)],
    // What it unpacks to, as a number of seven bits a byte; then nothing.
    ["snappy", () => Buffer.from("8180808001", "hex")],
    ["lz4", () => compressionsAlgorithms.lz4.compressSync(zeros)],
  ] as const)("%s", async (by, make) => {
    await expect(decompress(Buffer.from(make()), by)).rejects.toThrow(RangeError);
  });
});

test("Snappy is read in frames of several blocks, and without a frame", async () => {
  const { snappy } = compressionsAlgorithms;
  const block = (text: string): Buffer => {
    const packed = snappy.compressSync(Buffer.from(text));
    const length = Buffer.alloc(4);
    length.writeInt32BE(packed.length);
    return Buffer.concat([length, packed]);
  };
  const header = Buffer.from("82534e41505059000000000100000001", "hex");
  const framed = Buffer.concat([header, block("one "), block("two")]);
  expect((await decompress(framed, "snappy")).toString()).toBe("one two");
  expect((await decompress(snappy.compressSync(Buffer.from("raw")), "snappy")).toString()).toBe("raw");
  await expect(decompress(framed.subarray(0, -1), "snappy")).rejects.toThrow(RangeError);
});
