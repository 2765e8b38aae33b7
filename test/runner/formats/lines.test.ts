// Framing: whole lines come out however the chunks were cut, and what is too long goes on in pieces.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Chunk } from "../../../runner/connectors/connector.ts";
import { frame, type OversizePiece } from "../../../runner/formats/lines.ts";
import type { Batch } from "../../../runner/kernel/kernel.ts";

interface Line {
  readonly origin: string;
  readonly line: number;
  readonly offsetBytes: number;
  readonly text: string;
  /** Sizes of the pieces, for a line over the bound. */
  readonly pieces?: readonly number[];
}

/** Chunks of an origin, cut at the given places; the buffer is reused, as a source may do. */
async function* chunksOf(
  origin: string,
  bytes: Buffer,
  cuts: readonly number[],
  lastApart = false,
): AsyncGenerator<Chunk> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const shared = Buffer.alloc(bytes.length);
  let start = 0;
  for (const end of [...places, bytes.length]) {
    shared.fill(0x78);
    bytes.copy(shared, 0, start, end);
    const last = end === bytes.length && !lastApart;
    yield { bytes: shared.subarray(0, end - start), origin, offsetBytes: start, last };
    if (last) return;
    start = end;
  }
  yield { bytes: shared.subarray(0, 0), origin, offsetBytes: bytes.length, last: true };
}

async function* both(...sources: readonly AsyncIterable<Chunk>[]): AsyncGenerator<Chunk> {
  for (const source of sources) yield* source;
}

function linesOf(batch: Batch): Line[] {
  const text = Buffer.from(batch.bytes).toString("latin1");
  const found: Line[] = [];
  let offset = 0;
  for (const [i, each] of text.replace(/\n$/, "").split("\n").entries()) {
    found.push({
      origin: batch.origin,
      line: batch.firstLine + i,
      offsetBytes: batch.offsetBytes + offset,
      text: each.replace(/\r$/, ""),
    });
    offset += each.length + 1;
  }
  return found;
}

async function framed(chunks: AsyncIterable<Chunk>, maxEventBytes = 1 << 24) {
  const lines: Line[] = [];
  let open: { text: string; pieces: number[] } | undefined;
  const sizes: number[] = [];
  for await (const item of frame(chunks, maxEventBytes)) {
    sizes.push(item.bytes.length);
    if (!("piece" in item)) {
      expect(open).toBeUndefined();
      lines.push(...linesOf(item));
      continue;
    }
    const piece: OversizePiece = item;
    open ??= { text: "", pieces: [] };
    open.text += Buffer.from(piece.bytes).toString("latin1");
    expect(piece.piece).toBe(open.pieces.push(piece.bytes.length));
    expect(piece.bytes.length).toBeGreaterThan(0);
    expect(piece.bytes.length).toBeLessThanOrEqual(maxEventBytes);
    if (!piece.last) continue;
    lines.push({ origin: piece.origin, line: piece.line, offsetBytes: piece.offsetBytes, ...open });
    open = undefined;
  }
  expect(open).toBeUndefined();
  return { lines, sizes };
}

/** The same by splitting text, as a plain program would. */
function expected(origin: string, bytes: Buffer, maxEventBytes: number): Line[] {
  let text = bytes.toString("latin1");
  let offset = 0;
  if (text.startsWith("\xef\xbb\xbf")) {
    text = text.slice(3);
    offset = 3;
  }
  const parts = text.split("\n");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((part, i) => {
    const bare = part.replace(/\r$/, "");
    const line = { origin, line: i + 1, offsetBytes: offset, text: bare };
    offset += part.length + 1;
    if (bare.length <= maxEventBytes) return line;
    const pieces = Array.from({ length: Math.ceil(bare.length / maxEventBytes) }, (_, at) =>
      Math.min(maxEventBytes, bare.length - at * maxEventBytes),
    );
    return { ...line, pieces };
  });
}

describe("frame", () => {
  const content = fc.array(
    fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "b", "\r"), maxLength: 25 }),
      fc.constantFrom("", "\n", "\r\n", "\xef\xbb\xbf"),
    ),
    { maxLength: 12 },
  );

  test("gives the same lines for every cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 10 }),
        fc.constantFrom(3, 4, 7, 1000),
        async (parts, end, mark, lastApart, cuts, max) => {
          const bytes = Buffer.from(`${mark ? "\xef\xbb\xbf" : ""}${parts.join(end)}`, "latin1");
          const { lines } = await framed(chunksOf("a", bytes, cuts, lastApart), max);
          expect(lines).toEqual(expected("a", bytes, max));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("gives the same lines for single bytes", async () => {
    const bytes = Buffer.from("\ufeff{}\r\n\r\naaaaaaaaaaaaa\r\nb\n\ncccccccccc");
    const cuts = Array.from(bytes, (_, i) => i);
    expect((await framed(chunksOf("a", bytes, cuts), 5)).lines).toEqual(expected("a", bytes, 5));
  });

  test("starts each origin anew", async () => {
    const bytes = Buffer.from("\ufeffa\nb");
    const { lines } = await framed(both(chunksOf("one", bytes, [4]), chunksOf("two", bytes, [2])));
    expect(lines).toEqual([...expected("one", bytes, 99), ...expected("two", bytes, 99)]);
  });

  test("keeps batches to about a mebibyte, and gives a longer line one of its own", async () => {
    const line = `${"x".repeat(999)}\n`;
    const bytes = Buffer.from(`${line.repeat(3000)}${"y".repeat(3_000_000)}\n${line.repeat(10)}`);
    const { lines, sizes } = await framed(chunksOf("a", bytes, []));
    expect(lines.length).toBe(3011);
    expect(sizes.filter((size) => size > 1 << 20)).toEqual([3_000_001]);
    expect(sizes.length).toBeLessThan(8);
  });

  test("cuts a line without end into pieces of the bound, and goes on behind it", async () => {
    const bytes = Buffer.from(`a\n${"z".repeat(1_000_000)}\nb\n`);
    const cuts = Array.from({ length: 500 }, (_, i) => i * 2003);
    const { lines, sizes } = await framed(chunksOf("a", bytes, cuts), 64_000);
    expect(lines).toEqual(expected("a", bytes, 64_000));
    expect(Math.max(...sizes)).toBe(64_000);
  });

  test("does not give out a line that a stop cut short", async () => {
    async function* stopped(): AsyncGenerator<Chunk> {
      yield { bytes: Buffer.from('{"a":1}\n{"a"'), origin: "a", offsetBytes: 0, last: false };
    }
    expect((await framed(stopped())).lines.map(({ text }) => text)).toEqual(['{"a":1}']);
  });

  test("comes back to origins that grow in turn", async () => {
    const files = { one: Buffer.from("\ufeffa\nbb\nccc"), two: Buffer.from("x\n\ny\n") };
    const [one, two] = [chunksOf("one", files.one, [1, 5, 6]), chunksOf("two", files.two, [1, 3])];
    async function* inTurn(): AsyncGenerator<Chunk> {
      for (const sources = [one, two]; sources.length > 0; ) {
        const source = sources.shift()!;
        const { value, done } = await source.next();
        if (done === true) continue;
        yield value;
        sources.push(source);
      }
    }
    const { lines } = await framed(inTurn());
    expect(lines.filter(({ origin }) => origin === "one")).toEqual(expected("one", files.one, 99));
    expect(lines.filter(({ origin }) => origin === "two")).toEqual(expected("two", files.two, 99));
    expect(lines.findIndex(({ origin }) => origin === "two")).toBeLessThan(lines.length - 2);
  });
});
