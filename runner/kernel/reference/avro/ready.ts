// A plan's Avro shape made ready: one kind of object for every node.
import type { AvroField, AvroNode, AvroShape } from "../../../plan/avro-shape.ts";
import { captures, metaMembers } from "../../../plan/shape.ts";
import { NameTable } from "../name-table.ts";
import { compilePattern } from "../nodes.ts";
import { mark } from "../tape.ts";

export const avroKind = {
  null: 0,
  boolean: 1,
  int: 2,
  long: 3,
  float: 4,
  double: 5,
  bytes: 6,
  string: 7,
  fixed: 8,
  enum: 9,
  array: 10,
  map: 11,
  union: 12,
  record: 13,
} as const;

/** How JSON writes a value, as a union tells its branches apart. */
const forms = ["null", "boolean", "number", "string", "array", "object"] as const;
export type Form = (typeof forms)[number];

export class Ready {
  readonly kind: number;
  /** Tape code of the spot, or -1. */
  spot = -1;
  pattern: ReturnType<typeof compilePattern> | undefined = undefined;
  sizeBytes = 0;
  symbols: readonly string[] = [];
  symbolTable: NameTable | undefined = undefined;
  /** Of an array's items or a map's values. */
  inner: Ready | undefined = undefined;
  branches: readonly Ready[] = [];
  /** Of a union: the branch of each form, or -1. */
  byForm: Readonly<Record<Form, number>> | undefined = undefined;
  fields: readonly ReadyField[] = [];
  names: NameTable | undefined = undefined;
  /** Some string within it is a spot, or some field is dropped. */
  marked = false;

  constructor(kind: number) {
    this.kind = kind;
  }
}

export class ReadyField {
  readonly name: string;
  /** The name as JSON, with the colon. */
  readonly quoted: Uint8Array;
  readonly node: Ready;
  readonly captures: readonly number[];
  /** Tape code of the part of `strmMeta` that sealing writes here, or -1. */
  readonly meta: number;
  readonly absent: Uint8Array | undefined;
  readonly dropped: boolean;

  constructor(source: AvroField, node: Ready) {
    const { name, captures: captured, meta, absent, dropped } = source;
    this.name = name;
    this.quoted = Buffer.from(`"${name}":`);
    this.node = node;
    this.dropped = dropped === true;
    this.captures = captured.map((capture) => captures.indexOf(capture));
    const member = meta === undefined || meta === "whole" ? -1 : metaMembers.indexOf(meta);
    this.meta = meta === "whole" ? mark.meta : member < 0 ? -1 : mark.members + member;
    this.absent = absent && Uint8Array.from(absent);
  }
}

/** The root record. */
export function readyShape({ nodes, root }: AvroShape): Ready {
  const ready = nodes.map(({ kind }) => new Ready(avroKind[kind]));
  const at = (index: number): Ready => ready[index]!;
  for (const [index, node] of nodes.entries()) fill(at(index), node, at);
  markAll(ready);
  return at(root);
}

function fill(ready: Ready, node: AvroNode, at: (index: number) => Ready): void {
  switch (node.kind) {
    case "string":
      if (node.spot !== undefined) ready.spot = mark.spots + node.spot;
      if (node.pattern !== undefined) ready.pattern = compilePattern(node.pattern);
      ready.marked = ready.spot >= 0;
      break;
    case "fixed":
      ready.sizeBytes = node.sizeBytes;
      break;
    case "enum":
      ready.symbols = node.symbols;
      ready.symbolTable = new NameTable(node.symbols);
      break;
    case "array":
      ready.inner = at(node.items);
      break;
    case "map":
      ready.inner = at(node.values);
      break;
    case "union":
      ready.branches = node.branches.map(at);
      ready.byForm = formsOf(ready.branches);
      break;
    case "record":
      ready.fields = node.fields.map((field) => new ReadyField(field, at(field.node)));
      ready.marked = ready.fields.some(({ dropped }) => dropped);
      ready.names = new NameTable(node.fields.map(({ name }) => name));
      break;
  }
}

function formsOf(branches: readonly Ready[]): Readonly<Record<Form, number>> {
  const found = { null: -1, boolean: -1, number: -1, string: -1, array: -1, object: -1 };
  for (const [index, { kind }] of branches.entries()) found[formOf(kind)] = index;
  return found;
}

function formOf(kind: number): Form {
  switch (kind) {
    case avroKind.null:
      return "null";
    case avroKind.boolean:
      return "boolean";
    case avroKind.int:
    case avroKind.long:
    case avroKind.float:
    case avroKind.double:
      return "number";
    case avroKind.array:
      return "array";
    case avroKind.map:
    case avroKind.record:
      return "object";
    default:
      return "string";
  }
}

/** From the spots and dropped fields upwards, until nothing changes: types may contain themselves. */
function markAll(nodes: readonly Ready[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      if (node.marked) continue;
      const inner = [
        ...node.branches,
        ...node.fields.map((field) => field.node),
        ...(node.inner === undefined ? [] : [node.inner]),
      ];
      if (!inner.some(({ marked }) => marked)) continue;
      node.marked = true;
      changed = true;
    }
  }
}
