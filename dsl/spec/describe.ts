// How the types of options are said in errors: what is expected, an example of it, and its bounds.
import { durationUnits, sizeUnits } from "../text/units.ts";
import type { OptionType } from "./options.ts";

/** What a value of this type is, with its article: `a duration such as 60s`, `` `json` or `csv` ``. */
export function expectation(type: OptionType): string {
  switch (type.kind) {
    case "string": {
      const without = type.without?.map((one) => `\`${choiceText(one)}\``) ?? [];
      const but = without.length === 0 ? "" : `, but without ${alternatives(without)}`;
      return `a text in quotes, such as ${example(type)}${but}`;
    }
    case "boolean":
      return "`true` or `false`";
    case "integer":
      return `a whole number, such as ${example(type)}`;
    case "duration":
      return `a duration, such as ${example(type)}`;
    case "size":
      return `a size, such as ${example(type)}`;
    case "choice":
      return alternatives(type.values.map((value) => `\`${choiceText(value)}\``));
    case "secret":
      return `a secret, such as ${example(type)}`;
    case "path":
      return `a path in quotes, such as ${example(type)}`;
    case "field":
      return "the path of a field, such as customer.id";
    case "keys":
      return "the name of a `keys` statement";
    case "list":
      return `a list, such as ${example(type)}`;
    case "record":
      return `an object, such as ${example(type)}`;
    case "either":
      return type.of.map(expectation).join(", or ");
  }
}

/** A value of this type as one would write it, within its bounds. */
export function example(type: OptionType): string {
  switch (type.kind) {
    case "string":
      return '"clicks"';
    case "boolean":
      return "true";
    case "integer":
      return String(Math.max(type.min ?? 10, Math.min(10, type.max ?? 10)));
    case "duration":
      return durationText(Math.max(60_000, type.minMs ?? 0));
    case "size":
      return sizeText(
        Math.min(Math.max(1_048_576, type.minBytes ?? 0), type.maxBytes ?? Number.POSITIVE_INFINITY),
      );
    case "choice":
      return choiceText(type.values[0] ?? "");
    case "secret":
      return 'secret("NAME")';
    case "path":
      return '"data/events.jsonl"';
    case "field":
      return "customer.id";
    case "keys":
      return "vault";
    case "list":
      return `[${example(type.of)}]`;
    case "record": {
      const [name, option] = Object.entries(type.options)[0] ?? [];
      return name === undefined || option === undefined ? "{}" : `{ ${name} = ${example(option.type)} }`;
    }
    case "either":
      return type.of[0] === undefined ? "" : example(type.of[0]);
  }
}

/** A choice as one writes it in a program: a word, or what is none in quotes. */
export function choiceText(value: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(value) ? value : JSON.stringify(value);
}

/** False where `text` has something that a text of this type must not have. */
export function mayHold(type: OptionType, text: string): boolean {
  return type.kind !== "string" || type.without?.some((one) => text.includes(one)) !== true;
}

export interface BrokenBound {
  /** `at least 1m`: completes "it must be …". */
  readonly must: string;
  /** `1m or more`: completes "write …". */
  readonly instead: string;
  readonly label: "too small" | "too large";
}

/** Which bound of its type a number breaks, in the type's unit (ms, bytes); undefined: none. */
export function brokenBound(type: OptionType, value: number): BrokenBound | undefined {
  const [min, max] = boundsOf(type);
  if (min !== undefined && value < min.value) {
    return { must: `at least ${min.text}`, instead: `${min.text} or more`, label: "too small" };
  }
  if (max !== undefined && value > max.value) {
    return { must: `at most ${max.text}`, instead: `${max.text} or less`, label: "too large" };
  }
  return undefined;
}

interface Bound {
  readonly value: number;
  readonly text: string;
}

function boundsOf(type: OptionType): readonly [Bound | undefined, Bound | undefined] {
  const bound = (value: number | undefined, text: (value: number) => string): Bound | undefined =>
    value === undefined ? undefined : { value, text: text(value) };
  switch (type.kind) {
    case "integer":
      return [bound(type.min, String), bound(type.max, String)];
    case "duration":
      return [bound(type.minMs, durationText), undefined];
    case "size":
      return [bound(type.minBytes, sizeText), bound(type.maxBytes, sizeText)];
    default:
      return [undefined, undefined];
  }
}

/** A duration as it is written in a program, in the largest unit that is exact; weeks are said in days. */
export function durationText(durationMs: number): string {
  return inLargestUnit(durationMs, { ...durationUnits, w: Number.POSITIVE_INFINITY });
}

/** A size as it is written in a program, in the largest unit that is exact. */
export function sizeText(sizeBytes: number): string {
  return inLargestUnit(sizeBytes, sizeUnits);
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>): string {
  const descending = Object.entries(units).sort(([, a], [, b]) => b - a);
  const [unit, worth] = descending.find(([, worth]) => value >= worth && value % worth === 0) ?? ["", 1];
  return unit === "" ? `0${descending.at(-1)?.[0] ?? ""}` : `${value / worth}${unit}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(texts: readonly string[]): string {
  const last = texts.at(-1) ?? "";
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(", ")} or ${last}`;
}
