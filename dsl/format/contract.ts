// How the fields of a contract are written: paths and types on the left, annotations in a column.
import type {
  Annotation,
  BlockAttribute,
  ContractField,
  ContractStatement,
  TypeExpression,
} from "../syntax/ast.ts";
import { aligned, type Item, layout } from "./layout.ts";
import type { Range, Source } from "./source.ts";
import { argumentText } from "./values.ts";

/** The lines within a contract's block. */
export function contractLines(contract: ContractStatement, inner: Range, source: Source): readonly string[] {
  const rest = contract.attributes.map(
    (attribute): Item => ({
      span: attribute.span,
      lines: source.hasComment(attribute.span)
        ? source.verbatim(attribute.span)
        : [markText("@@", attribute, source)],
    }),
  );
  const items = [...fieldItems(contract.fields, source), ...rest].sort((a, b) => a.span.start - b.span.start);
  return layout(items, inner, source);
}

function fieldItems(fields: readonly ContractField[], source: Source): readonly Item[] {
  const texts = fields.map((field): readonly [string, string] => {
    const annotations = field.annotations.map((annotation) => markText("@", annotation, source)).join(" ");
    const left = `${field.path.text}${field.type === undefined ? "" : `: ${typeText(field.type)}`}`;
    return [left, isRecord(field.type) ? "" : annotations];
  });
  const lines = aligned(fields, texts, "  ", source);
  return fields.map((field, i): Item => {
    const record = isRecord(field.type);
    // Comments inside a nested record have their places; elsewhere in a field they stay where they are.
    if (!record && source.hasComment(field.span))
      return { span: field.span, lines: source.verbatim(field.span) };
    return { span: field.span, lines: record ? recordLines(field, source) : [lines[i] ?? ""] };
  });
}

function recordLines(field: ContractField, source: Source): readonly string[] {
  const { type } = field;
  if (type === undefined) return [];
  const record = innermost(type);
  if (record.kind !== "record") return [];
  const inner = { start: record.span.start + 1, end: record.span.end - 1 };
  const outside = [
    { start: field.span.start, end: record.span.start },
    { start: record.span.end, end: field.span.end },
  ];
  if (outside.some((range) => source.hasComment(range))) return source.verbatim(field.span);
  const lines = layout(fieldItems(record.fields, source), inner, source).map((line) =>
    line === "" ? "" : `  ${line}`,
  );
  const marks = typeText(type).slice(typeText(record).length);
  const annotations = field.annotations.map((annotation) => ` ${markText("@", annotation, source)}`).join("");
  return [`${field.path.text}: {`, ...lines, `}${marks}${annotations}`];
}

function innermost(type: TypeExpression): TypeExpression {
  return type.kind === "optional" || type.kind === "list" ? innermost(type.of) : type;
}

function isRecord(type: TypeExpression | undefined): boolean {
  return type !== undefined && innermost(type).kind === "record";
}

function typeText(type: TypeExpression): string {
  switch (type.kind) {
    case "named":
      return type.name.text;
    case "optional":
      return `${typeText(type.of)}?`;
    case "list":
      return `${typeText(type.of)}[]`;
    case "record":
      return "{}";
  }
}

function markText(mark: "@" | "@@", { name, args }: Annotation | BlockAttribute, source: Source): string {
  const inner = args.map((argument) => argumentText(argument, source)).join(", ");
  return `${mark}${name.text}${args.length === 0 ? "" : `(${inner})`}`;
}
