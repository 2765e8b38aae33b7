// The errors of values that don't fit their option: what was expected, what is there, and how to write it.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathValue, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { BindScope, Place } from "./bind-scope.ts";
import { expectation } from "./describe.ts";
import { parseLiteral } from "./literal.ts";
import type { OptionType } from "./options.ts";

/** A secret that stands in the program. */
export function secretLiteral(value: Value, place: Place, scope: BindScope): undefined {
  if (value.kind === "path") return wrongType({ kind: "secret" }, value, place, scope);
  const span = place.use?.span ?? value.span;
  const message = `\`${place.option}\` is a secret, and a secret must not stand in the program.`;
  scope.report(
    diagnostic("option.secret-literal", span, message, {
      label: "everyone who can read this file could read it",
      help: 'Write secret("NAME"), env("NAME") or file("path"). If it was in use, replace it by a new one.',
    }),
  );
  return undefined;
}

/** A value that is not of its option's type; `help` replaces the hint that the common mistakes have. */
export function wrongType(
  type: OptionType,
  value: Value,
  place: Place,
  scope: BindScope,
  help?: string,
): undefined {
  const message = `\`${place.option}\` must be ${expectation(type)}.`;
  const label =
    place.use === undefined
      ? `this is ${nounOf(value)}`
      : `the param \`${place.use.param}\` is ${nounOf(value)}`;
  const hint = help ?? hintFor(type, value, scope);
  scope.report(
    diagnostic("option.wrong-type", place.use?.span ?? value.span, message, {
      label,
      ...(hint === undefined ? {} : { help: hint }),
      related: place.use === undefined ? [] : [{ span: value.span, message: "its value stands here" }],
    }),
  );
  return undefined;
}

/** The next step where the mistake is a common one. */
function hintFor(type: OptionType, value: Value, scope: BindScope): string | undefined {
  const types = type.kind === "either" ? type.of : [type];
  const wants = (...kinds: OptionType["kind"][]): boolean => types.some((one) => kinds.includes(one.kind));
  if (value.kind === "number" && wants("duration"))
    return `Say the unit: ${value.text}s, ${value.text}m, ${value.text}h …`;
  if (value.kind === "number" && wants("size")) return `Say the unit: ${value.text}KiB, ${value.text}MiB …`;
  if (value.kind === "number" && wants("integer")) return "Write a whole number.";
  if (value.kind === "string") {
    const text = value.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const fits = types.find((one) => one.kind !== "list" && parseLiteral(one, text).ok);
    return fits === undefined ? undefined : `Write it without the quotes: ${text}`;
  }
  if (value.kind === "path") return hintForWord(value, wants("string", "path"), scope);
  return undefined;
}

function hintForWord(value: PathValue, wantsText: boolean, scope: BindScope): string | undefined {
  const near = closest(value.path.text, scope.paramNames);
  if (near !== undefined) return `Did you mean the param \`${near}\`?`;
  return wantsText
    ? `A text stands in quotes: "${value.path.text}". A bare word is the name of a param.`
    : undefined;
}

/** What a value is, with its article. */
export function nounOf(value: Value): string {
  switch (value.kind) {
    case "string":
      return "a text";
    case "regex":
      return "a pattern";
    case "object":
      return "an object";
    case "path":
      return value.path.segments.length === 1 ? "a name" : "a field path";
    case "call":
      return `a call of \`${value.name.text}\``;
    default:
      return `a ${value.kind}`;
  }
}
