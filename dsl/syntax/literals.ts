// The meaning of literals: escapes and `${}` in strings, units, patterns.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language writes params so

import type { Span } from "../text/span.ts";
import { parseDuration, parseSize } from "../text/units.ts";
import type { DurationValue, NumberValue, RegexValue, SizeValue, StringPart, StringValue } from "./ast.ts";

/** A part of a literal that means nothing. */
export interface LiteralProblem {
  readonly code: "syntax.bad-escape" | "syntax.bad-interpolation" | "syntax.unknown-unit";
  readonly span: Span;
  readonly message: string;
  readonly help: string;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
  $: "$",
  "/": "/",
};

/** Reads a string token, quotes included. */
export function readString(
  image: string,
  span: Span,
  report: (problem: LiteralProblem) => void,
): StringValue {
  const parts: StringPart[] = [];
  let text = "";
  const at = (start: number, end: number): Span => ({
    file: span.file,
    start: span.start + start,
    end: span.start + end,
  });
  const end = image.length - 1;
  for (let i = 1; i < end; ) {
    const char = image[i] ?? "";
    if (char === "\\") {
      const unicode = /^\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/.exec(image.slice(i, end));
      const point = Number.parseInt(unicode?.[1] ?? unicode?.[2] ?? "", 16);
      const simple = escapes[image[i + 1] ?? ""];
      if (unicode !== null && point <= 0x10ffff) {
        text += String.fromCodePoint(point);
        i += unicode[0].length;
      } else if (simple !== undefined) {
        text += simple;
        i += 2;
      } else {
        report({
          code: "syntax.bad-escape",
          span: at(i, i + 2),
          message: `\`${image.slice(i, i + 2)}\` is not an escape.`,
          help: 'Escapes are \\n \\r \\t \\" \\\\ \\$ and \\u00e9. For a backslash itself write \\\\.',
        });
        i += 2;
      }
    } else if (char === "$" && image[i + 1] === "{") {
      const name = /^\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}/.exec(image.slice(i, end));
      if (name?.[1] === undefined) {
        const close = image.indexOf("}", i);
        const stop = close < 0 || close > end ? i + 2 : close + 1;
        report({
          code: "syntax.bad-interpolation",
          span: at(i, stop),
          message: "Between `${` and `}` stands the name of a param, and nothing else.",
          help: "Write ${name}, or \\${ for the two characters themselves.",
        });
        i = stop;
      } else {
        if (text !== "") parts.push({ kind: "text", text });
        text = "";
        const start = i + name[0].indexOf(name[1], 2);
        parts.push({
          kind: "interpolation",
          name: { text: name[1], span: at(start, start + name[1].length) },
        });
        i += name[0].length;
      }
    } else {
      text += char;
      i++;
    }
  }
  if (text !== "" || parts.length === 0) parts.push({ kind: "text", text });
  return { kind: "string", parts, span };
}

/** Reads `24h`, `64KiB`; what is neither is reported and taken as the number it starts with. */
export function readQuantity(
  image: string,
  span: Span,
  report: (problem: LiteralProblem) => void,
): DurationValue | SizeValue | NumberValue {
  const durationMs = parseDuration(image);
  if (durationMs !== undefined) return { kind: "duration", text: image, durationMs, span };
  const sizeBytes = parseSize(image);
  if (sizeBytes !== undefined) return { kind: "size", text: image, sizeBytes, span };
  report({
    code: "syntax.unknown-unit",
    span,
    message: `\`${image}\` is neither a number, nor a duration, nor a size.`,
    help: "Durations are whole numbers with ms, s, m, h, d or w, such as 500ms or 24h; sizes with B, KB, KiB, MB, MiB, GB or GiB, such as 64KiB.",
  });
  return { kind: "number", text: image, value: Number.parseFloat(image), span };
}

/** Reads `/…/flags`; `\/` is a plain slash. */
export function readRegex(image: string, span: Span): RegexValue {
  const end = image.lastIndexOf("/");
  return {
    kind: "regex",
    pattern: image.slice(1, end).replaceAll("\\/", "/"),
    flags: image.slice(end + 1),
    span,
  };
}
