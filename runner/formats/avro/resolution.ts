// Compiles what has to be done to bring datums of one schema to another: Avro 1.11, "Schema Resolution".

import { long } from "../../plan/encode-default.ts";
import type { AvroField, AvroType, EnumType, RecordType } from "./avro-type.ts";
import { branchFor, insteadOf, noun, type PlainStep, plainStep, takersOf } from "./matching.ts";

/** What is to be done with one value of the writer's type `from`. Nodes of types that refer to themselves do so, too. */
export interface Node {
  readonly from: AvroType;
  readonly step: Step;
  /** Whatever the value is, it stands in the same bytes in both schemas. */
  readonly alike: boolean;
}

export type Step =
  | PlainStep
  /** By the writer's index: the reader's, encoded; undefined for a symbol that the reader lacks. */
  | { readonly kind: "enum"; readonly indexes: readonly (Buffer | undefined)[]; readonly refusal: string }
  | { readonly kind: "array" | "map"; readonly items: Node }
  /** By the writer's branch. */
  | { readonly kind: "union"; readonly branches: readonly Node[] }
  /** The reader's type is a union: its branch, encoded, then the value. */
  | { readonly kind: "branch"; readonly index: Buffer; readonly of: Node }
  | RecordStep
  /** `reason` is a sentence. */
  | { readonly kind: "refuse"; readonly reason: string };

export interface RecordStep {
  readonly kind: "record";
  /** In the writer's order. */
  readonly moves: readonly Move[];
  /** Present where the reader has fields in another order: what was made by the moves, by their number, in that order. */
  readonly order?: readonly number[];
}

export type Move =
  | { readonly kind: "take"; readonly node: Node }
  | { readonly kind: "drop"; readonly type: AvroType }
  | { readonly kind: "put"; readonly bytes: Buffer };

/** More than any two schemas need: those that refer to each other many times could ask for any number. */
const MAX_NODES = 50_000;

/**
 * From `writer` to `reader`. Never throws: where the two don't fit together, values are refused, and only those that come to that place (a
 * branch of a union, a symbol). Beyond the specification, names are asked only where a union leaves the choice, and a field that can be null and
 * that the writer lacks is null: a contract is read that way in every format.
 */
export function resolution(writer: AvroType, reader: AvroType): Node {
  const resolving = new Resolving();
  const root = resolving.node(writer, reader, "");
  resolving.findAlike();
  return root;
}

interface Draft {
  readonly from: AvroType;
  step: Step;
  alike: boolean;
}

class Resolving {
  readonly #drafts: Draft[] = [];
  /** Only records can refer to themselves. */
  readonly #records = new Map<AvroType, Map<AvroType, Draft>>();

  /** `path`: the reader's field, for reasons. */
  node(from: AvroType, to: AvroType, path: string): Node {
    const known = this.#records.get(from)?.get(to);
    if (known !== undefined) return known;
    const draft: Draft = { from, step: { kind: "keep" }, alike: true };
    this.#drafts.push(draft);
    if (this.#drafts.length > MAX_NODES) {
      draft.step = {
        kind: "refuse",
        reason: "The schema that the event was written with is too large to be worked through.",
      };
      return draft;
    }
    if (from.kind === "record") {
      const known = this.#records.get(from) ?? new Map();
      this.#records.set(from, known.set(to, draft));
    }
    draft.step = this.#step(from, to, path);
    return draft;
  }

