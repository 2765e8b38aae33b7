// Params: their literals, and what `--set` puts in their place.
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { nounOf } from "../spec/bind-errors.ts";
import type { ParamStatement, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import { parseDuration, parseSize } from "../text/units.ts";
import type { Names } from "./names.ts";
import { plainText, type Unit } from "./unit.ts";

export class Params {
  readonly #values = new Map<string, Value>();
  readonly #names: Names;

  constructor(
    names: Names,
    set: ReadonlyMap<string, string>,
    entry: Unit,
    report: (report: Diagnostic) => void,
  ) {
    this.#names = names;
    for (const declaration of names.all()) {
      if (declaration.kind === "param") this.#evaluate(declaration, set.get(declaration.name.text), report);
    }
    const known = names.of("param");
    const start = { file: entry.file, start: 0, end: 0 };
    for (const name of set.keys()) {
      if (known.includes(name) || names.mayBeLost(name)) continue;
      const near = closest(name, known);
      const all = known.length === 0 ? "The program has no params." : `Its params are ${known.join(", ")}.`;
      const help = near === undefined ? all : `Did you mean --set ${near}=…?`;
      report(
        diagnostic(
          "param.unknown-set",
          start,
          `--set names \`${name}\`, but the program has no such param.`,
          { help },
        ),
      );
    }
  }

  /** The literal of a param; undefined where there is none, "failed" where it was refused. Counts as a use. */
  use(name: string): Value | "failed" | undefined {
    const declaration = this.#names.get(name);
    if (declaration === undefined && this.#names.mayBeLost(name)) return "failed";
    if (declaration?.kind !== "param") {
      this.#names.noteUnresolved("param");
      return undefined;
    }
    this.#names.markUsed(declaration);
    return this.#values.get(name) ?? "failed";
  }

  #evaluate(param: ParamStatement, text: string | undefined, report: (report: Diagnostic) => void): void {
    const fault = notLiteral(param.value);
    if (fault !== undefined) {
      const message = `The value of the param \`${param.name.text}\` must be a literal.`;
      const help =
        fault.kind === "call"
          ? `Use ${fault.name.text}(…) at the option that needs it.`
          : fault.kind === "string"
            ? "Write the text in full: a param can't contain another."
            : "Write a text in quotes, a number, true or false, a duration, a size, or a list of these.";
      const label = fault.kind === "string" ? "a text with a param in it" : `this is ${nounOf(fault)}`;
      report(diagnostic("param.not-literal", fault.span, message, { label, help }));
      return;
    }
    const value = text === undefined ? param.value : overridden(param.value, text);
    if (value !== undefined) {
      this.#values.set(param.name.text, value);
      return;
    }
    this.#values.set(param.name.text, param.value);
    const noun = nounOf(param.value);
    const message = `--set ${param.name.text}=${text} is not ${noun}, which the param \`${param.name.text}\` is.`;
    const help = `Write --set ${param.name.text}=… as ${noun}, like the one here.`;
    report(diagnostic("param.wrong-set", param.value.span, message, { label: noun, help }));
  }
}

/** The first part of a value that is not a literal. */
function notLiteral(value: Value): Value | undefined {
  if (value.kind === "list") {
    for (const item of value.items) {
      const fault = notLiteral(item);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  // A text with a param in it could lead back to itself, and its value would depend on an order.
  if (value.kind === "string") return plainText(value) === undefined ? value : undefined;
  return ["path", "call", "object", "regex"].includes(value.kind) ? value : undefined;
}

/** `text` as a value of the same type as the param's literal; undefined where it is none. */
function overridden(literal: Value, text: string): Value | undefined {
  const { span } = literal;
  switch (literal.kind) {
    case "string":
      return { kind: "string", parts: [{ kind: "text", text }], span };
    case "number":
      return /^-?[0-9]+(\.[0-9]+)?$/.test(text)
        ? { kind: "number", text, value: Number(text), span }
        : undefined;
    case "boolean":
      return text === "true" || text === "false"
        ? { kind: "boolean", value: text === "true", span }
        : undefined;
    case "duration": {
      const durationMs = parseDuration(text);
      return durationMs === undefined ? undefined : { kind: "duration", text, durationMs, span };
    }
    case "size": {
      const sizeBytes = parseSize(text);
      return sizeBytes === undefined ? undefined : { kind: "size", text, sizeBytes, span };
    }
    case "list":
      return overriddenList(literal.items[0], text, span);
    default:
      return undefined;
  }
}

/** A list is written with commas; its items have the type of the literal's first. */
function overriddenList(first: Value | undefined, text: string, span: Value["span"]): Value | undefined {
  const items: Value[] = [];
  for (const piece of text === "" ? [] : text.split(",")) {
    const model = first ?? { kind: "string", parts: [], span };
    const item = overridden(model, piece.trim());
    if (item === undefined) return undefined;
    items.push(item);
  }
  return { kind: "list", items, span };
}
