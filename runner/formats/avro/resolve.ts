// Brings a datum from its writer's schema to the contract's, byte by byte: texts and numbers are copied and never decoded.
import type { AvroType } from "./avro-type.ts";
import { DatumReader } from "./datum-reader.ts";
import { DatumWriter } from "./datum-writer.ts";
import { notAvro, Refusal, type Refused, refusing } from "./refused.ts";
import { type Node, type RecordStep, resolution } from "./resolution.ts";

/** The contract's datum, or why there is none: `event.schema-mismatch`, `event.not-avro`, `event.too-deep`, `event.too-large`. */
export type Resolve = (datum: Uint8Array) => Uint8Array | Refused;

/**
 * Where the two schemas encode alike, a datum comes back as it is, and unlooked at; else in memory of its own. Fields that only the writer has are
 * left out, as Avro says, whatever the contract says of undeclared ones: no stream can show them. `maxBytes` bounds what a datum may
 * become.
 */
export function resolver(writer: AvroType, reader: AvroType, maxBytes: number): Resolve {
  const root = resolution(writer, reader);
  if (root.alike) return (datum) => datum;
  if (root.step.kind === "refuse") {
    const refused: Refused = { code: "event.schema-mismatch", reason: root.step.reason };
    return () => refused;
  }
  const transcriber = new Transcriber(root, maxBytes);
  return (datum) => refusing(() => transcriber.transcribe(datum));
}

class Transcriber {
  readonly #root: Node;
  readonly #writer: DatumWriter;
  readonly #reader = new DatumReader(new Uint8Array(0));
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where the bytes begin that are kept as they are and not yet copied; -1: there are none. */
  #kept = -1;

  constructor(root: Node, maxBytes: number) {
    this.#root = root;
    this.#writer = new DatumWriter(maxBytes);
  }

  transcribe(datum: Uint8Array): Uint8Array {
    this.#bytes = datum;
    this.#kept = -1;
    this.#reader.begin(datum);
    this.#writer.begin();
    this.#run(this.#root);
    this.#settle();
    if (this.#reader.left > 0) throw notAvro("more bytes stand behind it");
    return this.#writer.taken();
  }

  #run({ from, step, alike }: Node): void {
    if (alike || step.kind === "keep") {
      this.#keep(from);
      return;
    }
    this.#settle();
    switch (step.kind) {
      case "refuse":
        throw new Refusal("event.schema-mismatch", step.reason);
      case "convert":
        this.#convert(from, step.to);
        break;
      case "enum": {
        const index = step.indexes[this.#reader.index(step.indexes.length)];
        if (index === undefined) throw new Refusal("event.schema-mismatch", step.refusal);
        this.#writer.put(index);
        break;
      }
      case "array":
      case "map":
        this.#blocks(step.items, step.kind === "map");
        break;
      case "union": {
        const branch = step.branches[this.#reader.index(step.branches.length)];
        if (branch !== undefined) this.#run(branch);
        break;
      }
      case "branch":
        this.#writer.put(step.index);
        this.#run(step.of);
        break;
      case "record":
        this.#record(step);
    }
  }

  #convert(from: AvroType, to: "float" | "double"): void {
    const value = from.kind === "float" ? this.#reader.float() : Number(this.#reader.long());
    if (to === "float") this.#writer.float(value);
    else this.#writer.double(value);
  }

  #blocks(items: Node, keyed: boolean): void {
    this.#reader.enter();
    for (;;) {
      this.#settle();
      const { count } = this.#reader.block();
      this.#writer.count(count);
      if (count === 0) break;
      for (let i = 0; i < count; i++) {
        if (keyed) {
          this.#begin();
          this.#reader.skipText();
        }
        this.#run(items);
      }
    }
    this.#reader.leave();
  }

  #record({ moves, order }: RecordStep): void {
    this.#reader.enter();
    const start = this.#writer.sizeBytes;
    const ends: number[] = [];
    for (const move of moves) {
      if (move.kind === "take") this.#run(move.node);
      else {
        this.#settle();
        if (move.kind === "put") this.#writer.put(move.bytes);
        else this.#reader.skip(move.type);
      }
      if (order === undefined) continue;
      this.#settle();
      ends.push(this.#writer.sizeBytes);
    }
    if (order !== undefined) this.#writer.reorder(start, ends, order);
    this.#reader.leave();
  }

  #keep(type: AvroType): void {
    this.#begin();
    this.#reader.skip(type);
  }

  #begin(): void {
    if (this.#kept < 0) this.#kept = this.#reader.at;
  }

  /** Copies what is kept: what comes next does not stand right behind it. */
  #settle(): void {
    if (this.#kept < 0) return;
    this.#writer.put(this.#bytes, this.#kept, this.#reader.at);
    this.#kept = -1;
  }
}
