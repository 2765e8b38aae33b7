// Frames a source's chunks, however they are cut, into batches of whole lines; what is too long goes on in pieces.
import type { Chunk } from "../connectors/connector.ts";
import type { Batch } from "../kernel/kernel.ts";

/** A part of a line over the bound. Its bytes are valid until the next item is asked for. */
export interface OversizePiece {
  readonly origin: string;
  readonly line: number;
  /** Offset in bytes of the line (not of the piece) within its origin. */
  readonly offsetBytes: number;
  /** From 1. */
  readonly piece: number;
  readonly last: boolean;
  /** At most `maxEventBytes`, at least one; the line's end is left out. */
  readonly bytes: Uint8Array;
}

/** Ordinary batches are no larger, unless a single line is. */
const batchBytesMax = 1 << 20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Batches and pieces in the order of the bytes. The bytes of an item are valid until the next one is asked for: they are the
 * chunk's own, or a buffer of the framer's where a line lies across chunks. At most `maxEventBytes` and a chunk are held of each origin.
 * A byte order mark at an origin's start is skipped. A last line needs no line feed; one that was cut short because the
 * source was stopped is no line, and is not given out.
 */
export async function* frame(
  chunks: AsyncIterable<Chunk>,
  maxEventBytes: number,
): AsyncGenerator<Batch | OversizePiece, void, undefined> {
  // A source that follows several files comes back to each of them.
  const framers = new Map<string, Framer>();
  for await (const chunk of chunks) {
    const framer = framers.get(chunk.origin) ?? new Framer(chunk.origin, chunk.offsetBytes, maxEventBytes);
    framers.set(chunk.origin, framer);
    yield* framer.take(chunk);
    if (chunk.last) framers.delete(chunk.origin);
  }
}

/** The lines of one origin. */
class Framer {
  readonly origin: string;
  private readonly maxEventBytes: number;
  /** Bytes of a line that is not complete. */
  private carry: Buffer = Buffer.alloc(0);
  private carried = 0;
  /** How much of them is known to hold no line feed. */
  private searched = 0;
  /** Offset of the next byte that is given out. */
  private offset: number;
  private line = 1;
  private atStart: boolean;
  /** The pieces given out of a line over the bound; 0: the line at hand is not known to be one. */
  private pieces = 0;
  private lineOffset = 0;

  constructor(origin: string, offsetBytes: number, maxEventBytes: number) {
    this.origin = origin;
    this.offset = offsetBytes;
    this.maxEventBytes = maxEventBytes;
    this.atStart = offsetBytes === 0;
  }

  *take(chunk: Chunk): Generator<Batch | OversizePiece, void, undefined> {
    const data = this.withCarry(chunk.bytes);
    let start = 0;
    if (this.atStart) {
      const mark = byteOrderMark.subarray(0, data.length);
      const marked = data.subarray(0, mark.length).equals(mark);
      if (marked && data.length < byteOrderMark.length && !chunk.last) return this.keep(data, 0);
      if (marked) start = mark.length;
      this.atStart = false;
      this.offset += start;
    }
    const readTimeMs = Date.now();
    // The batch that is gathered is [start, at); it holds `lines` lines.
    let at = start;
    let lines = 0;
    let search = Math.max(start, this.searched);
    for (;;) {
      const found = data.indexOf(lineFeed, search);
      const end = found >= 0 ? found : data.length;
      if (found < 0 && at === end) break;
      const over = contentEnd(data, at, end) - at > this.maxEventBytes;
      if (found < 0 && !chunk.last && !over) break;
      let next = found >= 0 ? found + 1 : end;
      if (over || this.pieces > 0) {
        if (lines > 0) yield this.batch(data, start, at, lines, readTimeMs);
        const pieceEnd = over ? at + this.maxEventBytes : contentEnd(data, at, end);
        yield this.piece(data.subarray(at, pieceEnd), !over);
        if (over) next = pieceEnd;
        else this.endPieces();
        this.offset += next - at;
        start = next;
        lines = 0;
      } else {
        if (lines > 0 && next - start > batchBytesMax) {
          yield this.batch(data, start, at, lines, readTimeMs);
          start = at;
          lines = 0;
        }
        lines++;
      }
      at = search = next;
    }
    if (lines > 0) yield this.batch(data, start, at, lines, readTimeMs);
    this.keep(data, at);
  }

  private batch(data: Buffer, start: number, end: number, lines: number, readTimeMs: number): Batch {
    const { origin, line, offset } = this;
    this.line += lines;
    this.offset += end - start;
    return { bytes: data.subarray(start, end), origin, firstLine: line, offsetBytes: offset, readTimeMs };
  }

  private piece(bytes: Buffer, last: boolean): OversizePiece {
    if (this.pieces === 0) this.lineOffset = this.offset;
    const { origin, line, lineOffset: offsetBytes } = this;
    return { origin, line, offsetBytes, piece: ++this.pieces, last, bytes };
  }

  private endPieces(): void {
    this.pieces = 0;
    this.line++;
  }

  private withCarry(bytes: Uint8Array): Buffer {
    if (this.carried === 0) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const sizeBytes = this.carried + bytes.length;
    if (sizeBytes > this.carry.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(sizeBytes, this.carry.length * 2));
      this.carry.copy(grown, 0, 0, this.carried);
      this.carry = grown;
    }
    this.carry.set(bytes, this.carried);
    return this.carry.subarray(0, sizeBytes);
  }

  /** Keeps `data[from, …)`, which holds no line feed, until the next chunk comes. */
  private keep(data: Buffer, from: number): void {
    const rest = data.subarray(from);
    if (rest.buffer === this.carry.buffer && rest.length > 0 && this.carried > 0) {
      this.carry.copyWithin(0, from, data.length);
    } else if (rest.length > 0) {
      if (rest.length > this.carry.length)
        this.carry = Buffer.allocUnsafeSlow(Math.max(rest.length, 1 << 16));
      this.carry.set(rest);
    }
    this.carried = rest.length;
    this.searched = rest.length;
  }
}

/** The end of a line without its carriage return. Of a line that goes on, a last one counts as such: it may turn out to be. */
function contentEnd(data: Buffer, start: number, end: number): number {
  return end > start && data[end - 1] === carriageReturn ? end - 1 : end;
}
