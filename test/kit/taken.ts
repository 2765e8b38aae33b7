// Takes items as a run does: notes lines and positions, overwrites the buffers it was given, and gives them back.
import { expect } from "vitest";
import type { Item, OversizePiece, Position, Positions } from "../../runner/connectors/delivery.ts";
import { BATCH_BYTES, BATCH_LINES, Buffers } from "../../runner/formats/buffers.ts";
import type { Batch, Records } from "../../runner/kernel/kernel.ts";

/** `text`: one byte a character, without the line's end. Of a record that is no row, `line` is 0 and `offsetBytes` its offset. */
export interface Line {
  readonly origin: string;
  readonly line: number;
  readonly offsetBytes: number;
  readonly text: string;
}

/** The lines of an origin, as a plain program finds them. */
export function linesIn(origin: string, bytes: Uint8Array): readonly Line[] {
  const texts = Buffer.from(bytes).toString("latin1").split("\n");
  if (texts.at(-1) === "") texts.pop();
  let end = 0;
  return texts.map((text, i) => {
    const offsetBytes = end;
    end += text.length + 1;
    return { origin, line: i + 1, offsetBytes, text: text.replace(/\r$/, "") };
  });
}

export class Taken {
  readonly lines: Line[] = [];
  readonly #buffers: Buffers | undefined;
  readonly #positions = new Map<string, Position>();
  #long: { readonly text: string[]; readonly last: OversizePiece } | undefined;

  /** Without `buffers`, what was given stays as it is. */
  constructor(buffers?: Buffers) {
    this.#buffers = buffers;
  }

  /** As a checkpoint that is made now gives them to the next run. */
  get positions(): Positions {
    return new Map(
      [...this.#positions].map(([name, position]) => [name, JSON.parse(JSON.stringify(position))]),
    );
  }

  get texts(): readonly string[] {
    return this.lines.map(({ text }) => text);
  }

  /** Throws where the item's shape is wrong. */
  take({ partition, position, content }: Item): void {
    if (content.kind === "batch") this.#batch(content.batch);
    else this.#piece(content.piece);
    if (this.#long === undefined) this.#positions.set(partition, position);
    const { buffer } = content.kind === "batch" ? content.batch.bytes : content.piece.bytes;
    if (this.#buffers === undefined || buffer.byteLength === 0) return;
    new Uint8Array(buffer).fill(0x78);
    this.#buffers.give(buffer);
  }

  #batch({ bytes, origin, firstLine, offsetBytes, records }: Batch): void {
    if (this.#long !== undefined) throw new Error("a batch came within a line");
    if (records !== undefined) {
      this.lines.push(...recordsIn(origin, bytes, records));
      if (records.ends.length > 1) expect(bytes.length).toBeLessThanOrEqual(BATCH_BYTES);
      expect(records.ends.length).toBeLessThanOrEqual(BATCH_LINES);
      return;
    }
    const lines = linesIn(origin, bytes);
    if (lines.length > 1) expect(bytes.length).toBeLessThanOrEqual(BATCH_BYTES);
    for (const one of lines) {
      this.lines.push({ ...one, line: firstLine + one.line - 1, offsetBytes: offsetBytes + one.offsetBytes });
    }
  }

  #piece(piece: OversizePiece): void {
    const { origin, line, offset, bytes } = piece;
    const { offsetBytes } = placeOf(piece);
    expect(bytes.length).toBeGreaterThan(0);
    const text = Buffer.from(bytes).toString("latin1");
    if (this.#long === undefined) this.#long = { text: [], last: piece };
    else expect({ origin, line, offset, offsetBytes }).toEqual(placeOf(this.#long.last));
    this.#long = { text: [...this.#long.text, text], last: piece };
    expect(piece.piece).toBe(this.#long.text.length);
    if (!piece.last) return;
    this.lines.push({ origin, line, offsetBytes, text: this.#long.text.join("") });
    this.#long = undefined;
  }
}

function placeOf({ origin, line, offset, offsetBytes }: OversizePiece) {
  return { origin, line, offset, offsetBytes: offset ?? offsetBytes };
}

function recordsIn(
  origin: string,
  bytes: Uint8Array,
  { ends, offsets, lines, timesMs }: Records,
): readonly Line[] {
  expect([offsets.length, timesMs.length, ends.at(-1) ?? 0]).toEqual([
    ends.length,
    ends.length,
    bytes.length,
  ]);
  const all = Buffer.from(bytes).toString("latin1");
  return Array.from(ends, (end, i) => {
    return {
      origin,
      line: lines?.[i] ?? 0,
      offsetBytes: offsets[i]!,
      text: all.slice(ends[i - 1] ?? 0, end),
    };
  });
}

/** Knows which of its buffers are in somebody's hands. */
export class CountedBuffers extends Buffers {
  readonly out = new Set<ArrayBuffer>();

  constructor() {
    super(2);
  }

  override take(sizeBytes?: number): ArrayBuffer {
    const taken = super.take(sizeBytes);
    this.out.add(taken);
    return taken;
  }

  override give(buffer: ArrayBuffer): void {
    this.out.delete(buffer);
    super.give(buffer);
  }
}
