// Makes an Avro schema of the fields of an inline contract.
import type { Json } from "../spec/option-value.ts";
import type { ContractField, TypeExpression } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";

export const inlineTypes = ["string", "int", "long", "float", "double", "boolean", "bytes"] as const;

export interface InlineProblem {
  readonly kind: "unknown-type" | "missing-type" | "duplicate-field" | "not-a-record" | "bad-type";
  readonly span: Span;
  readonly message: string;
  readonly help: string;
}

/** A record while its fields are collected: braces and dotted paths may both add to it. */
type Draft = Map<string, DraftField>;

interface DraftField {
  /** Absent where only dotted paths opened it. */
  type?: TypeExpression;
  /** Of a record, also of an optional one or a list of such. */
  readonly record?: Draft;
}

/** The schema's JSON, with what is wrong; fields that are wrong are left out of it. */
export function schemaOfFields(
  name: string,
  fields: readonly ContractField[],
): { readonly json: Json; readonly problems: readonly InlineProblem[] } {
  const problems: InlineProblem[] = [];
  const root: Draft = new Map();
  for (const field of fields) place(field, root, problems);
  const writer = new Writer(problems);
  return { json: writer.record(capital(name), root), problems };
}

/** Puts one line where its path says; `customer.id: string` opens a record `customer`. */
function place(field: ContractField, root: Draft, problems: InlineProblem[]): void {
  const segments = field.path.segments.map((segment) => segment.text);
  const last = segments.pop() ?? "";
  const report = (kind: InlineProblem["kind"], message: string, help: string): void => {
    problems.push({ kind, span: field.path.span, message, help });
  };
  let draft = root;
  for (const segment of segments) {
    const next: DraftField = draft.get(segment) ?? { record: new Map() };
    if (next.record === undefined) {
      const message = `\`${segment}\` has a type of its own, so it has no field \`${last}\`.`;
      report("not-a-record", message, `Make \`${segment}\` a record, or give this field another path.`);
      return;
    }
    draft.set(segment, next);
    draft = next.record;
  }
  const before = draft.get(last);
  const inner = field.type && recordIn(field.type);
  if (field.type === undefined) {
    if (before !== undefined) return;
    const help = `Write its type behind the path, such as ${field.path.text}: string. With \`from "file.avsc"\` the schema would give it.`;
    report("missing-type", `\`${field.path.text}\` has no type.`, help);
  } else if (before?.type !== undefined) {
    const message = `The field \`${field.path.text}\` is declared twice.`;
    report("duplicate-field", message, "Put all its annotations on one line.");
  } else if (before !== undefined && inner === undefined) {
    const message = `\`${field.path.text}\` has fields of its own, so it must be a record.`;
    report("not-a-record", message, "Remove this line, or give the field another path.");
  } else {
    const record = inner && (before?.record ?? new Map());
    draft.set(last, { type: field.type, ...(record === undefined ? {} : { record }) });
    for (const one of inner ?? []) place(one, record ?? new Map(), problems);
  }
}

/** The fields of a record type, also of an optional one or of a list of them. */
function recordIn(type: TypeExpression): readonly ContractField[] | undefined {
  if (type.kind === "record") return type.fields;
  return type.kind === "named" ? undefined : recordIn(type.of);
}

class Writer {
  readonly #problems: InlineProblem[];
  readonly #names = new Set<string>();

  constructor(problems: InlineProblem[]) {
    this.#problems = problems;
  }

  record(wanted: string, draft: Draft): Json {
    // `a_b.c` and `a.b_c` would give one name to two records.
    let name = wanted;
    for (let n = 2; this.#names.has(name); n++) name = `${wanted}_${n}`;
    this.#names.add(name);
    const fields = [...draft].flatMap(([fieldName, { type, record }]): Json[] => {
      const inner = `${name}_${capital(fieldName)}`;
      const json =
        type === undefined ? this.record(inner, record ?? new Map()) : this.#type(type, inner, record);
      if (json === undefined) return [];
      return [{ name: fieldName, type: json, ...(type?.kind === "optional" ? { default: null } : {}) }];
    });
    return { type: "record", name, fields };
  }

  #type(type: TypeExpression, name: string, record: Draft | undefined): Json | undefined {
    switch (type.kind) {
      case "named": {
        const known = inlineTypes.find((one) => one === type.name.text);
        return known ?? this.#unknown(type.name.text, type.span);
      }
      case "optional": {
        if (type.of.kind === "optional") {
          const message = "This type is optional already.";
          const help = "One question mark is enough.";
          this.#problems.push({ kind: "bad-type", span: type.span, message, help });
          return undefined;
        }
        const of = this.#type(type.of, name, record);
        return of === undefined ? undefined : ["null", of];
      }
      case "list": {
        const items = this.#type(type.of, name, record);
        return items === undefined ? undefined : { type: "array", items };
      }
      case "record":
        return this.record(name, record ?? new Map());
    }
  }

  #unknown(text: string, span: Span): undefined {
    const near = closest(text, inlineTypes);
    const help =
      near === undefined
        ? `Types are ${inlineTypes.join(", ")}, and records in braces.`
        : `Did you mean \`${near}\`?`;
    this.#problems.push({ kind: "unknown-type", span, message: `There is no type \`${text}\`.`, help });
    return undefined;
  }
}

/** Names of types start with a capital letter. */
function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
