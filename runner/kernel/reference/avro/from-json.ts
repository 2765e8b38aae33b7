// Writes a valid JSON event as a datum of its stream's schema. What the schema lacks is left out, what the event lacks gets its default.

import { endOfName, JsonWalker } from "../json-walker.ts";
import { integerAt } from "../numbers.ts";
import { Output } from "../output.ts";
import { textOf, unescapeInto } from "../text.ts";
import { avroKind, type Form, type Ready } from "./ready.ts";
import { decimalLongInto, longInto } from "./varints.ts";

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

export class JsonToAvro extends JsonWalker {
  private target!: Output;
  private readonly plain = new Output(256);
  /** Where the members of the records that are open start, by field; 0: the event has none. */
  private places = new Int32Array(256);
  private placesTop = 0;

  /** Appends the event whose `{` stands at `start`. */
  write(node: Ready, bytes: Uint8Array, start: number, target: Output): void {
    this.bytes = bytes;
    this.target = target;
    this.placesTop = 0;
    this.value(node, start);
  }

  private value(node: Ready, p: number): void {
    const { target, bytes } = this;
    switch (node.kind) {
      case avroKind.null:
        break;
      case avroKind.boolean:
        target.byte(bytes[p] === 0x74 ? 1 : 0);
        break;
      case avroKind.int:
      case avroKind.long:
        this.integer(p);
        break;
      case avroKind.float:
        target.ensure(4);
        target.view.setFloat32(target.at, Number(this.numberText(p, this.endOfValue(p))), true);
        target.at += 4;
        break;
      case avroKind.double:
        target.ensure(8);
        target.view.setFloat64(target.at, Number(this.numberText(p, this.endOfValue(p))), true);
        target.at += 8;
        break;
      case avroKind.string:
        this.text(p + 1);
        break;
      case avroKind.bytes: {
        const value = this.base64(p);
        longInto(target, value.length);
        target.copy(value, 0, value.length);
        break;
      }
      case avroKind.fixed: {
        const value = this.base64(p);
        target.copy(value, 0, value.length);
        break;
      }
      case avroKind.enum:
        longInto(target, this.indexOf(node.symbolTable!, p + 1, this.endOfString(p + 1)));
        break;
      case avroKind.array:
        this.list(node.inner!, p);
        break;
      case avroKind.map:
        this.map(node.inner!, p);
        break;
      case avroKind.union: {
        const branch = node.byForm![formAt(bytes[p]!)];
        longInto(target, branch);
        this.value(node.branches[branch]!, p);
        break;
      }
      default:
        this.record(node, p);
    }
  }

  /** Members stand in any order, fields in that of the schema: first all are found, then each is written. */
  private record({ fields, names }: Ready, open: number): void {
    const base = this.openPlaces(fields.length);
    let guess = 0;
    for (let p = this.space(open + 1); this.bytes[p] !== closeObject; ) {
      let index = guess;
      // Most events have their members in the order of the contract.
      let close = guess < fields.length ? endOfName(fields[guess]!.quoted, this.bytes, p) : -1;
      if (close < 0) {
        close = this.endOfString(p + 1);
        index = this.indexOf(names!, p + 1, close);
      }
      if (index >= 0) guess = index + 1;
      const start = this.space(this.space(close + 1) + 1);
      if (index >= 0) this.places[base + index] = start;
      p = this.space(this.endOfValue(start));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    for (let i = 0; i < fields.length; i++) {
      const { node, absent } = fields[i]!;
      const start = this.places[base + i]!;
      if (start > 0) this.value(node, start);
      else if (absent !== undefined) this.target.copy(absent, 0, absent.length);
      else throw new Error("An event lacks a field that its contract requires.");
    }
    this.placesTop = base;
  }

  private list(inner: Ready, open: number): void {
    const { target } = this;
    const count = this.countItems(open);
    if (count > 0) {
      longInto(target, count);
      for (let p = this.space(open + 1); this.bytes[p] !== closeList; ) {
        this.value(inner, p);
        p = this.space(this.endOfValue(p));
        if (this.bytes[p] === comma) p = this.space(p + 1);
      }
    }
    target.byte(0);
  }

  private countItems(open: number): number {
    let count = 0;
    for (let p = this.space(open + 1); this.bytes[p] !== closeList; count++) {
      p = this.space(this.endOfValue(p));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    return count;
  }

  private map(inner: Ready, open: number): void {
    const { target } = this;
    for (let p = this.space(open + 1); this.bytes[p] !== closeObject; ) {
      // A block each: how many there are is not known yet.
      longInto(target, 1);
      this.text(p + 1);
      const start = this.space(this.space(this.endOfString(p + 1) + 1) + 1);
      this.value(inner, start);
      p = this.space(this.endOfValue(start));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    target.byte(0);
  }

  /** The string whose inside starts at `start`, with its length before it. */
  private text(start: number): void {
    const { bytes, target, plain } = this;
    const end = this.endOfString(start);
    if (!this.escaped) {
      longInto(target, end - start);
      target.copy(bytes, start, end);
      return;
    }
    plain.at = 0;
    unescapeInto(plain, bytes, start, end);
    longInto(target, plain.at);
    target.copy(plain.bytes, 0, plain.at);
  }

  private indexOf(names: NonNullable<Ready["names"]>, start: number, end: number): number {
    const { bytes } = this;
    if (!this.escaped) return names.find(bytes, start, end);
    const name = Buffer.from(textOf(bytes, start, end));
    return names.find(name, 0, name.length);
  }

  private base64(p: number): Buffer {
    return Buffer.from(textOf(this.bytes, p + 1, this.endOfString(p + 1)), "base64");
  }

  private integer(p: number): void {
    const end = this.endOfValue(p);
    const near = integerAt(this.bytes, p, end);
    if (Number.isSafeInteger(near)) longInto(this.target, near);
    else decimalLongInto(this.target, this.numberText(p, end));
  }

  private numberText(p: number, end: number): string {
    let text = "";
    for (let i = p; i < end; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }

  private openPlaces(count: number): number {
    const base = this.placesTop;
    this.placesTop = base + count;
    if (this.placesTop > this.places.length) {
      const grown = new Int32Array(this.placesTop * 2);
      grown.set(this.places);
      this.places = grown;
    }
    // A loop: for a few words a call into native code costs more.
    for (let i = base; i < this.placesTop; i++) this.places[i] = 0;
    return base;
  }
}

function formAt(c: number): Form {
  switch (c) {
    case quote:
      return "string";
    case openObject:
      return "object";
    case openList:
      return "array";
    case 0x6e:
      return "null";
    case 0x74:
    case 0x66:
      return "boolean";
    default:
      return "number";
  }
}
