// Turns a step's options, as the graph carries them, into the typed options a connector opens with.
import { brokenBound, expectation, mayHold } from "./describe.ts";
import { parseLiteral } from "./literal.ts";
import { isReference, type OptionValue, type OptionValues, type Reference } from "./option-value.ts";
import type { OptionsOf, OptionTable, OptionType } from "./options.ts";

/** What stands behind a reference: its text, undefined where there is nothing, or why it can't be read. */
export type Lookup = (
  reference: Reference,
) => { readonly text: string } | { readonly problem: string } | undefined;

/** Why an option has no value. None of the texts repeats a value, which may be a secret. */
export interface OptionProblem {
  /** `brokers`, or `tls.key` inside a record. */
  readonly option: string;
  /** As written: `secret("MASK_SEED")`; absent where the fault is in the graph itself. */
  readonly reference?: string;
  /** A sentence that says what is wrong. */
  readonly message: string;
}

export type Resolved<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly OptionProblem[] };

/**
 * The options of `table`, with every reference looked up and its text parsed as if it were written in the program.
 * Values that `table` does not name are left aside: they are the statement's own (`format`, `max_event`).
 * All problems come at once. Pure but for what `lookup` does.
 *
 * @example
 * const resolved = resolveOptions(spec.source.options, step.options, lookup);
 * if (resolved.ok) await open(resolved.value, context);
 */
export function resolveOptions<T extends OptionTable>(
  table: T,
  values: OptionValues,
  lookup: Lookup,
): Resolved<OptionsOf<T>> {
  const problems: OptionProblem[] = [];
  const options = resolveTable(table, values, "", lookup, problems);
  if (problems.length > 0) return { ok: false, problems };
  if (conforms(table, options)) return { ok: true, value: options };
  return {
    ok: false,
    problems: [{ option: "", message: "The options do not have the form the connector declares." }],
  };
}

/** One reference, such as a `maskSeed` or a master key; `option` names it in the problem. */
export function resolveReference(reference: Reference, option: string, lookup: Lookup): Resolved<string> {
  const problems: OptionProblem[] = [];
  const value = resolveValue({ kind: "secret" }, reference, option, lookup, problems);
  return typeof value === "string" ? { ok: true, value } : { ok: false, problems };
}

/** A reference as it is written in a program, without its default. */
export function referenceText(reference: Reference): string {
  if ("$env" in reference) return `env("${reference.$env}")`;
  return "$secret" in reference ? `secret("${reference.$secret}")` : `file("${reference.$file}")`;
}

function resolveTable(
  table: OptionTable,
  values: OptionValues,
  prefix: string,
  lookup: Lookup,
  problems: OptionProblem[],
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const option = `${prefix}${name}`;
    const value = values[name];
    if (value !== undefined) options[name] = resolveValue(spec.type, value, option, lookup, problems);
    else if (spec.presence === "defaulted") options[name] = spec.default;
    else if (spec.presence === "required") problems.push({ option, message: `\`${option}\` is missing.` });
  }
  return options;
}

function resolveValue(
  type: OptionType,
  value: OptionValue,
  option: string,
  lookup: Lookup,
  problems: OptionProblem[],
): unknown {
  if (isReference(value)) return resolveText(type, value, option, lookup, problems);
  if (type.kind === "list" && isList(value)) {
    return value.map((item, at) => resolveValue(type.of, item, `${option}[${at}]`, lookup, problems));
  }
  if (type.kind === "record" && isTable(value)) {
    return resolveTable(type.options, value, `${option}.`, lookup, problems);
  }
  if (type.kind === "either") {
    const fitting = type.of.find((one) => hasForm(one, value));
    if (fitting !== undefined) return resolveValue(fitting, value, option, lookup, problems);
  }
  if (!hasForm(type, value))
    problems.push({ option, message: `\`${option}\` must be ${expectation(type)}.` });
  return value;
}

function resolveText(
  type: OptionType,
  reference: Reference,
  option: string,
  lookup: Lookup,
  problems: OptionProblem[],
): unknown {
  const written = referenceText(reference);
  const found = lookup(reference) ?? defaultOf(reference);
  const problem = (message: string): undefined => {
    problems.push({ option, reference: written, message });
    return undefined;
  };
  if (found === undefined) return problem(`\`${option}\` comes from ${written}, and ${absence(reference)}.`);
  if ("problem" in found)
    return problem(`\`${option}\` comes from ${written}, which can't be read: ${found.problem}.`);
  const literal = parseLiteral(type, found.text);
  return literal.ok
    ? literal.value
    : problem(`\`${option}\` comes from ${written}, whose text ${literal.problem}.`);
}

function defaultOf(reference: Reference): { readonly text: string } | undefined {
  return "$env" in reference && reference.$default !== undefined ? { text: reference.$default } : undefined;
}

function absence(reference: Reference): string {
  if ("$env" in reference) return "that environment variable is not set";
  return "$secret" in reference ? "there is no secret of that name" : "there is no such file";
}

function conforms<T extends OptionTable>(table: T, options: unknown): options is OptionsOf<T> {
  return hasForm({ kind: "record", options: table }, options);
}

/** Whether a resolved value has its type's form and keeps its bounds; references count as any value. */
function hasForm(type: OptionType, value: unknown): boolean {
  if (isReferenceLike(value)) return true;
  switch (type.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "duration":
    case "size":
      return (
        typeof value === "number" && Number.isSafeInteger(value) && brokenBound(type, value) === undefined
      );
    case "choice":
      return typeof value === "string" && type.values.includes(value);
    case "list":
      return Array.isArray(value) && value.every((item) => hasForm(type.of, item));
    case "record":
      return isObject(value) && hasOptions(type.options, value);
    case "either":
      return type.of.some((one) => hasForm(one, value));
    default:
      return typeof value === "string" && mayHold(type, value);
  }
}

function hasOptions(table: OptionTable, options: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(table).every(([name, spec]) => {
    const value = options[name];
    return value === undefined ? spec.presence !== "required" : hasForm(spec.type, value);
  });
}

function isReferenceLike(value: unknown): boolean {
  return isObject(value) && ["$env", "$secret", "$file"].some((member) => typeof value[member] === "string");
}

function isList(value: OptionValue): value is readonly OptionValue[] {
  return Array.isArray(value);
}

function isTable(value: OptionValue): value is OptionValues {
  return isObject(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
