// Frames bytes, however they come, into batches of whole lines, in the very buffers they were read into; what is too long goes on in pieces.
import type { Item } from "../connectors/delivery.ts";
import { BATCH_BYTES, BATCH_LINES, type Buffers } from "./buffers.ts";
import { type Ends, Fingerprint } from "./fingerprint.ts";

/** A batch or a piece, and how far its origin has been read with it. */
export interface Framed {
  readonly content: Item["content"];
  readonly reached: Reached;
}

/** A place between two lines, as positions tell it. */
export interface Reached extends Ends {
  readonly offset_bytes: number;
  /** Number of the line that comes next, from 1. */
  readonly line: number;
  /** The line before had no line end: nothing but one may follow. */
  readonly unterminated?: true;
}

export interface FramerOptions {
  readonly origin: string;
  readonly maxEventBytes: number;
  readonly buffers: Buffers;
  /** Where reading goes on within the origin; absent: at its start, where a byte order mark is skipped. */
  readonly start?: Start;
}

export interface Start {
  readonly offsetBytes: number;
  readonly line: number;
  /** Of the bytes before. */
  readonly fingerprint: Fingerprint;
  /** True where the bytes begin there, so that a byte order mark may stand there. */
  readonly begins?: boolean;
  /** Present where the line before had no line end: the failure that it is when something else follows than one. */
  readonly continued?: () => Error;
}

/** Less room than this isn't worth a read. */
const ROOM_BYTES = 16 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of one origin. `space()` gives room to read into, `filled(n)` what that completed: `bytes` stand in a buffer of their own, which is
 * given away with them. At most `maxEventBytes` and a batch are held. `end()` gives the last line, which needs no line feed; a source that is stopped
 * doesn't call it, and so gives out no line that was cut.
 */
export class Framer {
  readonly #origin: string;
  readonly #maxEventBytes: number;
  readonly #buffers: Buffers;
  readonly #fingerprint: Fingerprint;
  #bytes: Buffer<ArrayBuffer> | undefined;
  /** What is held stands in `[#start, #used)`; up to `#searched` there is no line feed. */
  #start = 0;
  #used = 0;
  #searched = 0;
  /** Of the byte at `#start`. */
  #offset: number;
  #line: number;
  #atStart: boolean;
  #continued: Start["continued"];
  /** The pieces given out of a line over the bound; 0: the line at hand is not known to be one. */
  #pieces = 0;
  #lineOffset = 0;
  /** Before the line at hand: where its first pieces say that reading goes on. */
  #reached: Reached;

  constructor({ origin, maxEventBytes, buffers, start }: FramerOptions) {
    this.#origin = origin;
    this.#maxEventBytes = maxEventBytes;
    this.#buffers = buffers;
    this.#fingerprint = start?.fingerprint ?? new Fingerprint();
    this.#offset = start?.offsetBytes ?? 0;
    this.#line = start?.line ?? 1;
    this.#atStart = start === undefined || start.begins === true;
    this.#continued = start?.continued;
    this.#reached = this.#place(start?.continued !== undefined);
  }

  /** How far the origin has been given out, in whole lines. */
  get reached(): Reached {
    return this.#reached;
  }

  /** True where bytes are held that no line end has come for. */
  get inLine(): boolean {
    return this.#used > this.#start || this.#pieces > 0;
  }

