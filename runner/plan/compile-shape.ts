// Compiles a contract's Avro schema to the shape its events must have, with what the kernel notes marked in it.
import type { GraphContract, Json } from "../../dsl/graph/job-graph.ts";
import { type AvroRef, type AvroType, AvroTypes } from "./avro.ts";
import type { Spot } from "./plan.ts";
import {
  type Capture,
  metaMembers,
  type ScalarKind,
  type Shape,
  type ShapeMember,
  type ShapeNode,
} from "./shape.ts";

export interface ShapeWish {
  /** Events were sealed elsewhere: personal fields are text without a pattern, `strmMeta` is complete. */
  readonly sealed: boolean;
  /** Some stream seals: it writes `strmMeta`. */
  readonly seals: boolean;
  readonly spots: readonly Spot[];
}

/** The shape of a contract's events, raw or sealed. */
export function compileShape(contract: GraphContract, wish: ShapeWish): Shape {
  return new ShapeCompiler(contract, wish).compile();
}

/** The type at a dotted path of a record schema; undefined where the path leads nowhere. Lists are passed through. */
export function typeAt(schema: Json, path: string): { readonly logicalType?: string } | undefined {
  const types = new AvroTypes(schema);
  let type = types.resolve({ schema, namespace: "" });
  for (const name of path.split(".")) {
    while (type.kind === "list") type = types.resolve(type.items);
    const field = type.kind === "record" ? type.fields.find((each) => each.name === name) : undefined;
    if (field === undefined) return undefined;
    type = types.resolve(field.type);
  }
  return type.kind === "scalar" ? type : {};
}

/** What `strmMeta` holds in a sealed event, as Avro types. */
const sealedMeta: Readonly<Record<string, Json>> = {
  eventContractRef: "string",
  nonce: "int",
  timestamp: "long",
  keyLink: "string",
  consentLevels: { type: "array", items: "int" },
};

class ShapeCompiler {
  private readonly contract: GraphContract;
  private readonly wish: ShapeWish;
  private readonly types: AvroTypes;
  private readonly nodes: ShapeNode[] = [];
  /** Nodes of record types that nothing is marked in, by name: they are shared, and may contain themselves. */
  private readonly shared = new Map<string, number>();
  private readonly captured: ReadonlyMap<string, readonly Capture[]>;
  private readonly marked: readonly string[];

  constructor(contract: GraphContract, wish: ShapeWish) {
    this.contract = contract;
    this.wish = wish;
    this.types = new AvroTypes(contract.schema);
    this.captured = capturesOf(contract, wish.sealed);
    this.marked = [
      ...this.captured.keys(),
      ...wish.spots.map((spot) => spot.path),
      ...contract.matches.map((match) => match.path),
      "strmMeta",
    ];
  }

  compile(): Shape {
    const root = this.types.resolve({ schema: this.contract.schema, namespace: "" });
    if (root.kind !== "record") throw new Error("The job graph's schema is no record.");
    const at = this.reserve();
    const members = this.members(root.fields, "");
    if (!members.some((member) => member.name === "strmMeta")) {
      if (this.wish.sealed) members.push(this.sealedMeta([]));
      else if (this.wish.seals) members.push(this.undeclared("strmMeta", "whole"));
    }
    this.nodes[at] = { kind: "record", members, nullable: false };
    return { nodes: this.nodes, root: at };
  }

  private reserve(): number {
    return this.nodes.push({ kind: "null", nullable: true }) - 1;
  }

  private members(
    fields: readonly { name: string; type: AvroRef; hasDefault: boolean }[],
    above: string,
  ): ShapeMember[] {
    return fields.map(({ name, type, hasDefault }) => {
      const path = above === "" ? name : `${above}.${name}`;
      const resolved = this.types.resolve(type);
      if (path === "strmMeta" && this.wish.sealed) {
        return this.sealedMeta(resolved.kind === "record" ? resolved.fields : []);
      }
      const meta = this.wish.seals ? metaPart(path) : undefined;
      return {
        name,
        node: this.node(resolved, path),
        required: !resolved.nullable && !hasDefault,
        declared: true,
        captures: this.captured.get(path) ?? [],
        ...(meta === undefined ? {} : { meta }),
      };
    });
  }

