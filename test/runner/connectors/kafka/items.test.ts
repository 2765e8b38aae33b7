// Fetched messages become batches of records, each with what goes with it, and positions that skip nothing.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Item } from "../../../../runner/connectors/delivery.ts";
import type { Fetched } from "../../../../runner/connectors/kafka/client/fetched.ts";
import { type Decoded, itemsOf, partitionIn } from "../../../../runner/connectors/kafka/items.ts";
import { BATCH_BYTES, BATCH_LINES, Buffers } from "../../../../runner/formats/buffers.ts";

/** Values at offsets 100, 101, … with a marker behind them. */
function fetchedOf(values: readonly (string | null)[]): Fetched {
  return {
    topic: "clicks",
    partition: 3,
    offsets: values.map((_, i) => 100 + i),
    timestampsMs: values.map((_, i) => 1000 + i),
    keys: values.map((_, i) => (i % 2 === 0 ? Buffer.from(`k${i}`) : null)),
    values: values.map((value) => (value === null ? null : Buffer.from(value))),
    headers: values.map((_, i) => [{ name: "n", value: Buffer.from(String(i)) }]),
    nextOffset: 101 + values.length,
    highWatermark: 1000,
  };
}

async function itemsIn(
  values: readonly (string | null)[],
  maxEventBytes = 1000,
  decode?: (value: Uint8Array) => Decoded | Promise<Decoded>,
): Promise<readonly Item[]> {
  const options = { buffers: new Buffers(2), maxEventBytes, ...(decode && { decode }) };
  const items: Item[] = [];
  for await (const item of itemsOf(fetchedOf(values), options)) items.push(item);
  return items;
}

/** The values of a batch's records. */
function recordsOf({ content }: Item): readonly string[] {
  if (content.kind === "piece" || content.batch.records === undefined) return [];
  const { bytes, records } = content.batch;
  return [...records.ends].map((end, i) =>
    Buffer.from(bytes.subarray(records.ends[i - 1] ?? 0, end)).toString(),
  );
}

describe("items", () => {
  test("carry values, offsets, times, keys and headers", async () => {
    const [item, ...rest] = await itemsIn(["a", "bc"]);
    expect(rest).toEqual([]);
    expect(item).toMatchObject({ partition: "clicks/3", position: { offset: 103 } });
    expect(recordsOf(item!)).toEqual(["a", "bc"]);
    expect(item?.content).toMatchObject({
      batch: {
        origin: "clicks/3",
        records: { offsets: Float64Array.of(100, 101), timesMs: Float64Array.of(1000, 1001) },
      },
      carried: [
        { key: Buffer.from("k0"), timestampMs: 1000, headers: [{ name: "n", value: Buffer.from("0") }] },
        { key: null, timestampMs: 1001 },
      ],
    });
  });

  test("move the position where there is nothing to read", async () => {
    const [item, ...rest] = await itemsIn([]);
    expect(rest).toEqual([]);
    expect(item).toMatchObject({
      position: { offset: 101 },
      content: { batch: { bytes: new Uint8Array(0) } },
    });
  });

  test("refuse messages without a value, and those that can't be decoded, as they came", async () => {
    const [item] = await itemsIn(["good", null, "bad", ""], 1000, (value) =>
      value.length === 3 ? { code: "event.not-json", reason: "It is bad." } : value.subarray(1),
    );
    expect(recordsOf(item!)).toEqual(["ood", "", "bad", ""]);
    expect(item?.content).toMatchObject({
      batch: {
        records: {
          refused: [
            { record: 1, code: "event.no-value" },
            { record: 2, code: "event.not-json", reason: "It is bad." },
          ],
        },
      },
    });
  });

  test("wait for what decoding waits for", async () => {
    const [item] = await itemsIn(["ab", "cd"], 1000, async (value) => value.subarray(1));
    expect(recordsOf(item!)).toEqual(["b", "d"]);
  });

  test("a value over the bound comes in pieces, and the rest before and behind it", async () => {
    const items = await itemsIn(["a", "0123456789", "b"], 4);
    const pieces = items.flatMap(({ content, position }) =>
      content.kind === "piece" ? [{ ...content.piece, position }] : [],
    );
    expect(pieces.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["0123", "4567", "89"]);
    expect(pieces.at(-1)).toMatchObject({ offset: 101, piece: 3, last: true, position: { offset: 102 } });
    expect(items.flatMap(recordsOf)).toEqual(["a", "b"]);
    expect(items.at(-1)?.position).toEqual({ offset: 104 });
  });

  test("behind a last piece, markers are skipped too", async () => {
    const items = await itemsIn(["0123456789"], 4);
    expect(items.at(-1)).toMatchObject({ position: { offset: 102 }, content: { kind: "batch" } });
  });

  test("hold no more than a batch may, and lose nothing", async () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 100, 50_000, BATCH_BYTES - 1, BATCH_BYTES + 1), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const values = lengths.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length));
        const items = await itemsIn(values, 1_000_000);
        expect(items.flatMap(recordsOf)).toEqual(values);
        for (const item of items) {
          const records = recordsOf(item);
          const bytes = records.reduce((sum, { length }) => sum + length, 0);
          expect(records.length === 1 || bytes <= BATCH_BYTES).toBe(true);
        }
        // Each position is where the next item's first record stands.
        let at = 100;
        for (const item of items.slice(0, -1)) {
          at += recordsOf(item).length;
          expect(item.position).toEqual({ offset: at });
        }
      }),
      { numRuns: 50 },
    );
    const many = await itemsIn(Array.from({ length: BATCH_LINES + 1 }, () => "x"));
    expect(many.map((item) => recordsOf(item).length)).toEqual([BATCH_LINES, 1]);
  });
});

test("a partition's name tells topic and number", () => {
  expect(partitionIn("clicks.eu/12")).toEqual({ topic: "clicks.eu", partition: 12 });
});
