// Reads one event strictly as JSON and as its contract wants it, and notes the places that matter. It changes nothing.
import { captures } from "../../plan/shape.ts";
import type { EventCode } from "../event-codes.ts";
import { kind, type Member, type Node } from "./nodes.ts";
import { endOfNumber, fitsFloat, fitsInt, fitsLong, isInteger, isNumberStart } from "./numbers.ts";
import { Refusal } from "./refusal.ts";
import { mark, Tape } from "./tape.ts";
import { hex4, isShortEscape, textOf } from "./text.ts";

/** Objects and lists may stand in each other this deep, the event itself counted. */
export const depthMax = 64;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Why an event without `strmMeta` can't be written as Avro where the contract wants more of it than sealing fills. */
export const needsMetaReason =
  "`strmMeta` is missing or null, and members of it that sealing does not fill have no default.";

/** Where a member can be added to an object that was just read: behind its last member, or behind its `{`. */
interface ObjectEnd {
  at: number;
  /** True where the object keeps a member, so that an added one needs a comma. */
  comma: boolean;
}

export class Scanner {
  readonly tape = new Tape();
  /** Start and end of each single value in the order of `captures`; -1 where the event has none. */
  readonly captured = new Int32Array(captures.length * 2);
  private bytes: Uint8Array = new Uint8Array(0);
  private readonly root: Node;
  private readonly unknown: "reject" | "drop" | "pass";
  /** True where some output is sealed: then it is noted what becomes of `strmMeta`. */
  private readonly seals: boolean;
  /** `strmMeta` has members of its own that nothing stands for in Avro where the event has no `strmMeta`. */
  private readonly needsMeta: boolean;
  /** Set by `string` where it met an escape. */
  private escaped = false;
  /** Bits of the members seen, for each record that is open, 32 a word. */
  private seen = new Int32Array(256);
  private seenTop = 0;
  /** The members that led to where the scanner stands. */
  private readonly trail: Member[] = [];
  private trailLength = 0;
  private ended: ObjectEnd = { at: 0, comma: false };
  private metaPresent = 0;
  private metaFound = false;

  constructor(root: Node, unknown: "reject" | "drop" | "pass", seals: boolean, needsMeta = false) {
    this.needsMeta = needsMeta;
    this.root = root;
    this.unknown = unknown;
    this.seals = seals;
  }

  /** Forgets the batch before. */
  begin(): void {
    this.tape.count = 0;
  }

  /** What `captured` points into. */
  valuesOf(batch: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return batch;
  }

  /**
   * Reads the event in `bytes[start, end)`, which begins and ends with no white space. Entries go to the tape, single
   * values to `captured`. Throws a `Refusal`; what the tape got until then is the caller's to take back.
   */
  event(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.captured.fill(-1);
    this.seenTop = 0;
    this.trailLength = 0;
    this.metaPresent = 0;
    this.metaFound = false;
    if (bytes[start] !== openObject) this.refuseStart(start);
    const close = this.record(this.root, start, 1);
    if (close !== end) this.refuse("event.not-json", "There is more text after the event's end.");
    if (this.seals && !this.metaFound) {
      if (this.needsMeta) this.refuseMeta();
      this.tape.push(mark.addMeta, this.ended.at, this.ended.at, this.ended.comma ? 1 : 0);
    }
  }

  private value(node: Node, p: number, depth: number): number {
    const { bytes } = this;
    const c = bytes[p];
    switch (node.kind) {
      case kind.text:
        if (c === quote) return this.text(node, p);
        break;
      case kind.int:
      case kind.long:
      case kind.float:
      case kind.double:
        if (isNumberStart(c)) return this.number(node, p);
        break;
      case kind.boolean:
        if (c === 0x74) return this.literal(p, "true");
        if (c === 0x66) return this.literal(p, "false");
        break;
      case kind.enum:
        if (c === quote) return this.symbol(node, p);
        break;
      case kind.list:
        if (c === openList) return this.list(node.inner, p, depth + 1);
        break;
      case kind.map:
        if (c === openObject) return this.map(node.inner, p, depth + 1);
        break;
      case kind.record:
        if (c === openObject) return this.record(node, p, depth + 1);
        break;
      case kind.union: {
        const branch = branchOf(node, c);
        if (branch !== undefined) return this.value(branch, p, depth);
        break;
      }
    }
    if (c === 0x6e && node.nullable) return this.literal(p, "null");
    return this.refuseType(node, p);
  }