  private node(type: AvroType, path: string): number {
    const plain = !this.marked.some((each) => each === path || each.startsWith(`${path}.`));
    const sharedAs = type.kind === "record" && plain ? `${type.name}${type.nullable ? "?" : ""}` : undefined;
    const known = sharedAs === undefined ? undefined : this.shared.get(sharedAs);
    if (known !== undefined) return known;
    const at = this.reserve();
    if (sharedAs !== undefined) this.shared.set(sharedAs, at);
    this.nodes[at] = this.describe(type, path);
    return at;
  }

  private describe(type: AvroType, path: string): ShapeNode {
    const { nullable } = type;
    switch (type.kind) {
      case "scalar":
        return this.scalar(type.name, nullable, path);
      case "enum":
        return { kind: "enum", symbols: type.symbols, nullable };
      case "list":
        return { kind: "list", items: this.node(this.types.resolve(type.items), path), nullable };
      case "map":
        return { kind: "map", values: this.node(this.types.resolve(type.values), path), nullable };
      case "record": {
        const members = this.members(type.fields, path);
        if (path === "strmMeta" && this.wish.seals) {
          for (const name of metaMembers) {
            if (!members.some((member) => member.name === name)) members.push(this.undeclared(name, name));
          }
        }
        return { kind: "record", members, nullable };
      }
      case "union":
        return this.union(type.branches, nullable, path);
    }
  }

  private scalar(name: string, nullable: boolean, path: string): ShapeNode {
    const kind = scalarKind(name);
    if (kind !== undefined) return { kind, nullable };
    const spot = metaPart(path) === undefined ? this.wish.spots.findIndex((each) => each.path === path) : -1;
    const personal = spot >= 0 && this.wish.spots[spot]?.purpose !== undefined;
    const match = this.contract.matches.find((each) => each.path === path);
    const hidden = this.wish.sealed && personal;
    return {
      kind: "text",
      nullable,
      ...(spot < 0 ? {} : { spot }),
      ...(match === undefined || hidden ? {} : { pattern: { pattern: match.pattern, flags: match.flags } }),
    };
  }

  private union(branches: readonly AvroRef[], nullable: boolean, path: string): ShapeNode {
    const byJson: { text?: number; number?: number; boolean?: number; list?: number; object?: number } = {};
    let widest = -1;
    for (const branch of branches) {
      const type = this.types.resolve(branch);
      const json = jsonKind(type);
      const width = type.kind === "scalar" ? numbers.indexOf(type.name) : -1;
      if (byJson[json] !== undefined && width <= widest) continue;
      widest = Math.max(widest, width);
      byJson[json] = this.node(type, path);
    }
    return { kind: "union", nullable, ...byJson };
  }

  /** `strmMeta` of sealed events: its five members as sealing writes them, then what else the schema declares. */
  private sealedMeta(fields: readonly { name: string; type: AvroRef; hasDefault: boolean }[]): ShapeMember {
    const at = this.reserve();
    const own = metaMembers.map((name) => ({
      name,
      type: { schema: sealedMeta[name] ?? "null", namespace: "" },
      hasDefault: false,
    }));
    const others = fields.filter((field) => !own.some((each) => each.name === field.name));
    this.nodes[at] = {
      kind: "record",
      members: this.members([...own, ...others], "strmMeta"),
      nullable: false,
    };
    return { name: "strmMeta", node: at, required: true, declared: true, captures: [] };
  }

  private undeclared(name: string, meta: NonNullable<ShapeMember["meta"]>): ShapeMember {
    return { name, node: 0, required: false, declared: false, captures: [], meta };
  }
}

function capturesOf(contract: GraphContract, sealed: boolean): ReadonlyMap<string, readonly Capture[]> {
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

function metaPart(path: string): ShapeMember["meta"] {
  return path === "strmMeta" ? "whole" : metaMembers.find((name) => path === `strmMeta.${name}`);
}

/** Ascending by what they can hold. */
const numbers: readonly string[] = ["int", "long", "float", "double"];

function scalarKind(name: string): ScalarKind | undefined {
  const kinds = ["int", "long", "float", "double", "boolean", "null"] as const;
  return kinds.find((kind) => kind === name);
}

function jsonKind(type: AvroType): "text" | "number" | "boolean" | "list" | "object" {
  if (type.kind === "list") return "list";
  if (type.kind === "map" || type.kind === "record" || type.kind === "union") return "object";
  if (type.kind === "enum") return "text";
  if (type.name === "boolean") return "boolean";
  return numbers.includes(type.name) ? "number" : "text";
}
