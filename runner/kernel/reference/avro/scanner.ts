// Reads one datum strictly as its contract's schema wants it, and notes the places that matter. It changes nothing.
import { isUtf8 } from "node:buffer";
import { captures, metaMembers } from "../../../plan/shape.ts";
import type { EventCode } from "../../event-codes.ts";
import { Output } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { depthMax, needsMetaReason } from "../scanner.ts";
import { mark, Tape } from "../tape.ts";
import { avroKind, type Ready, type ReadyField } from "./ready.ts";
import { AvroToJson } from "./to-json.ts";
import { endOfLong, longAt } from "./varints.ts";

/** In one event. Items that take no byte are free for whoever sends them, and not for whoever reads them. */
const emptyItemsMax = 65_536;
/** A byte order mark belongs to the text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class AvroScanner {
  readonly tape = new Tape();
  /** Start and end of each single value in `values`, as JSON, in the order of `captures`; -1 where the event has none. */
  readonly captured = new Int32Array(captures.length * 2);
  /** The single values of a batch's events, as JSON: whoever reads JSON events reads these too. */
  private readonly scratch = new Output(1 << 16);
  private readonly json = new AvroToJson();
  private readonly root: Ready;
  private readonly seals: boolean;
  /** `strmMeta` has members of its own that nothing stands for where the event has no `strmMeta`. */
  private readonly needsMeta: boolean;
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private view = new DataView(new ArrayBuffer(0));
  private at = 0;
  private limit = 0;
  private emptyLeft = 0;
  /** Where the block that was begun last ends, or -1 where it does not say. */
  private blockEnd = -1;
  private metaFound = false;
  private metaPresent = 0;
  private readonly trail: string[] = [];

  /** `seals`: some output is sealed, so that it is noted what becomes of `strmMeta`. */
  constructor(root: Ready, seals: boolean) {
    this.root = root;
    this.seals = seals;
    this.needsMeta = seals && needsMeta(root);
  }

  /** Forgets the batch before. */
  begin(): void {
    this.tape.count = 0;
    this.scratch.at = 0;
  }

  /** What `captured` points into. */
  valuesOf(_: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return this.scratch.bytes;
  }

  /** Reads the datum in `bytes[start, end)`. Throws a `Refusal`; what the tape got until then is the caller's to take back. */
  event(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = start;
    this.limit = end;
    this.emptyLeft = emptyItemsMax;
    this.captured.fill(-1);
    this.metaFound = false;
    this.trail.length = 0;
    this.record(this.root, 1);
    if (this.at !== end) this.refuseForm("there are more bytes than the schema has fields for");
    if (this.seals && !this.metaFound) this.tape.push(mark.addMeta, end, end, 0);
  }

  private value(node: Ready, depth: number): void {
    switch (node.kind) {
      case avroKind.null:
        return;
      case avroKind.boolean:
        this.take(1);
        if (this.bytes[this.at - 1]! > 1) this.refuseForm("a boolean is neither 0 nor 1");
        return;
      case avroKind.int: {
        const value = this.long();
        if (value < -0x8000_0000 || value > 0x7fff_ffff) this.refuseNumber();
        return;
      }
      case avroKind.long:
        this.at = this.endOfLong();
        return;
      case avroKind.float:
        this.take(4);
        if (!Number.isFinite(this.view.getFloat32(this.at - 4, true))) this.refuseNumber();
        return;
      case avroKind.double:
        this.take(8);
        if (!Number.isFinite(this.view.getFloat64(this.at - 8, true))) this.refuseNumber();
        return;
      case avroKind.bytes:
        this.take(this.length());
        return;
      case avroKind.string:
        this.string(node);
        return;
      case avroKind.fixed:
        this.take(node.sizeBytes);
        return;
      case avroKind.enum:
        this.index(node.symbols.length, "an enum has no symbol of its number");
        return;
      case avroKind.array:
        this.array(node, depth + 1);
        return;
      case avroKind.map:
        this.map(node, depth + 1);
        return;
      case avroKind.union:
        this.value(
          node.branches[this.index(node.branches.length, "a union has no branch of its number")]!,
          depth,
        );
        return;
      default:
        this.record(node, depth + 1);
    }
  }

  private record({ fields }: Ready, depth: number): void {
    this.descend(depth);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      this.trail.push(field.name);
      const start = this.at;
      const noted = this.tape.count;
      if (field.meta === mark.meta) this.meta(field, depth);
      else this.value(field.node, depth);
      if (field.captures.length > 0) this.capture(field, start);
      if (field.meta >= mark.members) {
        this.metaPresent |= 1 << (field.meta - mark.members);
        this.tape.push(field.meta, start, this.at, 0);
      }
      if (field.dropped) {
        // What was noted inside of it goes with it.
        this.tape.count = noted;
        this.tape.push(mark.drop, start, this.at, 0);
      }
      this.trail.pop();
    }
  }

  /** `strmMeta` becomes a record without a branch's number before it; where it is null, all of it is written anew. */
  private meta({ node }: ReadyField, depth: number): void {
    this.metaFound = true;
    this.metaPresent = 0;
    const start = this.at;
    const inner =
      node.kind === avroKind.union
        ? node.branches[this.index(node.branches.length, "a union has no branch of its number")]!
        : node;
    if (inner.kind === avroKind.record) {
      if (this.at > start) this.tape.push(mark.cut, start, this.at, 0);
      this.record(inner, depth + 1);
      this.tape.push(mark.addMembers, this.at, this.at, this.metaPresent);
      return;
    }
    this.value(inner, depth);
    if (this.needsMeta) {
      this.refuse("event.missing-field", needsMetaReason);
    }
    this.tape.push(mark.meta, start, this.at, 0);
  }

  private capture({ node, captures: captured }: ReadyField, start: number): void {
    const { scratch } = this;
    const from = scratch.at;
    this.json.write(node, this.bytes, start, scratch);
    for (const capture of captured) {
      this.captured[capture * 2] = from;
      this.captured[capture * 2 + 1] = scratch.at;
    }
  }

  private string(node: Ready): void {
    const prefix = this.at;
    const length = this.length();
    const start = this.at;
    this.take(length);
    const { bytes, at } = this;
    for (let p = start; p < at; p++) {
      if (bytes[p]! < 0x80) continue;
      if (!isUtf8(bytes.subarray(start, at))) this.refuse("event.invalid-utf8", "A text is not valid UTF-8.");
      break;
    }
    if (node.pattern !== undefined && !node.pattern.test(utf8.decode(bytes.subarray(start, at)))) {
      this.refuse("event.no-match", "The value does not match the field's pattern.");
    }
    // As if it had quotes, which is how the values of JSON events stand there; `extra` tells where the length starts.
    if (node.spot >= 0) this.tape.push(node.spot, start - 1, at + 1, (start - prefix) << 1);
  }

  private array({ inner, marked }: Ready, depth: number): void {
    this.descend(depth);
    for (;;) {
      const start = this.at;
      const count = this.block();
      if (count === 0) return;
      const { blockEnd } = this;
      // The size in bytes of a block whose items change would be wrong.
      if (marked && count < 0) this.tape.push(mark.block, start, this.at, -count);
      this.items(inner!, Math.abs(count), depth);
      this.checkBlock(blockEnd);
    }
  }

  private items(inner: Ready, count: number, depth: number): void {
    for (let i = 0; i < count; i++) {
      const start = this.at;
      this.value(inner, depth);
      if (this.at === start && --this.emptyLeft < 0)
        this.refuseForm("its lists have too many items that take no byte");
    }
  }

  private map({ inner, marked }: Ready, depth: number): void {
    this.descend(depth);
    const names = new Set<string>();
    for (;;) {
      const start = this.at;
      const count = this.block();
      if (count === 0) return;
      const { blockEnd } = this;
      if (marked && count < 0) this.tape.push(mark.block, start, this.at, -count);
      for (let i = Math.abs(count); i > 0; i--) {
        const length = this.length();
        this.take(length);
        const name = this.bytes.subarray(this.at - length, this.at);
        if (!isUtf8(name)) this.refuse("event.invalid-utf8", "A name is not valid UTF-8.");
        const text = utf8.decode(name);
        if (names.has(text)) this.refuse("event.duplicate-key", "A name stands twice in one map.");
        names.add(text);
        this.value(inner!, depth);
      }
      this.checkBlock(blockEnd);
    }
  }

  /** The count of a block's items; negative where its size in bytes stands behind it. */
  private block(): number {
    const count = this.long();
    this.blockEnd = -1;
    if (count < 0) {
      const sizeBytes = this.length();
      this.blockEnd = this.at + sizeBytes;
    }
    return count;
  }

  /** Who passes over a block by its size must come to where who reads it comes to. */
  private checkBlock(end: number): void {
    if (end >= 0 && this.at !== end) this.refuseForm("a block has another size than it says");
  }

  private index(count: number, problem: string): number {
    const index = this.long();
    if (index < 0 || index >= count) this.refuseForm(problem);
    return index;
  }

  private length(): number {
    const length = this.long();
    if (length < 0) this.refuseForm("a length is negative");
    if (length > this.limit - this.at) this.refuseCut();
    return length;
  }

  private long(): number {
    const end = this.endOfLong();
    const value = longAt(this.bytes, this.at, end);
    this.at = end;
    return value;
  }

  private endOfLong(): number {
    const end = endOfLong(this.bytes, this.at, this.limit);
    if (end < 0) this.refuseForm("an integer is cut or too long");
    return end;
  }

  private take(count: number): void {
    if (count > this.limit - this.at) this.refuseCut();
    this.at += count;
  }

  private descend(depth: number): void {
    if (depth > depthMax)
      this.refuse("event.too-deep", `Records and lists stand in each other more than ${depthMax} deep.`);
  }

  private refuseNumber(): never {
    return this.refuse("event.number-out-of-range", "The number is too large for the field's type, or none.");
  }

  private refuseCut(): never {
    return this.refuseForm("it ends too early");
  }

  private refuseForm(problem: string): never {
    return this.refuse("event.not-avro", `The event is no datum of its schema: ${problem}.`);
  }

  private refuse(code: EventCode, reason: string): never {
    throw new Refusal(code, reason, this.trail.length === 0 ? undefined : this.trail.join("."));
  }
}

/** True where `strmMeta` has members that neither sealing nor a default stands for. */
export function needsMeta(root: Ready): boolean {
  return ownMembers(root).some(
    ({ name, absent }) => !metaMembers.some((member) => member === name) && absent === undefined,
  );
}

/** The members of `strmMeta` that the contract declares and keeps. */
export function ownMembers(root: Ready): readonly ReadyField[] {
  const node = root.fields.find(({ name }) => name === "strmMeta")?.node;
  const record =
    node?.kind === avroKind.union ? node.branches.find(({ kind }) => kind === avroKind.record) : node;
  return record?.fields.filter(({ dropped }) => !dropped) ?? [];
}
