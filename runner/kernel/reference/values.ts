// The forms in which one event's values are written: plain, sealed, opened. Each is made once and only where it is asked for.
import { isUtf8 } from "node:buffer";
import { sealedLength } from "../../privacy/siv.ts";
import type { LinkCiphers } from "./link-ciphers.ts";
import { Output, type Viewed } from "./output.ts";
import { entry, mark, type Tape } from "./tape.ts";
import { unescapeInto } from "./text.ts";

/** Where a form stands: the bytes and the span, which the next call changes. */
export interface Form {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  start: number;
  end: number;
}

/** A value that was tried and does not open. */
const failed = -1;

export class Values {
  private readonly tape: Tape;
  /** Escapes read, and values opened. */
  private readonly plain = new Output();
  private readonly sealed = new Output();
  /** By entry of the event and column (plain; sealed, then opened by the plan's `keyed`): start and end. A start of 0: not made yet. */
  private forms = new Int32Array(1024);
  private readonly keyed: number;
  private readonly columns: number;
  private readonly ciphers: LinkCiphers;
  private batch: Viewed = this.plain;
  private readonly form: Form = { bytes: this.plain.bytes, view: this.plain.view, start: 0, end: 0 };
  private first = 0;

  constructor(tape: Tape, keyed: number, ciphers: LinkCiphers) {
    this.tape = tape;
    this.keyed = keyed;
    this.columns = 2 * keyed + 1;
    this.ciphers = ciphers;
  }

  /** Turns to the event whose entries are `[first, end)` of the tape. */
  begin(batch: Viewed, first: number, end: number): void {
    this.batch = batch;
    this.first = first;
    // Nothing starts at 0, so that 0 can mean that a form was not made yet.
    this.plain.at = 1;
    this.sealed.at = 1;
    const used = (end - first) * this.columns * 2;
    if (used > this.forms.length) this.forms = new Int32Array(used * 2);
    // A loop: for a few words a call into native code costs more.
    else for (let i = 0; i < used; i++) this.forms[i] = 0;
  }

  /** The text of the event's own value, its escapes read. */
  text(index: number): Form {
    const { data } = this.tape;
    const base = index * entry.width;
    const start = data[base + entry.start]! + 1;
    const end = data[base + entry.end]! - 1;
    if ((data[base + entry.extra]! & 1) === 0) return this.at(this.batch, start, end);
    const slot = this.slotOf(index, 0);
    if (this.forms[slot] === 0) {
      const from = this.plain.at;
      unescapeInto(this.plain, this.batch.bytes, start, end);
      this.keep(slot, from, this.plain.at);
    }
    return this.at(this.plain, this.forms[slot]!, this.forms[slot + 1]!);
  }

  /** The value sealed by the keys of `keyed` of the link in `row`. */
  seal(index: number, keyed: number, row: number): Form {
    const slot = this.slotOf(index, keyed + 1);
    const { sealed } = this;
    if (this.forms[slot] === 0) {
      const { bytes, start, end } = this.text(index);
      sealed.ensure(sealedLength(end - start));
      const from = sealed.at;
      const spot = this.spotOf(index);
      sealed.at = this.ciphers.seal(row, keyed, spot, bytes, start, end, sealed.bytes, from);
      this.keep(slot, from, sealed.at);
    }
    return this.at(sealed, this.forms[slot]!, this.forms[slot + 1]!);
  }

  /**
   * The value opened by the keys of `keyed` of the link in `row`: out of what `seal` made with them where `ours`, else as it came.
   * Undefined: it does not open, or what it holds is no text.
   */
  open(index: number, keyed: number, row: number, ours: boolean): Form | undefined {
    const slot = this.slotOf(index, this.keyed + keyed + 1);
    const { plain } = this;
    if (this.forms[slot] === 0) {
      const { bytes, start, end } = ours ? this.seal(index, keyed, row) : this.text(index);
      plain.ensure(end - start);
      const from = plain.at;
      // Making room may have moved what stands in the same array.
      const source = bytes === this.batch.bytes || ours ? bytes : plain.bytes;
      const spot = this.spotOf(index);
      const to = this.ciphers.open(row, keyed, spot, source, start, end, plain.bytes, from);
      if (to < 0 || !isText(plain.bytes, from, to)) this.keep(slot, failed, failed);
      else {
        plain.at = to;
        this.keep(slot, from, to);
      }
    }
    return this.forms[slot] === failed ? undefined : this.at(plain, this.forms[slot]!, this.forms[slot + 1]!);
  }

  /** True where the value stands in the event with escapes. */
  isEscaped(index: number): boolean {
    return (this.tape.data[index * entry.width + entry.extra]! & 1) === 1;
  }

  spotOf(index: number): number {
    return this.tape.data[index * entry.width + entry.code]! - mark.spots;
  }

  private slotOf(index: number, column: number): number {
    return ((index - this.first) * this.columns + column) * 2;
  }

  private keep(slot: number, start: number, end: number): void {
    this.forms[slot] = start;
    this.forms[slot + 1] = end;
  }

  private at(source: Viewed, start: number, end: number): Form {
    const { form } = this;
    form.bytes = source.bytes;
    form.view = source.view;
    form.start = start;
    form.end = end;
    return form;
  }
}

/** Who holds the keys may have sealed anything; only text can stand in JSON. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return isUtf8(bytes.subarray(start, end));
  }
  return true;
}