  /** Any JSON value: what the contract does not declare. */
  private anyValue(p: number, depth: number): number {
    const c = this.bytes[p];
    if (c === quote) return this.string(p + 1) + 1;
    if (c === openObject) return this.map(undefined, p, depth + 1);
    if (c === openList) return this.list(undefined, p, depth + 1);
    if (c === 0x74) return this.literal(p, "true");
    if (c === 0x66) return this.literal(p, "false");
    if (c === 0x6e) return this.literal(p, "null");
    const end = isNumberStart(c) ? endOfNumber(this.bytes, p) : -1;
    return end < 0 ? this.refuse("event.not-json", "A value is missing or malformed.") : end;
  }

  private record(node: Node, open: number, depth: number): number {
    this.descend(depth);
    const { bytes, tape } = this;
    const { members } = node;
    const level = this.trailLength;
    const base = this.openSeen(node.required.length);
    let undeclared: Set<string> | undefined;
    let guess = 0;
    let kept = false;
    let lastEnd = open + 1;
    let before = -1;
    let p = this.space(open + 1);
    if (bytes[p] === closeObject) p++;
    else {
      for (;;) {
        if (bytes[p] !== quote) this.refuse("event.not-json", "A name in double quotes is missing.");
        const nameAt = p;
        let index = guess;
        // Most events have their members in the order of the contract.
        let nameEnd = guess < members.length ? endOfName(members[guess]!.quoted, bytes, p + 1) : -1;
        if (nameEnd < 0) {
          this.escaped = false;
          const close = this.string(p + 1);
          index = this.find(node.names!, p + 1, close);
          nameEnd = close + 1;
        }
        p = this.afterColon(nameEnd);
        const member = index < 0 ? undefined : members[index]!;
        if (index >= 0) {
          this.see(base, index);
          guess = index + 1;
        }
        const start = p;
        let cut = false;
        if (member?.declared === true) {
          this.trail[level] = member;
          this.trailLength = level + 1;
          const noted = tape.count;
          p = this.value(member.node, p, depth);
          this.trailLength = level;
          for (const capture of member.captures) {
            this.captured[capture * 2] = start;
            this.captured[capture * 2 + 1] = p;
          }
          if (member.meta >= 0) this.noteMeta(member, start, p);
          if (member.dropped) {
            // What was noted inside of it goes with it.
            tape.count = noted;
            cut = true;
          }
        } else {
          if (this.unknown === "reject")
            this.refuse("event.undeclared-field", "The contract does not declare one of the fields here.");
          if (member === undefined) {
            undeclared ??= new Set();
            this.once(undeclared, nameAt + 1, nameEnd - 1);
          }
          p = this.anyValue(p, depth);
          cut = this.unknown === "drop";
          if (!cut && member !== undefined && member.meta >= 0) this.noteMeta(member, start, p);
        }
        lastEnd = p;
        if (cut && kept) tape.push(mark.cut, before, p, 0);
        if (!cut) kept = true;
        p = this.space(p);
        const c = bytes[p];
        // The first members have no comma before them that could go, so the one behind goes.
        if (cut && !kept) tape.push(mark.cut, nameAt, c === comma ? p + 1 : lastEnd, 0);
        if (c === comma) {
          before = p;
          p = this.space(p + 1);
        } else if (c === closeObject) {
          p++;
          break;
        } else this.refuse("event.not-json", "A comma or the end of an object is missing.");
      }
    }
    this.checkRequired(node, base, level);
    this.seenTop = base;
    this.ended.at = lastEnd;
    this.ended.comma = kept;
    return p;
  }

  private map(inner: Node | undefined, open: number, depth: number): number {
    this.descend(depth);
    const { bytes } = this;
    const names = new Set<string>();
    let p = this.space(open + 1);
    if (bytes[p] === closeObject) return p + 1;
    for (;;) {
      if (bytes[p] !== quote) this.refuse("event.not-json", "A name in double quotes is missing.");
      const close = this.string(p + 1);
      this.once(names, p + 1, close);
      p = this.afterColon(close + 1);
      p = this.space(inner === undefined ? this.anyValue(p, depth) : this.value(inner, p, depth));
      if (bytes[p] === closeObject) return p + 1;
      if (bytes[p] !== comma) this.refuse("event.not-json", "A comma or the end of an object is missing.");
      p = this.space(p + 1);
    }
  }

  private list(inner: Node | undefined, open: number, depth: number): number {
    this.descend(depth);
    const { bytes } = this;
    let p = this.space(open + 1);
    if (bytes[p] === closeList) return p + 1;
    for (;;) {
      p = this.space(inner === undefined ? this.anyValue(p, depth) : this.value(inner, p, depth));
      if (bytes[p] === closeList) return p + 1;
      if (bytes[p] !== comma) this.refuse("event.not-json", "A comma or the end of a list is missing.");
      p = this.space(p + 1);
    }
  }

