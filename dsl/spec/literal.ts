// Reads an option's value from a text that stands outside of a program: an environment variable, a file, a flag.
import { parseDuration, parseSize } from "../text/units.ts";
import { brokenBound, expectation, mayHold } from "./describe.ts";
import type { OptionType } from "./options.ts";

export type Literal =
  | { readonly ok: true; readonly value: unknown }
  /** `problem` completes "it …" and never repeats the text, which may be a secret. */
  | { readonly ok: false; readonly problem: string };

/** The value that `text` stands for, in ms and bytes; a list is separated by commas. */
export function parseLiteral(type: OptionType, text: string): Literal {
  switch (type.kind) {
    case "string":
      return mayHold(type, text) ? { ok: true, value: text } : not(type);
    case "path":
    case "field":
    case "keys":
      return { ok: true, value: text };
    case "secret":
      return text === "" ? { ok: false, problem: "is empty" } : { ok: true, value: text };
    case "boolean":
      return text === "true" || text === "false" ? { ok: true, value: text === "true" } : not(type);
    case "integer":
      return bounded(type, /^-?[0-9]+$/.test(text) ? Number(text) : undefined);
    case "duration":
      return bounded(type, parseDuration(text));
    case "size":
      return bounded(type, parseSize(text));
    case "choice":
      return type.values.includes(text) ? { ok: true, value: text } : not(type);
    case "list":
      return parseList(type.of, text);
    case "record":
      return { ok: false, problem: "is one text and can't stand for a whole object" };
    case "either": {
      const tries = type.of.map((one) => parseLiteral(one, text));
      return tries.find((one) => one.ok) ?? not(type);
    }
  }
}

function parseList(type: OptionType, text: string): Literal {
  const items = text.split(",").map((item) => parseLiteral(type, item.trim()));
  const values: unknown[] = [];
  for (const item of items) {
    if (!item.ok) return { ok: false, problem: `has an item that ${item.problem}` };
    values.push(item.value);
  }
  return { ok: true, value: values };
}

function bounded(type: OptionType, value: number | undefined): Literal {
  if (value === undefined || !Number.isSafeInteger(value)) return not(type);
  const bound = brokenBound(type, value);
  return bound === undefined ? { ok: true, value } : { ok: false, problem: `must be ${bound.must}` };
}

function not(type: OptionType): Literal {
  return { ok: false, problem: `is not ${expectation(type)}` };
}
