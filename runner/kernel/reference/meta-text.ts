// `strmMeta` of one sealed event as JSON, and which of its members the event has right already.
import { metaMembers } from "../../plan/shape.ts";
import type { LinkTable } from "../../privacy/link-table.ts";
import { KEY_LINK_BYTES } from "../../privacy/link-table.ts";
import type { Consent, Consents } from "./consents.ts";
import { decimalInto } from "./decimal.ts";
import { sameBytes } from "./name-table.ts";
import { Output } from "./output.ts";
import { asciiJson } from "./text.ts";

const comma = 0x2c;
const quote = 0x22;
const closeObject = 0x7d;
const nothing = 0x6e;
const timestampMember = metaMembers.indexOf("timestamp");
const consentMember = metaMembers.indexOf("consentLevels");

/** Where a member starts, where its value does, and where that ends. */
const WIDTH = 3;

export class MetaText {
  private readonly text = new Output(512);
  private readonly spans = new Int32Array(metaMembers.length * WIDTH);
  /** What stands in front of each member's value. */
  private readonly heads = metaMembers.map((name, i) => Buffer.from(`${i === 0 ? "{" : ","}"${name}":`));
  private readonly contract: Uint8Array;
  private readonly table: LinkTable;
  private readonly consents: Consents;
  private readonly timestampIsTime: boolean;
  private bytes: Uint8Array = new Uint8Array(0);
  private consent: Uint8Array = new Uint8Array(0);

  constructor(contract: string, timestampIsTime: boolean, table: LinkTable, consents: Consents) {
    this.contract = Buffer.from(asciiJson(contract));
    this.timestampIsTime = timestampIsTime;
    this.table = table;
    this.consents = consents;
  }

  /** Turns to an event of the batch's `bytes`, sealed under the link in `row`. */
  turnTo(bytes: Uint8Array, nonce: number, timeMs: number, row: number, consent: Consent): void {
    const { text, table } = this;
    this.bytes = bytes;
    this.consent = consent.json;
    text.at = 0;
    this.begin(0);
    text.copy(this.contract, 0, this.contract.length);
    this.end(0);
    this.begin(1);
    decimalInto(text, nonce);
    this.end(1);
    this.begin(2);
    decimalInto(text, timeMs);
    this.end(2);
    this.begin(3);
    const keyLink = table.keyLinkAt(row);
    text.byte(quote);
    text.copy(table.page(row).bytes, keyLink, keyLink + KEY_LINK_BYTES);
    text.byte(quote);
    this.end(3);
    this.begin(4);
    text.copy(consent.json, 0, consent.json.length);
    this.end(4);
    text.byte(closeObject);
  }

  /** Appends the whole object. */
  whole(target: Output): void {
    target.copy(this.text.bytes, 0, this.text.at);
  }

  /** Appends one member's value. */
  value(target: Output, member: number): void {
    target.copy(this.text.bytes, this.spans[member * WIDTH + 1]!, this.spans[member * WIDTH + 2]!);
  }

  /** Appends the members that are not `present` (a bit each); `after`: another member stands before them. */
  missing(target: Output, present: number, after: boolean): void {
    for (let member = 0; member < metaMembers.length; member++) {
      if ((present & (1 << member)) !== 0) continue;
      if (after) target.byte(comma);
      after = true;
      target.copy(this.text.bytes, this.spans[member * WIDTH]!, this.spans[member * WIDTH + 2]!);
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

  private begin(member: number): void {
    const head = this.heads[member]!;
    // The bracket or comma in front is no part of the member.
    this.spans[member * WIDTH] = this.text.at + 1;
    this.text.copy(head, 0, head.length);
    this.spans[member * WIDTH + 1] = this.text.at;
  }

  private end(member: number): void {
    this.spans[member * WIDTH + 2] = this.text.at;
  }
}