  private text(node: Node, p: number): number {
    this.escaped = false;
    const close = this.string(p + 1);
    const { escaped } = this;
    if (node.pattern !== undefined && !node.pattern.test(textOf(this.bytes, p + 1, close))) {
      this.refuse("event.no-match", "The value does not match the field's pattern.");
    }
    if (node.base64 !== -2) this.checkBase64(node.base64, p + 1, close);
    if (node.spot >= 0) this.tape.push(node.spot, p, close + 1, escaped ? 1 : 0);
    return close + 1;
  }

  private checkBase64(sizeBytes: number, start: number, end: number): void {
    const text = textOf(this.bytes, start, end);
    const bytes = Buffer.from(text, "base64");
    const fits = sizeBytes < 0 || bytes.length === sizeBytes;
    if (!fits || bytes.toString("base64") !== text) {
      const many = sizeBytes < 0 ? "bytes" : `${sizeBytes} bytes`;
      this.refuse("event.wrong-type", `The contract wants ${many} in base64, and the text is not that.`);
    }
  }

  private symbol(node: Node, p: number): number {
    this.escaped = false;
    const close = this.string(p + 1);
    if (this.find(node.symbols!, p + 1, close) < 0) {
      this.refuse("event.unknown-symbol", "The value is not one of the field's symbols.");
    }
    return close + 1;
  }

  private number(node: Node, p: number): number {
    const { bytes } = this;
    const end = endOfNumber(bytes, p);
    if (end < 0) this.refuse("event.not-json", "A number is malformed.");
    let fits: boolean;
    if (node.kind === kind.int || node.kind === kind.long) {
      if (!isInteger(bytes, p, end)) return this.refuseType(node, p);
      fits = node.kind === kind.int ? fitsInt(bytes, p, end) : fitsLong(bytes, p, end);
    } else fits = fitsFloat(bytes, p, end, node.kind === kind.float);
    if (!fits) this.refuse("event.number-out-of-range", "The number is too large for the field's type.");
    return end;
  }

  private literal(p: number, text: string): number {
    for (let i = 1; i < text.length; i++) {
      if (this.bytes[p + i] !== text.charCodeAt(i))
        this.refuse("event.not-json", "A value is missing or malformed.");
    }
    return p + text.length;
  }

  /** From behind the opening quote to the closing one. */
  private string(p: number): number {
    const { bytes } = this;
    for (;;) {
      let c = bytes[p]!;
      while (c >= 0x20 && c !== quote && c !== backslash) c = bytes[++p]!;
      if (c === quote) return p;
      if (c !== backslash) this.refuseControl(c);
      this.escaped = true;
      p = this.escape(p + 1);
    }
  }

  /** From behind the backslash to behind the escape, the second half of a pair included. */
  private escape(p: number): number {
    const { bytes } = this;
    const letter = bytes[p]!;
    if (isShortEscape(letter)) return p + 1;
    const unit = letter === 0x75 ? hex4(bytes, p + 1) : -1;
    if (unit < 0) this.refuse("event.not-json", "An escape is malformed.");
    if (unit < 0xd800 || unit > 0xdfff) return p + 5;
    const second =
      unit < 0xdc00 && bytes[p + 5] === backslash && bytes[p + 6] === 0x75 ? hex4(bytes, p + 7) : -1;
    if (second < 0xdc00 || second > 0xdfff) {
      this.refuse("event.lone-surrogate", "A text contains half of a surrogate pair.");
    }
    return p + 11;
  }

  private space(p: number): number {
    const { bytes } = this;
    let c = bytes[p];
    // No line feed: it ends the event.
    while (c === 0x20 || c === 0x09 || c === 0x0d) c = bytes[++p];
    return p;
  }

  private afterColon(p: number): number {
    const { bytes } = this;
    if (bytes[p] !== colon) p = this.space(p);
    if (bytes[p] !== colon) this.refuse("event.not-json", "A colon after a name is missing.");
    return this.space(p + 1);
  }

  /** Finds the string `bytes[start, end)` in a table, its escapes read where `escaped` says that it has some. */
  private find(table: NonNullable<Node["names"]>, start: number, end: number): number {
    if (!this.escaped) return table.find(this.bytes, start, end);
    const plain = Buffer.from(textOf(this.bytes, start, end));
    return table.find(plain, 0, plain.length);
  }

  private once(names: Set<string>, start: number, end: number): void {
    const name = textOf(this.bytes, start, end);
    if (names.has(name)) this.refuseTwice();
    names.add(name);
  }

