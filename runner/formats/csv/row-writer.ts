// Writes a row as the JSON event that it stands for. Cells keep their spelling: what is none of its field's type stays a text, for the event's reader to refuse.
import { Output } from "../../kernel/reference/output.ts";
import { quoteInto } from "../../kernel/reference/text.ts";
import type { CsvDialect } from "../../plan/csv-plan.ts";
import { isBoolean, isJsonValue, isNumber } from "./json-value.ts";
import type { CellMember, GroupMember, RowMember } from "./row-members.ts";
import { cellFlag, type RowScanner } from "./row-scanner.ts";

const comma = 0x2c;
const lineFeed = 0x0a;
const space = 0x20;
const openObject = 0x7b;
const closeObject = 0x7d;

/** What is kept of a buffer that grew for one long row. */
const MOST_KEPT_BYTES = 1 << 20;

export class RowWriter {
  /** The event, from the start. */
  readonly output = new Output();
  private readonly members: readonly RowMember[];
  private readonly quote: number;
  private readonly nullText: Uint8Array;
  private readonly cells: RowScanner;
  private bytes: Uint8Array = new Uint8Array(0);
  private row = 0;
  /** A cell whose quotes were doubled. */
  private readonly plain = new Output(256);

  constructor(members: readonly RowMember[], { quote, nullText }: CsvDialect, cells: RowScanner) {
    this.members = members;
    this.quote = quote.charCodeAt(0);
    this.nullText = Buffer.from(nullText);
    this.cells = cells;
  }

  /** The row at `row`, whose cells the scanner has found, one for each column. */
  write(bytes: Uint8Array, row: number): void {
    const { output } = this;
    for (const kept of [output, this.plain]) {
      if (kept.bytes.length > MOST_KEPT_BYTES) kept.use(new Uint8Array(MOST_KEPT_BYTES));
    }
    this.bytes = bytes;
    this.row = row;
    output.at = 0;
    this.object(this.members);
  }

  private object(members: readonly RowMember[]): void {
    const { output } = this;
    output.byte(openObject);
    const start = output.at;
    for (const member of members) {
      const before = output.at;
      if (before > start) output.byte(comma);
      output.copy(member.name, 0, member.name.length);
      const written = "column" in member ? this.cell(member) : this.group(member);
      if (!written) output.at = before;
    }
    output.byte(closeObject);
  }

  /** False where the event has no such field. */
  private group({ members, columns, absent }: GroupMember): boolean {
    if (absent !== "record" && columns.every((column) => this.isNull(column))) {
      if (absent === "nothing") return false;
      this.output.ascii("null");
      return true;
    }
    this.object(members);
    return true;
  }

  /** False where the event has no such field. */
  private cell({ column, kind, nullable }: CellMember): boolean {
    const { output } = this;
    if (this.isNull(column)) {
      if (nullable) output.ascii("null");
      // Nobody else could tell an empty text from none.
      else if (kind === "string" && this.nullText.length === 0) output.ascii('""');
      else return false;
      return true;
    }
    const { starts, ends, flags } = this.cells;
    let { bytes } = this;
    let start = this.row + starts[column]!;
    let end = this.row + ends[column]!;
    if ((flags[column]! & cellFlag.doubled) !== 0) {
      this.undouble(start, end);
      ({ bytes } = this.plain);
      [start, end] = [0, this.plain.at];
    }
    if (
      kind === "number" ? isNumber(bytes, start, end) : kind === "boolean" && isBoolean(bytes, start, end)
    ) {
      output.copy(bytes, start, end);
    } else if (kind === "json" && isJsonValue(bytes, start, end)) this.json(bytes, start, end);
    else quoteInto(output, bytes, start, end);
    return true;
  }

  /** Outside of texts, where line ends mean nothing: an event is one line wherever it is written. */
  private json(bytes: Uint8Array, start: number, end: number): void {
    const { output } = this;
    const before = output.at;
    output.copy(bytes, start, end);
    for (let at = before; at < output.at; at++) {
      if (output.bytes[at] === lineFeed) output.bytes[at] = space;
    }
  }

  private isNull(column: number): boolean {
    const { starts, ends, flags } = this.cells;
    if ((flags[column]! & cellFlag.quoted) !== 0) return false;
    const start = starts[column]!;
    const { nullText, bytes, row } = this;
    if (ends[column]! - start !== nullText.length) return false;
    for (let i = 0; i < nullText.length; i++) {
      if (bytes[row + start + i] !== nullText[i]) return false;
    }
    return true;
  }

  private undouble(start: number, end: number): void {
    const { plain, bytes, quote } = this;
    plain.at = 0;
    plain.ensure(end - start + 1);
    for (let i = start; i < end; i++) {
      const c = bytes[i]!;
      plain.byte(c);
      if (c === quote) i++;
    }
    // Behind a number stands none of its own signs.
    plain.bytes[plain.at] = lineFeed;
  }
}