  /** All are taken for alike until one is found that can't be, and with it those that hold it. */
  findAlike(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const draft of this.#drafts.toReversed()) {
        if (!draft.alike || isAlike(draft.step)) continue;
        draft.alike = false;
        changed = true;
      }
    }
  }

  #step(from: AvroType, to: AvroType, path: string): Step {
    if (from.kind === "union") {
      return { kind: "union", branches: from.branches.map((branch) => this.node(branch, to, path)) };
    }
    if (to.kind === "union") {
      const index = branchFor(from, to.branches);
      const branch = to.branches[index];
      if (branch === undefined) return mismatch(from, to, path);
      return { kind: "branch", index: long(index), of: this.node(from, branch, path) };
    }
    if (from.kind === "record" && to.kind === "record") return this.#record(from, to, path);
    if (from.kind === "array" && to.kind === "array")
      return { kind: "array", items: this.node(from.items, to.items, path) };
    if (from.kind === "map" && to.kind === "map")
      return { kind: "map", items: this.node(from.values, to.values, path) };
    if (from.kind === "enum" && to.kind === "enum") return enumStep(from, to, path);
    if (from.kind === "fixed" && to.kind === "fixed" && from.sizeBytes === to.sizeBytes)
      return { kind: "keep" };
    return (from.kind !== "fixed" && plainStep(from.kind, to.kind)) || mismatch(from, to, path);
  }

  #record(from: RecordType, to: RecordType, path: string): Step {
    const takers = takersOf(from.fields, to.fields);
    const sources = new Map([...takers].map(([source, taker]) => [taker, source]));
    const given = to.fields.map((field) => sources.get(field));
    const moves: Move[] = [];
    const order: number[] = [];
    const places = new Map<AvroField, number>();
    const lacking = this.#fill(to, given, path);
    if (!Array.isArray(lacking)) return lacking;
    const inOrder = isAscending(given.flatMap((source) => (source ? [from.fields.indexOf(source)] : [])));
    const put = (field: AvroField): void => {
      const bytes = lacking[to.fields.indexOf(field)];
      if (bytes !== undefined) places.set(field, moves.push({ kind: "put", bytes }) - 1);
    };
    let next = 0;
    for (const field of from.fields) {
      const taker = takers.get(field);
      if (taker === undefined) {
        moves.push({ kind: "drop", type: field.type });
        continue;
      }
      // In order, what the writer lacks is put where the reader has it.
      for (; inOrder && to.fields[next] !== taker; next++) put(to.fields[next] ?? taker);
      next++;
      const node = this.node(field.type, taker.type, pathTo(path, taker));
      places.set(taker, moves.push({ kind: "take", node }) - 1);
    }
    for (const field of inOrder ? to.fields.slice(next) : to.fields) put(field);
    if (inOrder) return { kind: "record", moves };
    for (const field of to.fields) order.push(places.get(field) ?? -1);
    return { kind: "record", moves, order };
  }

  /** By the reader's field: what stands for one that the writer lacks. */
  #fill(
    to: RecordType,
    given: readonly (AvroField | undefined)[],
    path: string,
  ): (Buffer | undefined)[] | Step {
    const filled: (Buffer | undefined)[] = [];
    for (const [i, field] of to.fields.entries()) {
      const bytes = given[i] === undefined ? insteadOf(field) : undefined;
      if (given[i] === undefined && bytes === undefined) {
        const reason = `The schema that the event was written with lacks the field \`${pathTo(path, field)}\`, which the contract requires.`;
        return { kind: "refuse", reason };
      }
      filled.push(bytes);
    }
    return filled;
  }
}

function isAlike(step: Step): boolean {
  switch (step.kind) {
    case "keep":
      return true;
    case "enum":
      return step.indexes.every((index, i) => index?.equals(long(i)) === true);
    case "array":
    case "map":
      return step.items.alike;
    case "union":
      return step.branches.every(
        ({ step: branch }, i) => branch.kind === "branch" && branch.index.equals(long(i)) && branch.of.alike,
      );
    case "record":
      return step.order === undefined && step.moves.every((move) => move.kind === "take" && move.node.alike);
    default:
      return false;
  }
}

function enumStep(from: EnumType, to: EnumType, path: string): Step {
  const indexes = from.symbols.map((symbol) => {
    const own = to.symbols.indexOf(symbol);
    const index = own < 0 && to.otherwise !== undefined ? to.symbols.indexOf(to.otherwise) : own;
    return index < 0 ? undefined : long(index);
  });
  const where = path === "" ? "The event" : `The field \`${path}\``;
  return { kind: "enum", indexes, refusal: `${where} has a symbol that the contract does not list.` };
}

function mismatch(from: AvroType, to: AvroType, path: string): Step {
  const where = path === "" ? "" : ` at \`${path}\``;
  const reason = `The schema that the event was written with does not fit the contract${where}: ${noun(from)} can't be read as ${noun(to)}.`;
  return { kind: "refuse", reason };
}

function pathTo(path: string, { name }: AvroField): string {
  return path === "" ? name : `${path}.${name}`;
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0));
}
