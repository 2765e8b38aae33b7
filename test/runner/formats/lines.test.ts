// Framing: however the bytes are cut into chunks, the lines, their numbers and their offsets are the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Chunk } from "../../../runner/connectors/connector.ts";
import { frame } from "../../../runner/formats/lines.ts";

/** Cuts a text into chunks of one buffer that is reused, as a source may. */
async function* chunked(bytes: Uint8Array, cuts: readonly number[]): AsyncIterable<Chunk> {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const reused = new Uint8Array(bytes.length);
  for (const [i, end] of edges.slice(1).entries()) {
    const start = edges[i] ?? 0;
    reused.fill(0x3f);
    reused.set(bytes.subarray(start, end));
    yield {
      bytes: reused.subarray(0, end - start),
      origin: "in",
      offsetBytes: start,
      last: i === edges.length - 2,
    };
  }
}

interface Line {
  readonly text: string;
  readonly line: number;
  readonly offset: number;
}

async function framed(
  bytes: Uint8Array,
  cuts: readonly number[],
  max: number,
): Promise<{ lines: Line[]; large: Line[] }> {
  const lines: Line[] = [];
  const large: Line[] = [];
  let pieces: Buffer[] = [];
  for await (const item of frame(chunked(bytes, cuts), max)) {
    if ("piece" in item) {
      pieces.push(Buffer.from(item.bytes));
      expect(item.piece).toBe(pieces.length);
      expect(item.bytes.length).toBeLessThanOrEqual(max);
      if (item.last) {
        large.push({
          text: Buffer.concat(pieces).toString("latin1"),
          line: item.line,
          offset: item.offsetBytes,
        });
        pieces = [];
      }
      continue;
    }
    expect(pieces).toEqual([]);
    let offset = item.offsetBytes;
    const parts = Buffer.from(item.bytes).toString("latin1").split("\n");
    if (parts.at(-1) === "") parts.pop();
    parts.forEach((text, i) => {
      lines.push({ text, line: item.firstLine + i, offset });
      offset += text.length + 1;
    });
  }
  expect(pieces).toEqual([]);
  return { lines, large };
}

const text = fc.array(fc.constantFrom("a", "bb", "\n", "\r\n", "\n\n", "x".repeat(11), "y".repeat(30), " "), {
  maxLength: 40,
});

test("lines, numbers and offsets do not depend on the cuts", async () => {
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(fc.nat(500), { maxLength: 12 }),
      fc.boolean(),
      async (parts, cuts, bom) => {
        const body = parts.join("");
        const bytes = Buffer.concat([
          bom ? Buffer.from([0xef, 0xbb, 0xbf]) : Buffer.alloc(0),
          Buffer.from(body),
        ]);
        const { lines, large } = await framed(bytes, cuts, 10);
        const expected: Line[] = [];
        let offset = bom ? 3 : 0;
        const all = body.split("\n");
        if (all.at(-1) === "") all.pop();
        all.forEach((line, i) => {
          expected.push({ text: line, line: i + 1, offset });
          offset += line.length + 1;
        });
        const isLarge = ({ text: line }: Line) => line.replace(/\r$/, "").length > 10;
        expect(lines).toEqual(expected.filter((line) => !isLarge(line)));
        const stripped = (line: Line) => ({ ...line, text: line.text.replace(/\r$/, "") });
        expect(large.map(stripped)).toEqual(expected.filter(isLarge).map(stripped));
      },
    ),
    { numRuns: 500 },
  );
});
