// Frames the bytes of CSV, however they come, into batches of JSON events, one for each row; what is no row is refused, and what is too long goes on in pieces.
import type { RecordType } from "../../../dsl/schema/model.ts";
import type { CsvDialect } from "../../plan/csv-plan.ts";
import type { Buffers } from "../buffers.ts";
import { Fingerprint } from "../fingerprint.ts";
import type { Framed, Reached, Start } from "../lines.ts";
import { namesIn } from "./column-names.ts";
import { CsvFault } from "./fault.ts";
import { RowBatch } from "./row-batch.ts";
import { rowMembers } from "./row-members.ts";
import { RowScanner, rowFaults } from "./row-scanner.ts";
import { RowWriter } from "./row-writer.ts";

export interface RowsOptions {
  readonly origin: string;
  readonly maxEventBytes: number;
  readonly buffers: Buffers;
  readonly dialect: CsvDialect;
  /** What an event is. */
  readonly root: RecordType;
  /** The columns' names; absent: the first row has them. */
  readonly columns?: readonly string[];
  /** How many rows come before the first that counts. Empty lines are no rows, but where there is one column. */
  readonly skip: number;
  /** Bytes that are no text in their charset were replaced by U+FFFD. */
  readonly replaced: boolean;
  /** A quote that opened on that line is closed nowhere, and what stands behind it is over the bound. */
  readonly warn: (line: number) => void;
  /** Where reading goes on; absent: at the start. Behind the start, `columns` are known. */
  readonly start?: Start;
}

const READ_BYTES = 256 * 1024;
/** Less room than this isn't worth a read. */
const ROOM_BYTES = 16 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const replacement = Buffer.from("\ufffd");

/**
 * The rows of one origin. `space()` gives room to read into, `filled(n)` what that completed. At most `maxEventBytes` and what was read last are held.
 * `end()` gives the last row, which needs no line end. Both throw a `CsvFault` where the columns' names can't be had.
 */
export class Rows {
  readonly #options: RowsOptions;
  readonly #scanner: RowScanner;
  readonly #batch: RowBatch;
  readonly #fingerprint: Fingerprint;
  #names: readonly string[] | undefined;
  #columns = 0;
  #writer: RowWriter | undefined;
  #skip: number;
  #bytes = Buffer.alloc(READ_BYTES);
  /** The row at hand starts at `#start`; bytes come to `#used`. Up to `#noted`, the fingerprint has them. */
  #start = 0;
  #used = 0;
  #noted = 0;
  /** Of the byte at `#start`. */
  #offset: number;
  #line: number;
  #atStart: boolean;
  #continued: Start["continued"];
  /** The pieces given out of a row over the bound; 0: the row at hand is not known to be one. */
  #pieces = 0;
  #rowOffset = 0;
  /** Before that row. */
  #before: Reached | undefined;
  /** The row that was passed last had no line end. */
  #unterminated: boolean;

  constructor(options: RowsOptions) {
    const { origin, buffers, dialect, columns, skip, start } = options;
    this.#options = options;
    this.#scanner = new RowScanner(dialect);
    this.#batch = new RowBatch(origin, buffers);
    this.#fingerprint = start?.fingerprint ?? new Fingerprint();
    this.#offset = start?.offsetBytes ?? 0;
    this.#line = start?.line ?? 1;
    this.#atStart = start === undefined || start.begins === true;
    this.#continued = start?.continued;
    this.#skip = this.#atStart ? skip : 0;
    if (columns !== undefined) this.#name(columns);
    this.#unterminated = start?.continued !== undefined;
  }

  /** The columns' names, once they are known. */
  get names(): readonly string[] | undefined {
    return this.#names;
  }

