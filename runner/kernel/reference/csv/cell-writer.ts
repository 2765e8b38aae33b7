// Writes one cell of CSV: as it is where that can't be misread, else in quotes (RFC 4180).
import type { CsvDialect } from "../../../plan/csv-plan.ts";
import { sameBytes } from "../name-table.ts";
import type { Output, Viewed } from "../output.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = [0xef, 0xbb, 0xbf];

export class CellWriter {
  private readonly delimiter: number;
  private readonly quote: number;
  private readonly nullText: Uint8Array;
  /** By byte: 1 where a cell that has it is quoted. */
  private readonly special = new Uint8Array(256);

  constructor({ delimiter, quote, nullText }: CsvDialect) {
    this.delimiter = delimiter.charCodeAt(0);
    this.quote = quote.charCodeAt(0);
    this.nullText = Buffer.from(nullText);
    for (const c of [this.delimiter, this.quote, lineFeed, carriageReturn]) this.special[c] = 1;
  }

  separate(target: Output, between: boolean): void {
    if (between) target.byte(this.delimiter);
  }

  nothing(target: Output): void {
    target.copy(this.nullText, 0, this.nullText.length);
  }

  /** Something that is not null, whatever it says. */
  value(target: Output, source: Viewed, start: number, end: number): void {
    if (this.isPlain(source.bytes, start, end)) {
      target.splice(source, start, end);
      return;
    }
    const { bytes } = source;
    target.byte(this.quote);
    let from = start;
    for (let i = start; i < end; i++) {
      if (bytes[i] !== this.quote) continue;
      // Once with what stands before it, and once with what comes.
      target.splice(source, from, i + 1);
      from = i;
    }
    target.splice(source, from, end);
    target.byte(this.quote);
  }

  private isPlain(bytes: Uint8Array, start: number, end: number): boolean {
    for (let i = start; i < end; i++) {
      if (this.special[bytes[i]!] === 1) return false;
    }
    // At a file's very start a reader would take a byte order mark away.
    if (byteOrderMark.every((c, i) => bytes[start + i] === c)) return false;
    return !sameBytes(this.nullText, bytes, start, end);
  }
}