  private openSeen(words: number): number {
    const base = this.seenTop;
    this.seenTop = base + words;
    if (this.seenTop > this.seen.length) {
      const grown = new Int32Array(this.seenTop * 2);
      grown.set(this.seen);
      this.seen = grown;
    }
    for (let i = base; i < this.seenTop; i++) this.seen[i] = 0;
    return base;
  }

  private see(base: number, index: number): void {
    const word = base + (index >>> 5);
    const bit = 1 << (index & 31);
    if ((this.seen[word]! & bit) !== 0) this.refuseTwice();
    this.seen[word]! |= bit;
  }

  private checkRequired(node: Node, base: number, level: number): void {
    const { required } = node;
    for (let word = 0; word < required.length; word++) {
      const missing = required[word]! & ~this.seen[base + word]!;
      if (missing === 0) continue;
      // The lowest bit that is missing, for the message.
      const index = word * 32 + (31 - Math.clz32(missing & -missing));
      this.trail[level] = node.members[index]!;
      this.trailLength = level + 1;
      this.refuse("event.missing-field", "The field is missing, and the contract requires it.");
    }
  }

  private noteMeta(member: Member, start: number, end: number): void {
    if (member.meta !== mark.meta) {
      this.metaPresent |= member.metaBit;
      this.tape.push(member.meta, start, end, 0);
      return;
    }
    this.metaFound = true;
    if (member.declared && member.node.kind === kind.record && this.bytes[start] === openObject) {
      this.tape.push(
        mark.addMembers,
        this.ended.at,
        this.ended.at,
        (this.ended.comma ? 0x100 : 0) | this.metaPresent,
      );
    } else {
      if (this.needsMeta) this.refuseMeta();
      this.tape.push(mark.meta, start, end, 0);
    }
  }

  private refuseMeta(): never {
    return this.refuse("event.missing-field", needsMetaReason);
  }

  private descend(depth: number): void {
    if (depth > depthMax)
      this.refuse("event.too-deep", `Objects and lists stand in each other more than ${depthMax} deep.`);
  }

  private refuse(code: EventCode, reason: string): never {
    const names: string[] = [];
    for (let i = 0; i < this.trailLength; i++) names.push(this.trail[i]!.name);
    throw new Refusal(code, reason, names.length === 0 ? undefined : names.join("."));
  }

  private refuseTwice(): never {
    return this.refuse("event.duplicate-key", "A name stands twice in one object.");
  }

  private refuseControl(c: number | undefined): never {
    if (c === undefined || c === 0x0a) return this.refuse("event.not-json", "The line ends inside a text.");
    return this.refuse("event.control-character", "A text contains a raw control character.");
  }

  private refuseStart(start: number): never {
    const { bytes } = this;
    if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) {
      return this.refuse(
        "event.not-json",
        "A byte order mark stands inside the input; only its very start may have one.",
      );
    }
    if (jsonStart(bytes[start]) === undefined)
      return this.refuse("event.not-json", "The line is not a JSON object.");
    return this.refuse("event.wrong-type", "An event is a JSON object; the line holds another value.");
  }

  private refuseType(node: Node, p: number): never {
    const found = jsonStart(this.bytes[p]);
    if (found === undefined) return this.refuse("event.not-json", "A value is missing or malformed.");
    const fraction = found === "a number" && node.wanted.startsWith("an integer");
    const but = fraction ? "with a fraction or an exponent" : `but there is ${found}`;
    return this.refuse(
      "event.wrong-type",
      fraction
        ? `The contract wants ${node.wanted}; there is a number ${but}.`
        : `The contract wants ${node.wanted}, ${but}.`,
    );
  }
}

/** The end of the name `quoted` (with its closing quote) at `at`, or -1 where another one stands there. */
function endOfName(quoted: Uint8Array, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < quoted.length; i++) {
    if (bytes[at + i] !== quoted[i]) return -1;
  }
  return at + quoted.length;
}

function branchOf(node: Node, c: number | undefined): Node | undefined {
  if (c === quote) return node.union.text;
  if (c === openObject) return node.union.object;
  if (c === openList) return node.union.list;
  if (c === 0x74 || c === 0x66) return node.union.boolean;
  return isNumberStart(c) ? node.union.number : undefined;
}

/** What a value's first byte says that it is; undefined: no value starts so. */
function jsonStart(c: number | undefined): string | undefined {
  if (c === quote) return "a text";
  if (c === openObject) return "an object";
  if (c === openList) return "a list";
  if (c === 0x74 || c === 0x66) return "true or false";
  if (c === 0x6e) return "null";
  return isNumberStart(c) ? "a number" : undefined;
}
