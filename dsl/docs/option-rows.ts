// The table of a block's options, with types, defaults and units as one writes them.
import { durationText } from "../graph/words.ts";
import { choiceText, sizeText } from "../spec/describe.ts";
import type { OptionSpec, OptionTable, OptionType } from "../spec/options.ts";
import { code, page, table } from "./markdown.ts";

/** Undefined where there are no options. */
export function optionRows(options: OptionTable): string | undefined {
  const entries = Object.entries(options);
  if (entries.length === 0) return undefined;
  const rows = entries.map(([name, option]) => [
    code(name),
    typeWords(option.type),
    presence(option),
    option.doc,
  ]);
  const literal = entries.filter(([, option]) => option.fixed === true).map(([name]) => code(name));
  const note =
    literal.length === 0
      ? undefined
      : `${literal.join(", ")} must stand in the program (or come from a \`param\`): ${literal.length === 1 ? "it shapes" : "they shape"} the job itself.`;
  return page(table(["option", "value", "default", "meaning"], rows), note).trimEnd();
}

function presence(option: OptionSpec): string {
  switch (option.presence) {
    case "required":
      return "**required**";
    case "optional":
      return "—";
    case "defaulted":
      return code(valueText(option.type, option.default));
  }
}

/** What a value may be, in words for a table cell. */
export function typeWords(type: OptionType): string {
  switch (type.kind) {
    case "string":
      return "text";
    case "boolean":
      return "`true` or `false`";
    case "integer":
      return `whole number${bounds(type.min, type.max, String)}`;
    case "duration":
      return type.minMs === undefined ? "duration" : `duration, at least ${durationText(type.minMs)}`;
    case "size":
      return `size${bounds(type.minBytes, type.maxBytes, sizeText)}`;
    case "choice":
      return type.values.map((value) => code(choiceText(value))).join(", ");
    case "secret":
      return "secret: `secret`, `env` or `file`";
    case "path":
      return "path";
    case "field":
      return "field path";
    case "keys":
      return "name of a `keys` statement";
    case "list":
      return `list of: ${typeWords(type.of)}`;
    case "record":
      return `object with ${Object.entries(type.options)
        .map(([name, option]) => `${code(name)} (${typeWords(option.type)})`)
        .join(", ")}`;
    case "either":
      return type.of.map(typeWords).join("; or ");
  }
}

function bounds(min: number | undefined, max: number | undefined, text: (value: number) => string): string {
  if (min !== undefined && max !== undefined) return `, ${text(min)} to ${text(max)}`;
  if (min !== undefined) return `, at least ${text(min)}`;
  return max === undefined ? "" : `, at most ${text(max)}`;
}

/** A value of the catalog (ms, bytes) as one writes it in a program. */
function valueText(type: OptionType, value: unknown): string {
  if (type.kind === "either") {
    const fit = type.of.find((one) => fits(one, value));
    return fit === undefined ? JSON.stringify(value) : valueText(fit, value);
  }
  if (typeof value === "number") {
    if (type.kind === "duration") return durationText(value);
    if (type.kind === "size") return sizeText(value);
  }
  if (typeof value === "string" && type.kind === "choice") return choiceText(value);
  return JSON.stringify(value);
}

function fits(type: OptionType, value: unknown): boolean {
  switch (type.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "duration":
    case "size":
      return typeof value === "number";
    case "choice":
      return typeof value === "string" && type.values.includes(value);
    case "list":
      return Array.isArray(value);
    default:
      return typeof value === "string";
  }
}
