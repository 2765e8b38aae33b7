// What of a writer's schema goes with what of a reader's: Avro 1.11, "Schema Resolution".

import { encodeDefault, long } from "../../plan/encode-default.ts";
import { type AvroField, type AvroType, simpleName } from "./avro-type.ts";

export type PlainStep =
  | { readonly kind: "keep" }
  | { readonly kind: "convert"; readonly to: "float" | "double" };

/** Numbers widen; texts and bytes are written alike. Undefined for all else. */
export function plainStep(from: AvroType["kind"], to: AvroType["kind"]): PlainStep | undefined {
  const keeps = from === to || (from === "int" && to === "long") || (isText(from) && isText(to));
  if (keeps && isPlain(from)) return { kind: "keep" };
  const widens =
    (to === "double" && (from === "int" || from === "long" || from === "float")) ||
    (to === "float" && (from === "int" || from === "long"));
  return widens ? { kind: "convert", to } : undefined;
}

const isText = (kind: AvroType["kind"]): boolean => kind === "string" || kind === "bytes";

function isPlain(kind: AvroType["kind"]): boolean {
  return kind !== "record" && kind !== "enum" && kind !== "array" && kind !== "map" && kind !== "union";
}

/** The branch of the same kind, by its name where several are; else the first that the value can be widened to; else -1. */
export function branchFor(from: AvroType, branches: readonly AvroType[]): number {
  const same = branches.filter(({ kind }) => kind === from.kind);
  const named = same.find((branch) => isNamesake(from, branch)) ?? same[0];
  const chosen = named ?? branches.find(({ kind }) => plainStep(from.kind, kind) !== undefined);
  return chosen === undefined ? -1 : branches.indexOf(chosen);
}

function isNamesake(from: AvroType, to: AvroType): boolean {
  if (!("name" in from && "name" in to)) return true;
  return [to.name, ...to.aliases].some((name) => simpleName(name) === simpleName(from.name));
}

/** By the writer's field: the reader's that takes it, by its name or else by an alias. */
export function takersOf(
  writer: readonly AvroField[],
  reader: readonly AvroField[],
): ReadonlyMap<AvroField, AvroField> {
  const takers = new Map<AvroField, AvroField>();
  const byName = new Map(writer.map((field) => [field.name, field]));
  for (const field of reader) {
    const source = byName.get(field.name);
    if (source !== undefined) takers.set(source, field);
  }
  const named = new Set(takers.values());
  for (const field of reader) {
    const source = field.aliases.map((alias) => byName.get(alias)).find((one) => one && !takers.has(one));
    if (source !== undefined && !named.has(field)) takers.set(source, field);
  }
  return takers;
}

/** What stands for a field that the writer lacks; undefined where nothing may. */
export function insteadOf({ type, default: otherwise }: AvroField): Buffer | undefined {
  if (otherwise !== undefined) return encodeDefault(type, otherwise);
  if (type.kind === "null") return Buffer.alloc(0);
  const index = type.kind === "union" ? type.branches.findIndex(({ kind }) => kind === "null") : -1;
  return index < 0 ? undefined : long(index);
}

/** A type in a word or two, for reasons. */
export function noun(type: AvroType): string {
  if (type.kind === "union") return type.branches.map(({ kind }) => kind).join(" or ");
  return type.kind === "fixed" ? `fixed of ${type.sizeBytes} bytes` : type.kind;
}
