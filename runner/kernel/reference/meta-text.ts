// `strmMeta` of one sealed event as JSON, and which of its members the event has right already.
import { metaMembers } from "../../plan/shape.ts";
import { KEY_LINK_BYTES, type LinkTable } from "../../privacy/link-table.ts";
import type { Consent, Consents } from "./consents.ts";
import { decimalInto } from "./decimal.ts";
import { sameBytes } from "./name-table.ts";
import type { Output } from "./output.ts";
import { asciiJson } from "./text.ts";

const comma = 0x2c;
const quote = 0x22;
const openObject = 0x7b;
const closeObject = 0x7d;
const nothing = 0x6e;
const timestampMember = metaMembers.indexOf("timestamp");
const consentMember = metaMembers.indexOf("consentLevels");

/** What the members of `strmMeta` are made of; `row` is that of the key link. */
export interface MetaNow {
  readonly nonce: number;
  readonly timeMs: number;
  readonly row: number;
  readonly table: LinkTable;
  readonly levels: readonly number[];
}

export class MetaText {
  private readonly names = metaMembers.map((name) => Buffer.from(`"${name}":`));
  private readonly contract: Uint8Array;
  private readonly table: LinkTable;
  private readonly consents: Consents;
  private readonly timestampIsTime: boolean;
  private bytes: Uint8Array = new Uint8Array(0);
  private consent: Uint8Array = new Uint8Array(0);
  private levels: readonly number[] = [];
  private nonce = 0;
  private timeMs = 0;
  private row = 0;

  constructor(contract: string, timestampIsTime: boolean, table: LinkTable, consents: Consents) {
    this.contract = Buffer.from(asciiJson(contract));
    this.timestampIsTime = timestampIsTime;
    this.table = table;
    this.consents = consents;
  }

  /** Turns to an event of the batch's `bytes`, sealed under the link in `row`. */
  turnTo(bytes: Uint8Array, nonce: number, timeMs: number, row: number, consent: Consent): void {
    this.bytes = bytes;
    this.consent = consent.json;
    this.levels = consent.levels;
    this.nonce = nonce;
    this.timeMs = timeMs;
    this.row = row;
  }

  /** What it was turned to. */
  get now(): MetaNow {
    const { nonce, timeMs, row, table, levels } = this;
    return { nonce, timeMs, row, table, levels };
  }

  /** Appends the whole object. */
  whole(target: Output): void {
    target.byte(openObject);
    this.missing(target, 0, false);
    target.byte(closeObject);
  }

  /** Appends one member's value, in the order of `metaMembers`. */
  value(target: Output, member: number): void {
    switch (member) {
      case 0:
        target.copy(this.contract, 0, this.contract.length);
        break;
      case 1:
        decimalInto(target, this.nonce);
        break;
      case 2:
        decimalInto(target, this.timeMs);
        break;
      case 3:
        this.keyLink(target);
        break;
      default:
        target.copy(this.consent, 0, this.consent.length);
    }
  }

  /** Appends the members that are not `present` (a bit each); `after`: another member stands before them. */
  missing(target: Output, present: number, after: boolean): void {
    for (let member = 0; member < metaMembers.length; member++) {
      if ((present & (1 << member)) !== 0) continue;
      if (after) target.byte(comma);
      after = true;
      const name = this.names[member]!;
      target.copy(name, 0, name.length);
      this.value(target, member);
    }
  }

  /** True where the event's own member at `[start, end)` says already what sealing would write. */
  keeps(member: number, start: number, end: number): boolean {
    const { bytes } = this;
    if (member === timestampMember) return this.timestampIsTime && bytes[start] !== nothing;
    if (member !== consentMember) return false;
    const list = this.consents.listAt(bytes, start, end);
    return sameBytes(this.consent, list, 0, list.length);
  }

  private keyLink(target: Output): void {
    const start = this.table.keyLinkAt(this.row);
    target.byte(quote);
    target.copy(this.table.page(this.row).bytes, start, start + KEY_LINK_BYTES);
    target.byte(quote);
  }
}
