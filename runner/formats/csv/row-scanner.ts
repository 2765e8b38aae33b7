// Finds the end of a row and the cells in it, in bytes that come bit by bit (RFC 4180): each byte is looked at once, and none is kept.
import type { CsvDialect } from "../../plan/csv-plan.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What a row breaks of the rules; the first one counts. */
export const rowFaults = {
  strayQuote: "A quote stands inside a cell that does not begin with one.",
  afterQuote: "Something stands between a cell's closing quote and the next delimiter.",
  loneReturn: "A carriage return stands outside of quotes, and no line feed behind it.",
  openQuote: "A cell begins with a quote, and no other one closes it.",
} as const;

export type RowFault = keyof typeof rowFaults;

/** Bits of `flags`. */
export const cellFlag = { quoted: 1, doubled: 2 } as const;

/** Where the scanner stands in a row. */
const state = { begin: 0, plain: 1, quoted: 2, closing: 3 } as const;

/** A file with more columns is none. */
export const MAX_COLUMNS = 65_536;

export class RowScanner {
  /** How many cells the row has. Of those beyond `maxCells` nothing else is known. */
  cells = 0;
  /** By cell: where it stands in the row, without its quotes. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  flags = new Uint8Array(64);
  fault: RowFault | undefined;
  /** Line feeds in the row, that of its end included. */
  lineFeeds = 0;
  /** Where the row's line end stands in it. */
  contentEnd = 0;
  maxCells = MAX_COLUMNS + 1;
  private readonly delimiter: number;
  private readonly quote: number;
  /** By byte: 1 where it means something outside of quotes. */
  private readonly special = new Uint8Array(256);
  private state: number = state.begin;
  /** How far the row was looked at. */
  private at = 0;
  private start = 0;
  private flag = 0;

  constructor({ delimiter, quote }: CsvDialect) {
    this.delimiter = delimiter.charCodeAt(0);
    this.quote = quote.charCodeAt(0);
    for (const c of [this.delimiter, this.quote, lineFeed, carriageReturn]) this.special[c] = 1;
  }

  /** Turns to the next row. */
  begin(): void {
    this.cells = 0;
    this.fault = undefined;
    this.lineFeeds = 0;
    this.state = state.begin;
    this.at = 0;
  }

  /** The row's first bytes are gone: what is left of it begins so many bytes later. Its cells mean nothing from then on. */
  skip(sizeBytes: number): void {
    this.at -= sizeBytes;
  }

  /** Where the row that starts at `row` ends, its line end included; -1 where that is not before `to`: then it goes on with more bytes. */
  scan(bytes: Uint8Array, row: number, to: number): number {
    const { special, delimiter, quote } = this;
    let p = row + this.at;
    while (p < to) {
      if (this.state === state.begin) {
        const quoted = bytes[p] === quote;
        if (quoted) p++;
        this.start = p - row;
        this.flag = quoted ? cellFlag.quoted : 0;
        this.state = quoted ? state.quoted : state.plain;
      } else if (this.state === state.quoted) {
        let c = bytes[p];
        for (; p < to && c !== quote; c = bytes[++p]) if (c === lineFeed) this.lineFeeds++;
        if (p === to) break;
        this.state = state.closing;
        p++;
      } else {
        if (this.state === state.plain) while (p < to && special[bytes[p]!] === 0) p++;
        if (p === to) break;
        const c = bytes[p];
        if (c === delimiter) {
          this.add(p - row);
          p++;
        } else if (c === lineFeed) return this.finish(row, p, 1);
        else if (c === carriageReturn) {
          if (p + 1 === to) break;
          if (bytes[p + 1] === lineFeed) return this.finish(row, p, 2);
          this.blame(this.state === state.closing ? "afterQuote" : "loneReturn");
          p++;
        } else if (this.state === state.closing && c === quote) {
          this.flag |= cellFlag.doubled;
          this.state = state.quoted;
          p++;
        } else {
          this.blame(this.state === state.closing ? "afterQuote" : "strayQuote");
          p++;
        }
      }
    }
    this.at = p - row;
    return -1;
  }

  /** No more bytes come: the row ends at `to`, or before a carriage return that stands there. */
  end(bytes: Uint8Array, row: number, to: number): void {
    if (this.state === state.quoted) this.blame("openQuote");
    const returns = this.at < to - row && bytes[to - 1] === carriageReturn;
    this.finish(row, returns ? to - 1 : to, 0);
  }

  private finish(row: number, at: number, lineEndBytes: number): number {
    if (this.state === state.begin) {
      this.start = at - row;
      this.flag = 0;
    }
    this.add(at - row);
    if (lineEndBytes > 0) this.lineFeeds++;
    this.contentEnd = at - row;
    return at + lineEndBytes;
  }

  /** The cell at hand ends at `at`, or with the quote before it. */
  private add(at: number): void {
    const cell = this.cells++;
    if (cell < this.maxCells) {
      if (cell === this.starts.length) this.grow();
      this.starts[cell] = this.start;
      this.ends[cell] = this.state === state.closing ? at - 1 : at;
      this.flags[cell] = this.flag;
    }
    this.state = state.begin;
  }

  /** What stands wrong is passed over as if it were a part of the cell. */
  private blame(fault: RowFault): void {
    this.fault ??= fault;
    if (this.state === state.closing) this.state = state.plain;
  }

  private grow(): void {
    const length = this.starts.length * 2;
    const [starts, ends, flags] = [new Int32Array(length), new Int32Array(length), new Uint8Array(length)];
    starts.set(this.starts);
    ends.set(this.ends);
    flags.set(this.flags);
    [this.starts, this.ends, this.flags] = [starts, ends, flags];
  }
}
