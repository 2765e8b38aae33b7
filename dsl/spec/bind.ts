// The one binder: checks the entries of a block against a table of options and gives their values for the graph.
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { Name, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";
import { secretLiteral, wrongType } from "./bind-errors.ts";
import { bindReference } from "./bind-reference.ts";
import { type BindScope, type Place, textOf } from "./bind-scope.ts";
import { brokenBound, example, mayHold } from "./describe.ts";
import type { Json, OptionValue, OptionValues } from "./option-value.ts";
import type { OptionTable, OptionType } from "./options.ts";

export interface Entry {
  readonly name: Name;
  readonly value: Value;
}

/** What is bound, and how it is called in errors. */
export interface Block {
  /** Completes "… has no option `x`": `` `file` as a sink ``. */
  readonly title: string;
  /** Where a missing option is reported. */
  readonly head: Span;
  /** The statement. */
  readonly span: Span;
  readonly entries: readonly Entry[];
}

export interface Bound {
  /** In ms and bytes; defaults are filled in, so that the graph is complete. */
  readonly values: OptionValues;
  /** The entry of each option that was given, also of those whose value was refused. */
  readonly given: ReadonlyMap<string, Entry>;
}

/** Checks `block` against `table` and reports everything that is wrong with it at once. */
export function bindOptions(table: OptionTable, block: Block, scope: BindScope): Bound {
  const given = new Map<string, Entry>();
  const values: Record<string, OptionValue> = {};
  const strangers = new Set<string>();
  for (const entry of block.entries) {
    const name = entry.name.text;
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    const before = given.get(name);
    if (option === undefined) {
      strangers.add(reportUnknown(table, entry.name, block, scope));
    } else if (before !== undefined) {
      const message = `\`${name}\` is given twice.`;
      const related = [{ span: before.name.span, message: "first given here" }];
      const help = "Remove one of the two.";
      scope.report(
        diagnostic("option.duplicate", entry.name.span, message, { label: "again", help, related }),
      );
    } else {
      given.set(name, entry);
      const value = bindValue(
        option.type,
        entry.value,
        { option: name, fixed: option.fixed === true },
        scope,
      );
      if (value !== undefined) values[name] = value;
    }
  }
  for (const [name, option] of Object.entries(table)) {
    if (given.has(name)) continue;
    if (option.presence === "defaulted" && isJson(option.default)) values[name] = option.default;
    // A mistyped name of this option was reported already, and so was what the parser couldn't read.
    if (option.presence !== "required" || strangers.has(name) || scope.isBroken(block.span)) continue;
    const message = `${block.title} needs the option \`${name}\`.`;
    const help = `Add it to the block: { ${name} = ${example(option.type)} }. ${option.doc}`;
    scope.report(
      diagnostic("option.missing", block.head, message, { label: `\`${name}\` is missing`, help }),
    );
  }
  return { values, given };
}

/** Returns the name that was probably meant, or an empty text. */
function reportUnknown(table: OptionTable, name: Name, block: Block, scope: BindScope): string {
  const names = Object.keys(table);
  const near = closest(name.text, names);
  const all = names.length === 0 ? "It has no options." : `Its options are ${names.join(", ")}.`;
  const help = near === undefined ? all : `Did you mean \`${near}\`?`;
  const message = `${block.title} has no option \`${name.text}\`.`;
  scope.report(diagnostic("option.unknown", name.span, message, { label: "no such option", help }));
  return near ?? "";
}

function isJson(value: unknown): value is Json {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === "object" && Object.values(value).every(isJson);
}

/** The value for the graph; undefined where it is wrong, which was reported then. */
function bindValue(type: OptionType, value: Value, place: Place, scope: BindScope): OptionValue | undefined {
  if (value.kind === "call") return bindReference(type, value, place, scope);
  if (value.kind === "path" && value.path.segments.length === 1 && !takesWord(type, value.path.text)) {
    const literal = place.use === undefined ? scope.param(value.path.text) : undefined;
    const use = { param: value.path.text, span: value.span };
    if (literal === "failed") return undefined;
    if (literal !== undefined) return bindValue(type, literal, { ...place, use }, scope);
  }
  switch (type.kind) {
    case "secret":
      return secretLiteral(value, place, scope);
    case "string":
    case "path": {
      if (value.kind !== "string") return wrongType(type, value, place, scope);
      const text = textOf(value, scope);
      if (text !== undefined && !mayHold(type, text)) return wrongType(type, value, place, scope);
      return text !== undefined && type.kind === "path" ? scope.rebase(text) : text;
    }
    case "boolean":
      return value.kind === "boolean" ? value.value : wrongType(type, value, place, scope);
    case "integer": {
      const whole = value.kind === "number" && Number.isSafeInteger(value.value);
      return whole ? inBounds(type, value.value, value, place, scope) : wrongType(type, value, place, scope);
    }
    case "duration":
      if (value.kind !== "duration") return wrongType(type, value, place, scope);
      return inBounds(type, value.durationMs, value, place, scope);
    case "size":
      if (value.kind !== "size") return wrongType(type, value, place, scope);
      return inBounds(type, value.sizeBytes, value, place, scope);
    case "choice":
      return bindChoice(type, value, place, scope);
    case "field":
      return value.kind === "path" ? value.path.text : wrongType(type, value, place, scope);
    case "keys":
      if (value.kind === "path" && value.path.segments.length === 1) return value.path.text;
      return wrongType(type, value, place, scope);
    case "list":
      return bindList(type, value, place, scope);
    case "record":
      return bindRecord(type, value, place, scope);
    case "either":
      return bindEither(type, value, place, scope);
  }
}

/** Whether a bare word is itself a value of this type, before any param of that name. */
function takesWord(type: OptionType, word: string): boolean {
  if (type.kind === "choice") return type.values.includes(word);
  if (type.kind === "either") return type.of.some((one) => takesWord(one, word));
  return type.kind === "field" || type.kind === "keys";
}

function bindChoice(
  type: Extract<OptionType, { kind: "choice" }>,
  value: Value,
  place: Place,
  scope: BindScope,
): OptionValue | undefined {
  // A word, or the same in quotes, which is how a param carries it.
  const word =
    value.kind === "path" ? value.path.text : value.kind === "string" ? textOf(value, scope) : undefined;
  if (word !== undefined && type.values.includes(word)) return word;
  const near = word === undefined ? undefined : closest(word, type.values);
  return wrongType(type, value, place, scope, near === undefined ? undefined : `Did you mean \`${near}\`?`);
}

function bindList(
  type: Extract<OptionType, { kind: "list" }>,
  value: Value,
  place: Place,
  scope: BindScope,
): OptionValue | undefined {
  if (value.kind !== "list") {
    return wrongType(type, value, place, scope, `Put it in brackets: ${example(type)}.`);
  }
  const items = value.items.map((item) => bindValue(type.of, item, place, scope));
  const bound = items.filter((item) => item !== undefined);
  return bound.length === items.length ? bound : undefined;
}

function bindRecord(
  type: Extract<OptionType, { kind: "record" }>,
  value: Value,
  place: Place,
  scope: BindScope,
): OptionValue | undefined {
  if (value.kind !== "object") return wrongType(type, value, place, scope);
  const entries = value.entries.map((entry) => ({ name: entry.key, value: entry.value }));
  const block = { title: `\`${place.option}\``, head: value.span, span: value.span, entries };
  return bindOptions(type.options, block, scope).values;
}

/** Takes the first alternative that fits; the errors of one that has the right form, else one error for all. */
function bindEither(
  type: Extract<OptionType, { kind: "either" }>,
  value: Value,
  place: Place,
  scope: BindScope,
): OptionValue | undefined {
  let nearest: readonly Diagnostic[] | undefined;
  for (const one of type.of) {
    const reports: Diagnostic[] = [];
    const bound = bindValue(one, value, place, { ...scope, report: (report) => reports.push(report) });
    if (bound !== undefined) return bound;
    if (reports.some((report) => report.code !== "option.wrong-type")) nearest ??= reports;
  }
  if (nearest === undefined) return wrongType(type, value, place, scope);
  for (const report of nearest) scope.report(report);
  return undefined;
}

function inBounds(
  type: OptionType,
  bound: number,
  value: Value,
  place: Place,
  scope: BindScope,
): OptionValue | undefined {
  const broken = brokenBound(type, bound);
  if (broken === undefined) return bound;
  const message = `\`${place.option}\` must be ${broken.must}.`;
  const extra = { label: broken.label, help: `Write ${broken.instead}.` };
  scope.report(diagnostic("option.out-of-bounds", place.use?.span ?? value.span, message, extra));
  return undefined;
}
