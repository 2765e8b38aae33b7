// Framing: whole lines come out however the bytes come, each batch alone in its buffer, and what is too long goes on in pieces.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OversizePiece } from "../../../runner/connectors/delivery.ts";
import { BATCH_BYTES, BATCH_LINES, Buffers } from "../../../runner/formats/buffers.ts";
import { Fingerprint } from "../../../runner/formats/fingerprint.ts";
import { type Framed, Framer, type Start } from "../../../runner/formats/lines.ts";
import type { Batch } from "../../../runner/kernel/kernel.ts";

interface Line {
  readonly line: number;
  readonly offsetBytes: number;
  readonly text: string;
  /** Sizes of the pieces, for a line over the bound. */
  readonly pieces?: readonly number[];
}

const roomy = 1 << 24;

/** Cuts the bytes at the given places, and those at what there is room for. */
function* cutAt(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...places, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** All that a framer gives for these bytes; what it gave is then overwritten and given back, as a run does. */
function framed(
  bytes: Buffer,
  cuts: readonly number[],
  more: { max?: number; start?: Start; ends?: boolean; rests?: boolean; buffers?: Buffers } = {},
): { lines: Line[]; sizes: number[]; all: Framed[] } {
  const { max = roomy, start, ends = true, rests = false, buffers = new Buffers(4) } = more;
  const framer = new Framer({ origin: "a", maxEventBytes: max, buffers, ...(start && { start }) });
  const taker = new Taker(max, start?.line ?? 1);
  for (const part of cutAt(bytes, cuts)) {
    for (let at = 0; at < part.length; ) {
      const space = framer.space();
      expect(space.length).toBeGreaterThan(0);
      const sizeBytes = part.copy(space, 0, at);
      at += sizeBytes;
      taker.take(framer.filled(sizeBytes), buffers);
    }
    if (rests) framer.rest();
  }
  if (ends) taker.take(framer.end(), buffers);
  else framer.close();
  if (ends) expect(taker.open).toBeUndefined();
  return taker;
}

class Taker {
  readonly lines: Line[] = [];
  readonly sizes: number[] = [];
  readonly all: Framed[] = [];
  readonly #max: number;
  readonly #firstLine: number;
  open: { text: string; pieces: number[] } | undefined;

  constructor(max: number, firstLine: number) {
    this.#max = max;
    this.#firstLine = firstLine;
  }

  take(all: readonly Framed[], buffers: Buffers): void {
    const seen = new Set<ArrayBuffer>();
    for (const one of all) {
      this.all.push(one);
      const { content } = one;
      const { bytes } = content.kind === "batch" ? content.batch : content.piece;
      expect(seen.has(bytes.buffer)).toBe(false);
      seen.add(bytes.buffer);
      this.sizes.push(bytes.length);
      if (content.kind === "batch") this.#batch(content.batch);
      else this.#piece(content.piece);
      expect(this.#firstLine + this.lines.length).toBe(one.reached.line);
    }
    for (const buffer of seen) {
      new Uint8Array(buffer).fill(0x78);
      buffers.give(buffer);
    }
  }

  #batch({ bytes, firstLine, offsetBytes }: Batch): void {
    expect(this.open).toBeUndefined();
    const text = Buffer.from(bytes).toString("latin1");
    let offset = 0;
    for (const [i, each] of text.replace(/\n$/, "").split("\n").entries()) {
      this.lines.push({
        line: firstLine + i,
        offsetBytes: offsetBytes + offset,
        text: each.replace(/\r$/, ""),
      });
      offset += each.length + 1;
    }
  }

  #piece(piece: OversizePiece): void {
    this.open ??= { text: "", pieces: [] };
    this.open.text += Buffer.from(piece.bytes).toString("latin1");
    expect(piece.piece).toBe(this.open.pieces.push(piece.bytes.length));
    expect(piece.bytes.length).toBeGreaterThan(0);
    expect(piece.bytes.length).toBeLessThanOrEqual(this.#max);
    if (!piece.last) return;
    this.lines.push({ line: piece.line, offsetBytes: piece.offsetBytes, ...this.open });
    this.open = undefined;
  }
}

/** The same by splitting text, as a plain program would. */
function expected(bytes: Buffer, max = roomy): Line[] {
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
    const line = { line: i + 1, offsetBytes: offset, text: bare };
    offset += part.length + 1;
    if (bare.length <= max) return line;
    const pieces = Array.from({ length: Math.ceil(bare.length / max) }, (_, at) =>
      Math.min(max, bare.length - at * max),
    );
    return { ...line, pieces };
  });
}

