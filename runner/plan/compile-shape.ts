// Compiles a contract's schema to the shape its events must have, with what the kernel notes marked in it.
import type { GraphContract } from "../../dsl/graph/job-graph.ts";
import {
  jsonForm,
  type Schema,
  type SchemaField,
  type SchemaType,
  withoutNull,
} from "../../dsl/schema/model.ts";
import { sealedRoot } from "../../dsl/schema/sealed.ts";
import type { Spot } from "./plan.ts";
import { type Capture, metaMembers, type Shape, type ShapeMember, type ShapeNode } from "./shape.ts";

export interface ShapeWish {
  /** Events were sealed elsewhere: personal fields are text without a pattern, `strmMeta` is complete. */
  readonly sealed: boolean;
  /** Some stream seals: it writes `strmMeta`. */
  readonly seals: boolean;
  /** Some stream is written as Avro: what comes as JSON must be such that it can be. */
  readonly avro: boolean;
  readonly spots: readonly Spot[];
  /** Dotted paths. */
  readonly dropped: readonly string[];
}

/** The shape of a contract's events, raw or sealed. */
export function compileShape(contract: GraphContract, schema: Schema, wish: ShapeWish): Shape {
  return new ShapeCompiler(contract, wish).compile(wish.sealed ? sealedRoot(schema) : schema.root);
}

class ShapeCompiler {
  private readonly contract: GraphContract;
  private readonly wish: ShapeWish;
  private readonly nodes: ShapeNode[] = [];
  /** Nodes of record types that nothing is marked in: they are shared, and may contain themselves. */
  private readonly shared = new Map<SchemaType, { nullable?: number; always?: number }>();
  private readonly captured: ReadonlyMap<string, readonly Capture[]>;
  private readonly marked: readonly string[];

  constructor(contract: GraphContract, wish: ShapeWish) {
    this.contract = contract;
    this.wish = wish;
    this.captured = capturesOf(contract, wish.sealed);
    this.marked = [
      "strmMeta",
      ...this.captured.keys(),
      ...wish.spots.map((spot) => spot.path),
      ...contract.matches.map((match) => match.path),
      ...wish.dropped,
    ];
  }

  compile(root: { readonly fields: readonly SchemaField[] }): Shape {
    const at = this.reserve();
    const members = this.members(root.fields, "");
    if (this.wish.seals && !members.some((member) => member.name === "strmMeta")) {
      members.push(undeclared("strmMeta", "whole"));
    }
    this.nodes[at] = { kind: "record", members, nullable: false };
    return { nodes: this.nodes, root: at };
  }

  private reserve(): number {
    return this.nodes.push({ kind: "null", nullable: true }) - 1;
  }

  private members(fields: readonly SchemaField[], above: string): ShapeMember[] {
    return fields.map(({ name, type, hasDefault }) => {
      const path = above === "" ? name : `${above}.${name}`;
      const meta = this.wish.seals ? metaPart(path) : undefined;
      const dropped = this.wish.dropped.includes(path);
      return {
        name,
        node: this.node(type, path),
        // Who sealed the event has dropped it already.
        required: !hasDefault && !withoutNull(type).nullable && !(dropped && this.wish.sealed),
        declared: true,
        ...(dropped && { dropped }),
        captures: this.captured.get(path) ?? [],
        ...(meta === undefined ? {} : { meta }),
      };
    });
  }

  private node(schemaType: SchemaType, path: string): number {
    const { type, nullable } = withoutNull(schemaType);
    const plain = !this.marked.some((each) => each === path || each.startsWith(`${path}.`));
    if (type.kind !== "record" || !plain) return this.describe(type, nullable, path, this.reserve());
    const known = this.shared.get(type) ?? {};
    this.shared.set(type, known);
    const slot = nullable ? "nullable" : "always";
    const found = known[slot];
    if (found !== undefined) return found;
    const at = this.reserve();
    known[slot] = at;
    return this.describe(type, nullable, path, at);
  }

  private describe(type: SchemaType, nullable: boolean, path: string, at: number): number {
    this.nodes[at] = this.nodeOf(type, nullable, path);
    return at;
  }

  private nodeOf(type: SchemaType, nullable: boolean, path: string): ShapeNode {
    switch (type.kind) {
      case "string":
        return this.text(nullable, path);
      case "bytes":
      case "fixed":
        if (!this.wish.avro) return this.text(nullable, path);
        return { ...this.text(nullable, path), base64: type.kind === "fixed" ? type.sizeBytes : -1 };
      case "enum":
        return { kind: "enum", symbols: type.symbols, nullable };
      case "array":
        return { kind: "list", items: this.node(type.items, path), nullable };
      case "map":
        return { kind: "map", values: this.node(type.values, path), nullable };
      case "record": {
        const members = this.members(type.fields, path);
        if (path === "strmMeta" && this.wish.seals) {
          for (const name of metaMembers) {
            if (!members.some((member) => member.name === name)) members.push(undeclared(name, name));
          }
        }
        return { kind: "record", members, nullable };
      }
      case "union":
        return { kind: "union", nullable, ...this.branches(type.branches, path) };
      default:
        return { kind: type.kind, nullable: nullable || type.kind === "null" };
    }
  }

  private text(nullable: boolean, path: string): ShapeNode & { readonly kind: "text" } {
    // What sealing writes into `strmMeta` is no field of anyone.
    const own = metaPart(path) === undefined;
    const spot = own ? this.wish.spots.findIndex((each) => each.path === path) : -1;
    const match = this.contract.matches.find((each) => each.path === path);
    const hidden = this.wish.sealed && spot >= 0 && this.wish.spots[spot]?.purpose !== undefined;
    return {
      kind: "text",
      nullable,
      ...(spot < 0 ? {} : { spot }),
      ...(match === undefined || hidden ? {} : { pattern: { pattern: match.pattern, flags: match.flags } }),
    };
  }

  /** The schema's reader made sure that JSON tells the branches apart. */
  private branches(branches: readonly SchemaType[], path: string): Readonly<Record<string, number>> {
    const found: { text?: number; number?: number; boolean?: number; list?: number; object?: number } = {};
    for (const branch of branches) {
      const form = jsonForm(branch);
      if (form === "string") found.text = this.node(branch, path);
      else if (form === "array") found.list = this.node(branch, path);
      else if (form !== "null" && form !== "union") found[form] = this.node(branch, path);
    }
    return found;
  }
}

/** A member that sealing writes and the schema lacks. Its node is never used: no type is declared for it. */
function undeclared(name: string, meta: NonNullable<ShapeMember["meta"]>): ShapeMember {
  return { name, node: 0, required: false, declared: false, captures: [], meta };
}

export function capturesOf(
  contract: GraphContract,
  sealed: boolean,
): ReadonlyMap<string, readonly Capture[]> {
  const paths: readonly (readonly [Capture, string | undefined])[] = sealed
    ? [
        ["time", "strmMeta.timestamp"],
        ["consent", "strmMeta.consentLevels"],
        ["link", "strmMeta.keyLink"],
      ]
    : [
        ["key", contract.key],
        ["subject", contract.subject],
        ["time", contract.time?.path],
        ["consent", contract.consent.path],
      ];
  const found = new Map<string, Capture[]>();
  for (const [capture, path] of paths) {
    if (path !== undefined) found.set(path, [...(found.get(path) ?? []), capture]);
  }
  return found;
}

export function metaPart(path: string): ShapeMember["meta"] {
  return path === "strmMeta" ? "whole" : metaMembers.find((name) => path === `strmMeta.${name}`);
}
