// Writes a valid datum as plain JSON: unions without their branch's name, bytes as base64, logical types in the form of what they are based on.
import type { Output } from "../output.ts";
import { quoteInto } from "../text.ts";
import { avroKind, type Ready } from "./ready.ts";
import { decimalOfLong, endOfLong, longAt } from "./varints.ts";

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const colon = 0x3a;
/** Of floats. From here on six digits always read back, so that fewer need no trial: rounding ends them in zeros. */
const smallestNormal = 2 ** -126;

export class AvroToJson {
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private target!: Output;
  private at = 0;

  /** Appends the datum, or the part of one, at `start`; returns where it ends. */
  write(node: Ready, bytes: Uint8Array, start: number, target: Output): number {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = start;
    this.target = target;
    this.value(node);
    return this.at;
  }

  private value(node: Ready): void {
    const { target, bytes } = this;
    switch (node.kind) {
      case avroKind.null:
        target.ascii("null");
        break;
      case avroKind.boolean:
        target.ascii(bytes[this.at++] === 1 ? "true" : "false");
        break;
      case avroKind.int:
      case avroKind.long: {
        const end = this.endOfLong();
        decimalOfLong(target, bytes, this.at, end);
        this.at = end;
        break;
      }
      case avroKind.float:
        target.ascii(shortestFloat(this.view.getFloat32(this.at, true)));
        this.at += 4;
        break;
      case avroKind.double:
        target.ascii(numberText(this.view.getFloat64(this.at, true)));
        this.at += 8;
        break;
      case avroKind.bytes:
        this.base64(this.long());
        break;
      case avroKind.fixed:
        this.base64(node.sizeBytes);
        break;
      case avroKind.string: {
        const length = this.long();
        quoteInto(target, bytes, this.at, this.at + length);
        this.at += length;
        break;
      }
      case avroKind.enum:
        target.ascii(`"${node.symbols[this.long()]}"`);
        break;
      case avroKind.array:
        this.list(node.inner!);
        break;
      case avroKind.map:
        this.map(node.inner!);
        break;
      case avroKind.union:
        this.value(node.branches[this.long()]!);
        break;
      default:
        this.record(node);
    }
  }

  private record({ fields }: Ready): void {
    const { target } = this;
    target.byte(openObject);
    for (let i = 0; i < fields.length; i++) {
      const { quoted, node } = fields[i]!;
      if (i > 0) target.byte(comma);
      target.copy(quoted, 0, quoted.length);
      this.value(node);
    }
    target.byte(closeObject);
  }

  private list(inner: Ready): void {
    const { target } = this;
    target.byte(openList);
    let first = true;
    for (let count = this.block(); count > 0; count = this.block()) {
      for (; count > 0; count--) {
        if (!first) target.byte(comma);
        first = false;
        this.value(inner);
      }
    }
    target.byte(closeList);
  }

  private map(inner: Ready): void {
    const { target, bytes } = this;
    target.byte(openObject);
    let first = true;
    for (let count = this.block(); count > 0; count = this.block()) {
      for (; count > 0; count--) {
        if (!first) target.byte(comma);
        first = false;
        const length = this.long();
        quoteInto(target, bytes, this.at, this.at + length);
        this.at += length;
        target.byte(colon);
        this.value(inner);
      }
    }
    target.byte(closeObject);
  }

  /** The count of the next block's items; the size of one that has it is passed over. */
  private block(): number {
    const count = this.long();
    if (count < 0) this.long();
    return Math.abs(count);
  }

  private long(): number {
    const end = this.endOfLong();
    const value = longAt(this.bytes, this.at, end);
    this.at = end;
    return value;
  }

  private endOfLong(): number {
    return endOfLong(this.bytes, this.at, this.bytes.length);
  }

  private base64(length: number): void {
    const { target, bytes } = this;
    target.byte(quote);
    target.ascii(Buffer.from(bytes.buffer, bytes.byteOffset + this.at, length).toString("base64"));
    target.byte(quote);
    this.at += length;
  }
}

/** As few digits as read back as the same float. */
function shortestFloat(value: number): string {
  // Rounding would take the sign of zero.
  if (value === 0) return numberText(value);
  const fewest = Math.abs(value) < smallestNormal ? 1 : 6;
  for (let digits = fewest; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return numberText(text);
  }
  return numberText(Number(value.toPrecision(9)));
}

/** JSON has a negative zero, too. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0.0" : String(value);
}
