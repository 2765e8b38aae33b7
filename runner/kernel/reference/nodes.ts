// A plan's shape made ready for scanning: one kind of object for every node, so that the scanner's code stays fast.
import { RE2JS } from "re2js";
import {
  captures,
  metaMembers,
  type Shape,
  type ShapeMember,
  type ShapeNode,
  type ShapePattern,
} from "../../plan/shape.ts";
import { NameTable } from "./name-table.ts";
import { mark } from "./tape.ts";

/** Kinds as numbers: the scanner switches on them for every value. */
export const kind = {
  text: 0,
  int: 1,
  long: 2,
  float: 3,
  double: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  map: 9,
  record: 10,
  union: 11,
} as const;

export class Node {
  readonly kind: number;
  readonly nullable: boolean;
  /** What the reasons of rejections call it. */
  readonly wanted: string;
  /** Tape code of the spot, or -1. */
  spot = -1;
  pattern: RE2JS | undefined = undefined;
  /** Bytes that a text must be the base64 of; -1: any number of them, -2: it may be any text. */
  base64 = -2;
  symbols: NameTable | undefined = undefined;
  /** Of a list's items or a map's values. */
  inner: Node | undefined = undefined;
  members: readonly Member[] = [];
  names: NameTable | undefined = undefined;
  /** Bits of the members that must be there, 32 a word. */
  required: Int32Array = new Int32Array(0);
  union: { text?: Node; number?: Node; boolean?: Node; list?: Node; object?: Node } = {};

  constructor(source: ShapeNode) {
    this.kind = source.kind === "text" ? kind.text : kind[source.kind];
    this.nullable = source.nullable;
    this.wanted = wantedTexts[source.kind] + (source.nullable && source.kind !== "null" ? " or null" : "");
  }
}

export class Member {
  readonly name: string;
  /** The name in UTF-8 with its closing quote. */
  readonly quoted: Uint8Array;
  readonly node: Node;
  readonly declared: boolean;
  readonly dropped: boolean;
  /** Indexes into the event's captures. */
  readonly captures: readonly number[];
  /** Tape code of the part of `strmMeta` that sealing writes here, or -1. */
  readonly meta: number;
  /** Bit of the member in `metaMembers`, or 0. */
  readonly metaBit: number;

  constructor(source: ShapeMember, node: Node) {
    this.name = source.name;
    this.quoted = Buffer.from(`${source.name}"`);
    this.node = node;
    this.declared = source.declared;
    this.dropped = source.dropped === true;
    this.captures = source.captures.map((capture) => captures.indexOf(capture));
    const index =
      source.meta === undefined || source.meta === "whole" ? -1 : metaMembers.indexOf(source.meta);
    this.metaBit = index < 0 ? 0 : 1 << index;
    this.meta = source.meta === "whole" ? mark.meta : index < 0 ? -1 : mark.members + index;
  }
}

const wantedTexts: Readonly<Record<ShapeNode["kind"], string>> = {
  text: "a text",
  int: "an integer",
  long: "an integer",
  float: "a number",
  double: "a number",
  boolean: "true or false",
  null: "null",
  enum: "a text",
  list: "a list",
  map: "an object",
  record: "an object",
  union: "one of the field's types",
};

/** The root node of a shape. Throws where a pattern is none, which the checker has ruled out. */
export function readyNodes(shape: Shape): Node {
  const nodes = shape.nodes.map((source) => new Node(source));
  const at = (index: number): Node => nodes[index]!;
  shape.nodes.forEach((source, index) => {
    const node = at(index);
    switch (source.kind) {
      case "text":
        if (source.spot !== undefined) node.spot = mark.spots + source.spot;
        if (source.pattern !== undefined) node.pattern = compilePattern(source.pattern);
        if (source.base64 !== undefined) node.base64 = source.base64;
        break;
      case "enum":
        node.symbols = new NameTable(source.symbols);
        break;
      case "list":
        node.inner = at(source.items);
        break;
      case "map":
        node.inner = at(source.values);
        break;
      case "record":
        node.members = source.members.map((member) => new Member(member, at(member.node)));
        node.names = new NameTable(source.members.map((member) => member.name));
        node.required = requiredBits(source.members);
        break;
      case "union":
        for (const form of ["text", "number", "boolean", "list", "object"] as const) {
          const branch = source[form];
          if (branch !== undefined) node.union[form] = at(branch);
        }
        break;
    }
  });
  return at(shape.root);
}

function requiredBits(members: readonly ShapeMember[]): Int32Array {
  const words = new Int32Array((members.length + 31) >>> 5);
  members.forEach((member, index) => {
    if (member.required) words[index >>> 5]! |= 1 << (index & 31);
  });
  return words;
}

/** A linear-time engine: a pattern can't be made to take long by what an event holds. */
export function compilePattern({ pattern, flags }: ShapePattern): RE2JS {
  let bits = 0;
  if (flags.includes("i")) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes("s")) bits |= RE2JS.DOTALL;
  if (flags.includes("m")) bits |= RE2JS.MULTILINE;
  return RE2JS.compile(RE2JS.translateRegExp(pattern), bits);
}