const content = fc.array(
  fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "\r"), maxLength: 25 }),
    fc.constantFrom("", "\n", "\r\n", "\xef\xbb\xbf"),
  ),
  { maxLength: 12 },
);
const text = fc
  .tuple(content, fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([parts, end, mark]) => Buffer.from(`${mark ? "\xef\xbb\xbf" : ""}${parts.join(end)}`, "latin1"));
const cuts = fc.array(fc.nat(), { maxLength: 10 });
const bound = fc.constantFrom(3, 4, 7, 1000);

function digestsAt(bytes: Buffer, offset: number) {
  const fingerprint = new Fingerprint();
  fingerprint.add(bytes.subarray(0, offset));
  return fingerprint.ends();
}

describe("the framer", () => {
  test("gives the same lines for every cut", () => {
    fc.assert(
      fc.property(text, cuts, bound, fc.boolean(), (bytes, places, max, rests) => {
        expect(framed(bytes, places, { max, rests }).lines).toEqual(expected(bytes, max));
      }),
      { numRuns: 2000 },
    );
  });

  test("goes on at every place it says to have reached, with exactly what is left", () => {
    fc.assert(
      fc.property(text, cuts, bound, (bytes, places, max) => {
        const { all } = framed(bytes, places, { max });
        const whole = expected(bytes, max);
        for (const { reached } of all) {
          const { offset_bytes, line, head, tail, unterminated } = reached;
          expect({ head, tail }).toEqual(digestsAt(bytes, offset_bytes));
          const before = bytes.subarray(0, offset_bytes);
          const fingerprint = Fingerprint.from(before.subarray(0, 4096), before.subarray(-4096));
          const start = { offsetBytes: offset_bytes, line, fingerprint };
          const rest = framed(bytes.subarray(offset_bytes), places, { max, start });
          expect(rest.lines).toEqual(whole.slice(line - 1));
          expect(unterminated === true).toBe(offset_bytes === bytes.length && bytes.at(-1) !== 0x0a);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("gives the same lines for single bytes", () => {
    const bytes = Buffer.from("\ufeff{}\r\n\r\naaaaaaaaaaaaa\r\nb\n\ncccccccccc");
    const all = Array.from(bytes, (_, i) => i);
    expect(framed(bytes, all, { max: 5 }).lines).toEqual(expected(bytes, 5));
  });

  test("keeps batches to a bound, and gives a longer line one of its own", () => {
    const line = `${"x".repeat(999)}\n`;
    const bytes = Buffer.from(`${line.repeat(3000)}${"y".repeat(3_000_000)}\n${line.repeat(10)}`);
    const { lines, sizes } = framed(bytes, []);
    expect(lines).toEqual(expected(bytes));
    expect(sizes.filter((size) => size > BATCH_BYTES)).toEqual([3_000_001]);
    // Twelve full batches, the long line, and what stands around it.
    expect(sizes.length).toBeLessThan(18);
  });

  test("keeps batches of short lines to a number of lines", () => {
    const bytes = Buffer.from("{}\n".repeat(3 * BATCH_LINES + 5));
    const { lines, all } = framed(bytes, []);
    expect(lines).toEqual(expected(bytes));
    const counts = all.map(({ reached }) => reached.line - 1);
    expect(counts).toEqual([1, 2, 3].map((n) => n * BATCH_LINES).concat(3 * BATCH_LINES + 5));
  });

  test("moves no byte of whole lines: they stand where they were read into", () => {
    const buffers = new Buffers(2);
    const framer = new Framer({ origin: "a", maxEventBytes: roomy, buffers });
    const first = framer.space();
    const sizeBytes = Buffer.from("1\n2\n3").copy(first);
    const [one] = framer.filled(sizeBytes);
    if (one?.content.kind !== "batch") throw new Error("no batch");
    expect(one.content.batch.bytes.buffer).toBe(first.buffer);
    expect(framer.space().buffer).not.toBe(first.buffer);
    expect(framer.inLine).toBe(true);
  });

  test("cuts a line without end into pieces of the bound, and goes on behind it", () => {
    const bytes = Buffer.from(`a\n${"z".repeat(1_000_000)}\nb\n`);
    const places = Array.from({ length: 500 }, (_, i) => i * 2003);
    const { lines, sizes } = framed(bytes, places, { max: 64_000 });
    expect(lines).toEqual(expected(bytes, 64_000));
    expect(Math.max(...sizes)).toBe(64_000);
  });

  test("holds no more of a line without end than the bound", () => {
    const sizes: number[] = [];
    class Counting extends Buffers {
      override take(sizeBytes?: number): ArrayBuffer {
        const taken = super.take(sizeBytes);
        sizes.push(taken.byteLength);
        return taken;
      }
    }
    framed(Buffer.alloc(20_000_000, "z"), [], { max: 2_000_000, buffers: new Counting(4) });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000_002);
  });

  test("says of pieces but the last that reading goes on before their line", () => {
    const { all } = framed(Buffer.from("a\nzzzzzzzz\nb\n"), [], { max: 3 });
    expect(all.map(({ reached }) => reached.offset_bytes)).toEqual([2, 2, 2, 11, 13]);
  });

  test("does not give out a line that a stop cut short", () => {
    const { lines } = framed(Buffer.from('{"a":1}\n{"a"'), [], { ends: false });
    expect(lines.map((line) => line.text)).toEqual(['{"a":1}']);
  });

  test.each([
    ["", []],
    ["\n", []],
    ["\r\n", []],
    ["\nb\n", ["b"]],
    ["\r\nb", ["b"]],
  ])("goes on behind a line that was read without its end, with %j", (rest, lines) => {
    const continued = () => new Error("continued");
    for (const places of [[], [1], [1, 2]]) {
      const start = { offsetBytes: 1, line: 2, fingerprint: new Fingerprint(), continued };
      const given = framed(Buffer.from(rest), places, { start, ends: true, max: 9 });
      expect(given.all.map(({ reached }) => reached.line)).toEqual(lines.map((_, i) => i + 3));
      expect(given.lines.map((line) => line.text)).toEqual(lines);
    }
  });

  test.each(["b\n", "\rb\n", "\r\r\n"])("refuses %j behind a line that was read without its end", (rest) => {
    const start = {
      offsetBytes: 1,
      line: 2,
      fingerprint: new Fingerprint(),
      continued: () => new Error("continued"),
    };
    expect(() => framed(Buffer.from(rest), [1], { start })).toThrow("continued");
  });

  test("gives its buffers back", () => {
    const out = new Set<ArrayBuffer>();
    class Counting extends Buffers {
      override take(sizeBytes?: number): ArrayBuffer {
        const taken = super.take(sizeBytes);
        out.add(taken);
        return taken;
      }
      override give(buffer: ArrayBuffer): void {
        out.delete(buffer);
        super.give(buffer);
      }
    }
    const buffers = new Counting(4);
    framed(Buffer.from("a\nb"), [1, 2], { buffers, rests: true });
    framed(Buffer.from(`a\nb${"c".repeat(2_000_000)}`), [], { buffers, ends: false });
    expect(out.size).toBe(0);
  });
});
