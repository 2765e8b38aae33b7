// Compiles a contract's schema to what its Avro datums are made of.
import type { GraphContract } from "../../dsl/graph/job-graph.ts";
import { type Schema, type SchemaField, type SchemaType, withoutNull } from "../../dsl/schema/model.ts";
import { sealedRoot } from "../../dsl/schema/sealed.ts";
import type { AvroField, AvroNode, AvroPlan, AvroShape } from "./avro-shape.ts";
import { capturesOf, metaPart, type ShapeWish } from "./compile-shape.ts";
import { encodeDefault } from "./encode-default.ts";

/** `kept`: the contract's schema without what it drops. `input`: the source's events are datums. */
export function compileAvro(
  contract: GraphContract,
  schema: Schema,
  kept: Schema,
  wish: ShapeWish,
  input: boolean,
): AvroPlan {
  const raw = kept.root.fields;
  const sealed = sealedRoot(kept).fields;
  return {
    ...(input && {
      input: new AvroCompiler(contract, wish).compile(wish.sealed ? sealed : schema.root.fields),
    }),
    raw: new AvroCompiler(contract, undefined).compile(raw),
    sealed: new AvroCompiler(contract, undefined).compile(sealed),
  };
}

/** Without a wish nothing is marked. */
class AvroCompiler {
  private readonly contract: GraphContract;
  private readonly wish: ShapeWish | undefined;
  private readonly nodes: AvroNode[] = [];
  /** Nodes of record types that nothing is marked in: they are shared, and may contain themselves. */
  private readonly shared = new Map<SchemaType, number>();
  private readonly captured: ReturnType<typeof capturesOf>;
  private readonly marked: readonly string[];

  constructor(contract: GraphContract, wish: ShapeWish | undefined) {
    this.contract = contract;
    this.wish = wish;
    this.captured = wish === undefined ? new Map() : capturesOf(contract, wish.sealed);
    this.marked =
      wish === undefined
        ? []
        : [
            "strmMeta",
            ...this.captured.keys(),
            ...wish.spots.map((spot) => spot.path),
            ...contract.matches.map((match) => match.path),
            ...wish.dropped,
          ];
  }

  compile(fields: readonly SchemaField[]): AvroShape {
    const root = this.reserve();
    this.nodes[root] = { kind: "record", fields: this.fields(fields, "") };
    return { nodes: this.nodes, root };
  }

  private reserve(): number {
    return this.nodes.push({ kind: "null" }) - 1;
  }

  private fields(fields: readonly SchemaField[], above: string): readonly AvroField[] {
    return fields.map(({ name, type, default: otherwise }) => {
      const path = above === "" ? name : `${above}.${name}`;
      const meta = this.wish?.seals === true ? metaPart(path) : undefined;
      const absent = otherwise === undefined ? nullOf(type) : encodeDefault(type, otherwise);
      return {
        name,
        node: this.node(type, path),
        ...(this.wish?.dropped.includes(path) === true && { dropped: true }),
        captures: this.captured.get(path) ?? [],
        ...(meta !== undefined && { meta }),
        ...(absent !== undefined && { absent: [...absent] }),
      };
    });
  }

  private node(type: SchemaType, path: string): number {
    const plain = !this.marked.some((each) => each === path || each.startsWith(`${path}.`));
    const known = type.kind === "record" && plain ? this.shared.get(type) : undefined;
    if (known !== undefined) return known;
    const at = this.reserve();
    if (type.kind === "record" && plain) this.shared.set(type, at);
    this.nodes[at] = this.nodeOf(type, path);
    return at;
  }

  private nodeOf(type: SchemaType, path: string): AvroNode {
    switch (type.kind) {
      case "string":
        return this.text(path);
      case "fixed":
        return { kind: "fixed", sizeBytes: type.sizeBytes };
      case "enum":
        return { kind: "enum", symbols: type.symbols };
      case "array":
        return { kind: "array", items: this.node(type.items, path) };
      case "map":
        return { kind: "map", values: this.node(type.values, path) };
      case "union":
        return { kind: "union", branches: type.branches.map((branch) => this.node(branch, path)) };
      case "record":
        return { kind: "record", fields: this.fields(type.fields, path) };
      default:
        return { kind: type.kind };
    }
  }

  private text(path: string): AvroNode {
    if (this.wish === undefined) return { kind: "string" };
    const { spots, sealed } = this.wish;
    // What sealing writes into `strmMeta` is no field of anyone.
    const spot = metaPart(path) === undefined ? spots.findIndex((each) => each.path === path) : -1;
    const match = this.contract.matches.find((each) => each.path === path);
    const hidden = sealed && spot >= 0 && spots[spot]?.purpose !== undefined;
    return {
      kind: "string",
      ...(spot < 0 ? {} : { spot }),
      ...(match === undefined || hidden ? {} : { pattern: { pattern: match.pattern, flags: match.flags } }),
    };
  }
}

/** The bytes of null, for a type that allows it. */
function nullOf(type: SchemaType): readonly number[] | undefined {
  if (!withoutNull(type).nullable) return undefined;
  if (type.kind !== "union") return [];
  // A union's index in zigzag.
  return [2 * type.branches.findIndex(({ kind }) => kind === "null")];
}
