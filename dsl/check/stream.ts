// A stream as the checker knows it: where it comes from, and the state of each of its fields.
import type { FieldState, GraphStep, Scheme } from "../graph/job-graph.ts";
import type { Contract } from "./contract.ts";
import type { KeyStore } from "./key-stores.ts";
import type { StreamStatement } from "./names.ts";
import { isDropped } from "./rule-drop.ts";
import { metaMembers } from "./rule-meta.ts";

export interface Stream {
  readonly statement: StreamStatement;
  readonly contract: Contract;
  /** False for raw events. */
  readonly sealed: boolean;
  /** By path. Empty where the contract's schema couldn't be read. */
  readonly fields: ReadonlyMap<string, FieldState>;
  /** How its fields were sealed, as far as the program says. */
  readonly sealing: Sealing | undefined;
  /** Undefined where something is wrong with it or before it. */
  readonly step: GraphStep | undefined;
}

export interface Sealing {
  readonly store: KeyStore;
  readonly scheme: Scheme;
  /** The encrypt that sealed it; undefined: it came in sealed. */
  readonly by: string | undefined;
}

/** The fields as a source gives them: personal ones raw, or sealed already, and dropped ones not at all. */
export function fieldsOfSource(contract: Contract, sealed: boolean): ReadonlyMap<string, FieldState> {
  const fields = new Map<string, FieldState>();
  for (const { path, type } of contract.schema?.fields() ?? []) {
    if (isDropped(path, contract.dropped.values())) continue;
    const personal = contract.personal.get(path);
    fields.set(
      path,
      personal === undefined
        ? { path, type, state: "open" }
        : { path, type, state: sealed ? "sealed" : "raw", purpose: personal.purpose },
    );
  }
  return sealed ? withMeta(fields) : fields;
}

/** After `encrypt`: every raw field sealed, and `strmMeta` complete. */
export function sealedFields(before: ReadonlyMap<string, FieldState>): ReadonlyMap<string, FieldState> {
  const fields = new Map<string, FieldState>();
  for (const [path, field] of before)
    fields.set(path, field.state === "raw" ? { ...field, state: "sealed" } : field);
  return withMeta(fields);
}

/** After `decrypt … for` the levels: their sealed fields clear, and then the masked ones masked. */
export function openedFields(
  before: ReadonlyMap<string, FieldState>,
  purposes: readonly number[],
  mask: readonly string[],
): ReadonlyMap<string, FieldState> {
  const asked = new Set(purposes);
  const masked = new Set(mask);
  const fields = new Map<string, FieldState>();
  for (const [path, field] of before) {
    const opens = field.state === "sealed" && field.purpose !== undefined && asked.has(field.purpose);
    if (masked.has(path)) fields.set(path, { ...field, state: "masked" });
    else fields.set(path, opens ? { ...field, state: "clear" } : field);
  }
  return fields;
}

/** The levels whose fields whoever gets the stream can read, ascending. */
export function readablePurposes(fields: ReadonlyMap<string, FieldState>): readonly number[] {
  const levels = new Set<number>();
  for (const { state, purpose } of fields.values()) {
    if ((state === "raw" || state === "clear") && purpose !== undefined) levels.add(purpose);
  }
  return [...levels].sort((a, b) => a - b);
}

/** Adds the members of `strmMeta` that the schema lacks, with the types `encrypt` writes. */
function withMeta(fields: Map<string, FieldState>): ReadonlyMap<string, FieldState> {
  if (fields.size === 0) return fields;
  for (const { path, text } of metaMembers) {
    const before = fields.get(path);
    fields.set(path, { path, type: text, state: before?.state ?? "open" });
  }
  return fields;
}