  /** Room for at least one byte, and at most a batch; it is this framer's until `filled` or `end` is called. */
  space(): Uint8Array<ArrayBuffer> {
    this.#bytes ??= Buffer.from(this.#buffers.take());
    if (this.#bytes.length - this.#used < ROOM_BYTES) this.#makeRoom(this.#bytes);
    return this.#bytes.subarray(this.#used, this.#used + BATCH_BYTES);
  }

  /** `sizeBytes` were read into what `space()` gave last. */
  filled(sizeBytes: number): readonly Framed[] {
    this.#used += sizeBytes;
    return this.#frame(false);
  }

  /** No more bytes come: what is held is the last line. */
  end(): readonly Framed[] {
    const framed = this.#frame(true);
    this.close();
    return framed;
  }

  /** Holds an incomplete line in no more room than it needs, while a source waits. */
  rest(): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    const held = bytes.subarray(this.#start, this.#used);
    if (held.length * 2 > bytes.length) return;
    this.#bytes = held.length > 0 ? copyOf(held) : undefined;
    this.#buffers.give(bytes.buffer);
    this.#moved(0, held.length);
  }

  close(): void {
    if (this.#bytes !== undefined) this.#buffers.give(this.#bytes.buffer);
    this.#bytes = undefined;
    this.#moved(0, 0);
  }

  /** Two bytes over the bound are enough to see that a line is too long, whatever its end is. */
  #makeRoom(bytes: Buffer<ArrayBuffer>): void {
    const held = bytes.subarray(this.#start, this.#used);
    if (this.#start > 0) bytes.copyWithin(0, this.#start, this.#used);
    else {
      const most = Math.max(BATCH_BYTES, this.#maxEventBytes + 2);
      const sizeBytes = Math.min(most, Math.max(bytes.length * 2, BATCH_BYTES));
      if (sizeBytes <= bytes.length) return;
      const grown = Buffer.from(this.#buffers.take(sizeBytes));
      grown.set(held);
      this.#buffers.give(bytes.buffer);
      this.#bytes = grown;
    }
    this.#moved(0, held.length);
  }

  #frame(last: boolean): readonly Framed[] {
    const framed: Framed[] = [];
    if (this.#bytes === undefined || !this.#skipMark(this.#bytes, last)) return framed;
    if (this.#continued !== undefined && !this.#skipLineEnd(this.#bytes, this.#continued, last))
      return framed;
    for (;;) {
      const next = this.#next(last);
      if (next === undefined) return framed;
      framed.push(next);
    }
  }

  /** False where it isn't known yet whether a byte order mark stands there. */
  #skipMark(bytes: Buffer, last: boolean): boolean {
    if (!this.#atStart) return true;
    const data = bytes.subarray(this.#start, this.#used);
    const mark = byteOrderMark.subarray(0, data.length);
    const marked = data.subarray(0, mark.length).equals(mark);
    if (marked && mark.length < byteOrderMark.length && !last) return false;
    this.#atStart = false;
    if (marked && mark.length === byteOrderMark.length) {
      this.#consume(bytes, this.#start + mark.length);
      this.#reached = this.#place(false);
    }
    return true;
  }

  /** Of a line that was given out without its end. False where it isn't known yet what follows. */
  #skipLineEnd(bytes: Buffer, continued: () => Error, last: boolean): boolean {
    const data = bytes.subarray(this.#start, Math.min(this.#used, this.#start + 2));
    if (data.length === 0) return last;
    const sizeBytes = data[0] === carriageReturn ? 2 : 1;
    if (data.length < sizeBytes && !last) return false;
    if (data[sizeBytes - 1] !== lineFeed) throw continued();
    this.#consume(bytes, this.#start + sizeBytes);
    this.#continued = undefined;
    this.#reached = this.#place(false);
    return true;
  }

  /** The batch or piece that the held bytes begin with; undefined where more have to come first. */
  #next(last: boolean): Framed | undefined {
    const bytes = this.#bytes;
    if (bytes === undefined) return undefined;
    const data = bytes.subarray(0, this.#used);
    let at = this.#start;
    let lines = 0;
    for (let search = Math.max(at, this.#searched); at < data.length; search = at) {
      const found = data.indexOf(lineFeed, search);
      const end = found < 0 ? data.length : found;
      const over = contentEnd(data, at, end) - at > this.#maxEventBytes;
      if (over || (this.#pieces > 0 && (found >= 0 || last))) {
        if (lines > 0) break;
        return this.#piece(bytes, over ? at + this.#maxEventBytes : end, over, found < 0);
      }
      if (found < 0 && !last) break;
      const next = found < 0 ? end : found + 1;
      if (lines === BATCH_LINES || (lines > 0 && next - this.#start > BATCH_BYTES)) break;
      lines++;
      at = next;
      if (found < 0) return this.#batch(bytes, at, lines, true);
    }
    if (lines > 0) return this.#batch(bytes, at, lines, false);
    this.#searched = data.length;
    return undefined;
  }

  #batch(bytes: Buffer<ArrayBuffer>, end: number, lines: number, unterminated: boolean): Framed {
    const [firstLine, offsetBytes] = [this.#line, this.#offset];
    this.#line += lines;
    const given = this.#give(bytes, end, end);
    this.#reached = this.#place(unterminated);
    const batch = { bytes: given, origin: this.#origin, firstLine, offsetBytes, readTimeMs: Date.now() };
    return { content: { kind: "batch", batch }, reached: this.#reached };
  }

  /** `end`: where the piece ends, or its line. */
  #piece(bytes: Buffer<ArrayBuffer>, end: number, goesOn: boolean, atEnd: boolean): Framed {
    if (this.#pieces === 0) this.#lineOffset = this.#offset;
    const [line, offsetBytes, piece] = [this.#line, this.#lineOffset, ++this.#pieces];
    const given = goesOn
      ? this.#give(bytes, end, end)
      : this.#give(bytes, contentEnd(bytes, this.#start, end), atEnd ? end : end + 1);
    if (!goesOn) {
      this.#pieces = 0;
      this.#line++;
      this.#reached = this.#place(atEnd);
    }
    const content = { origin: this.#origin, line, offsetBytes, piece, last: !goesOn, bytes: given };
    return { content: { kind: "piece", piece: content }, reached: this.#reached };
  }

  /**
   * `[#start, end)` alone in a buffer; what is held goes on at `next`. The smaller part is copied, so that no byte is moved again and
   * again.
   */
  #give(bytes: Buffer<ArrayBuffer>, end: number, next: number): Uint8Array<ArrayBuffer> {
    const start = this.#start;
    this.#consume(bytes, next);
    const rest = bytes.subarray(next, this.#used);
    if (end - start < rest.length) return copyOf(bytes.subarray(start, end));
    this.#bytes = undefined;
    if (rest.length > 0) {
      this.#bytes = Buffer.from(this.#buffers.take(rest.length));
      this.#bytes.set(rest);
    }
    this.#moved(0, rest.length);
    return new Uint8Array(bytes.buffer, start, end - start);
  }

  /** What stands before `next` has been given out. */
  #consume(bytes: Buffer, next: number): void {
    this.#fingerprint.add(bytes.subarray(this.#start, next));
    this.#offset += next - this.#start;
    this.#start = next;
    this.#searched = Math.max(next, this.#searched);
  }

  /** What is held stands elsewhere now. */
  #moved(start: number, used: number): void {
    this.#searched = Math.max(start, this.#searched - this.#start + start);
    this.#start = start;
    this.#used = used;
  }

  #place(unterminated: boolean): Reached {
    const place = { offset_bytes: this.#offset, line: this.#line, ...this.#fingerprint.ends() };
    return unterminated ? { ...place, unterminated } : place;
  }
}

function copyOf(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The end of a line without its carriage return. Of a line that goes on, a last one counts as such: it may turn out to be. */
function contentEnd(data: Buffer, start: number, end: number): number {
  return end > start && data[end - 1] === carriageReturn ? end - 1 : end;
}