  /** Room for at least one byte; it is these rows' until `filled` or `end` is called. */
  space(): Uint8Array {
    if (this.#bytes.length - this.#used < ROOM_BYTES) this.#makeRoom();
    return this.#bytes.subarray(this.#used, Math.min(this.#bytes.length - 1, this.#used + READ_BYTES));
  }

  /** `sizeBytes` were read into what `space()` gave last. */
  filled(sizeBytes: number): readonly Framed[] {
    this.#used += sizeBytes;
    return this.#frame(false);
  }

  /** No more bytes come: what is held is the last row. */
  end(): readonly Framed[] {
    // Behind a number stands none of its own signs.
    this.#bytes[this.#used] = lineFeed;
    const framed = this.#frame(true);
    this.close();
    return framed;
  }

  close(): void {
    this.#batch.close();
    this.#bytes = Buffer.alloc(0);
    this.#start = 0;
    this.#used = 0;
    this.#noted = 0;
  }

  #makeRoom(): void {
    this.#note();
    const held = this.#bytes.subarray(this.#start, this.#used);
    if (this.#start > 0) held.copy(this.#bytes, 0);
    else {
      const grown = Buffer.alloc(this.#bytes.length * 2);
      held.copy(grown, 0);
      this.#bytes = grown;
    }
    this.#start = 0;
    this.#noted = 0;
    this.#used = held.length;
  }

  #frame(last: boolean): readonly Framed[] {
    const framed: Framed[] = [];
    if (!this.#skipMark(last) || !this.#skipLineEnd(last)) return framed;
    while (this.#start < this.#used) {
      const end = this.#scanner.scan(this.#bytes, this.#start, this.#used);
      if (end >= 0) this.#row(framed, end, false);
      else if (last) {
        this.#scanner.end(this.#bytes, this.#start, this.#used);
        this.#row(framed, this.#used, true);
      } else {
        this.#givePieces(framed, this.#used - this.#start - 2);
        break;
      }
    }
    this.#flush(framed);
    return framed;
  }

  /** The scanner has found the whole row; `end` is behind its line end. */
  #row(framed: Framed[], end: number, unterminated: boolean): void {
    const { maxEventBytes, warn } = this.#options;
    const { contentEnd, fault } = this.#scanner;
    if (this.#pieces > 0 || contentEnd > maxEventBytes) {
      if (fault === "openQuote") warn(this.#line);
      const given = this.#givePieces(framed, contentEnd);
      this.#lastPiece(framed, contentEnd - given, end, unterminated);
    } else if (contentEnd === 0 && this.#columns !== 1) this.#pass(end, unterminated);
    else if (this.#skip > 0) {
      this.#skip--;
      this.#pass(end, unterminated);
    } else if (this.#writer === undefined) {
      this.#name(namesIn(this.#bytes.subarray(this.#start), this.#scanner, this.#options.dialect));
      this.#pass(end, unterminated);
    } else this.#event(framed, this.#writer, end, unterminated);
    this.#scanner.begin();
  }

  #event(framed: Framed[], writer: RowWriter, end: number, unterminated: boolean): void {
    const [start, contentEnd] = [this.#start, this.#start + this.#scanner.contentEnd];
    const reason = this.#reasonAgainst(start, contentEnd);
    if (reason === undefined) writer.write(this.#bytes, start);
    const sizeBytes = reason === undefined ? writer.output.at : contentEnd - start;
    if (!this.#batch.hasRoom(sizeBytes)) this.#flush(framed);
    const place = { line: this.#line, offsetBytes: this.#offset };
    if (reason === undefined) this.#batch.add(writer.output.bytes, 0, writer.output.at, place);
    else this.#batch.add(this.#bytes, start, contentEnd, place, reason);
    this.#pass(end, unterminated);
  }

  /** Why the row is no event; undefined: it is one. */
  #reasonAgainst(start: number, end: number): string | undefined {
    const { cells, fault } = this.#scanner;
    if (fault !== undefined) return rowFaults[fault];
    if (cells < this.#columns) return "The row has fewer cells than there are columns.";
    if (cells > this.#columns) return "The row has more cells than there are columns.";
    if (this.#options.replaced && this.#bytes.subarray(start, end).includes(replacement))
      return "The row holds bytes that are no text in the file's charset.";
    return undefined;
  }

  #name(names: readonly string[]): void {
    const { root, dialect } = this.#options;
    this.#writer = new RowWriter(rowMembers(names, root), dialect, this.#scanner);
    this.#names = names;
    this.#columns = names.length;
    this.#scanner.maxCells = names.length;
  }

  /** Gives out as many whole pieces as are held of `contentBytes` of a row, but leaves at least one byte; returns how many bytes that is. */
  #givePieces(framed: Framed[], contentBytes: number): number {
    const { maxEventBytes } = this.#options;
    let given = 0;
    while (contentBytes - given > maxEventBytes) {
      this.#piece(framed, maxEventBytes, this.#start + maxEventBytes, false);
      this.#scanner.skip(maxEventBytes);
      given += maxEventBytes;
    }
    return given;
  }

  #lastPiece(framed: Framed[], sizeBytes: number, end: number, unterminated: boolean): void {
    this.#piece(framed, sizeBytes, end, true, unterminated);
    this.#pieces = 0;
  }

  #piece(framed: Framed[], sizeBytes: number, next: number, last: boolean, unterminated = false): void {
    if (this.#writer === undefined)
      throw new CsvFault("the row of its columns' names is longer than `max_event` allows");
    const { origin } = this.#options;
    if (this.#pieces === 0) {
      this.#flush(framed);
      this.#before = this.#place();
      this.#rowOffset = this.#offset;
    }
    const bytes = new Uint8Array(this.#bytes.subarray(this.#start, this.#start + sizeBytes));
    const [line, offsetBytes, piece] = [this.#line, this.#rowOffset, ++this.#pieces];
    if (last) this.#pass(next, unterminated);
    else {
      this.#offset += next - this.#start;
      this.#start = next;
    }
    framed.push({
      content: { kind: "piece", piece: { origin, line, offsetBytes, piece, last, row: true, bytes } },
      reached: last || this.#before === undefined ? this.#place() : this.#before,
    });
  }

  /** The row at hand is done with. */
  #pass(next: number, unterminated: boolean): void {
    this.#offset += next - this.#start;
    this.#start = next;
    this.#line += this.#scanner.lineFeeds + (unterminated ? 1 : 0);
    this.#unterminated = unterminated;
  }

  #flush(framed: Framed[]): void {
    if (this.#batch.empty) return;
    framed.push({ content: { kind: "batch", batch: this.#batch.take() }, reached: this.#place() });
  }

  /** False where it isn't known yet whether a byte order mark stands there. */
  #skipMark(last: boolean): boolean {
    if (!this.#atStart) return true;
    const held = this.#bytes.subarray(0, this.#used);
    if (held.length < byteOrderMark.length && !last) return false;
    this.#atStart = false;
    if (held.subarray(0, byteOrderMark.length).equals(byteOrderMark)) {
      this.#start = byteOrderMark.length;
      this.#offset += byteOrderMark.length;
    }
    return true;
  }

  /** Of a row that was given out without its end. False where it isn't known yet what follows. */
  #skipLineEnd(last: boolean): boolean {
    const continued = this.#continued;
    if (continued === undefined) return true;
    const held = this.#bytes.subarray(this.#start, Math.min(this.#used, this.#start + 2));
    if (held.length === 0) return last;
    const sizeBytes = held[0] === carriageReturn ? 2 : 1;
    if (held.length < sizeBytes && !last) return false;
    if (held[sizeBytes - 1] !== lineFeed) throw continued();
    this.#start += sizeBytes;
    this.#offset += sizeBytes;
    this.#continued = undefined;
    this.#unterminated = false;
    return true;
  }

  /** The fingerprint takes what was passed since the last time. */
  #note(): void {
    this.#fingerprint.add(this.#bytes.subarray(this.#noted, this.#start));
    this.#noted = this.#start;
  }

  #place(): Reached {
    this.#note();
    const place = { offset_bytes: this.#offset, line: this.#line, ...this.#fingerprint.ends() };
    return this.#unterminated ? { ...place, unterminated: true } : place;
  }
}
