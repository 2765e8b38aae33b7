// Shows findings to people: the message, the source lines with a caret under the place, and what to do next.
import { LineIndex } from "../text/line-index.ts";
import type { Span } from "../text/span.ts";
import type { Diagnostic } from "./diagnostic.ts";

export interface RenderOptions {
  /** ANSI colours: for terminals only. */
  readonly colour: boolean;
  /** The text of a file, for its lines; without it the place alone is named. */
  readonly textOf: (file: string) => string | undefined;
}

type Paint = (text: string) => string;

interface Paints {
  readonly strong: Paint;
  readonly accent: Paint;
  readonly dim: Paint;
}

/** Longer lines are cut around the place. */
const widestLine = 120;
const tabWidth = 2;

/** The report of one finding, without a line's end behind it. */
export function render(diagnostic: Diagnostic, options: RenderOptions): string {
  const paints = paintsOf(diagnostic.severity, options.colour);
  const title = `${paints.accent(`${diagnostic.severity}[${diagnostic.code}]`)}${paints.strong(`: ${printable(diagnostic.message)}`)}`;
  const parts = [title, ...excerpt(diagnostic.span, diagnostic.label, "^", paints, options)];
  for (const { span, message } of diagnostic.related) {
    parts.push(...excerpt(span, message, "-", { ...paints, accent: paints.dim }, options));
  }
  if (diagnostic.help !== undefined) parts.push(`  ${paints.strong("help:")} ${printable(diagnostic.help)}`);
  return parts.join("\n");
}

function paintsOf(severity: Diagnostic["severity"], colour: boolean): Paints {
  const paint =
    (code: string): Paint =>
    (text) =>
      colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: paint("1"), accent: paint(severity === "error" ? "1;31" : "1;33"), dim: paint("36") };
}

/** The place, its line, and a caret under it. */
function excerpt(
  span: Span,
  label: string | undefined,
  mark: string,
  paints: Paints,
  options: RenderOptions,
): string[] {
  const text = options.textOf(span.file);
  if (text === undefined)
    return [
      `  ${paints.dim("-->")} ${printable(span.file)}${label === undefined ? "" : `: ${printable(label)}`}`,
    ];
  const index = new LineIndex(text);
  const start = index.position(span.start);
  const line = index.line(start.line);
  const gutter = String(start.line);
  const bar = paints.dim("|");
  const blank = " ".repeat(gutter.length);
  const first = start.column - 1;
  // A span over several lines is marked to the end of its first one.
  const last = Math.min(Math.max(first + 1, first + span.end - span.start), Math.max(line.length, first + 1));
  const from = line.length <= widestLine ? 0 : Math.max(0, Math.min(first - 40, line.length - widestLine));
  const cut = line.slice(from, from + widestLine);
  const lead = from > 0 ? "…" : "";
  const shown = `${lead}${printable(cut)}${from + widestLine < line.length ? "…" : ""}`;
  const indent = widthOf(`${lead}${line.slice(from, first)}`);
  const width = Math.max(1, widthOf(line.slice(first, Math.min(last, from + widestLine))));
  const carets = paints.accent(`${mark.repeat(width)}${label === undefined ? "" : ` ${printable(label)}`}`);
  return [
    `  ${blank}${paints.dim("-->")} ${printable(span.file)}:${start.line}:${start.column}`,
    `  ${blank} ${bar}`,
    `  ${paints.dim(gutter)} ${bar} ${shown}`,
    `  ${blank} ${bar} ${" ".repeat(indent)}${carets}`,
  ];
}

/** Text as a terminal may have it: tabs as spaces, and no control characters. */
function printable(text: string): string {
  return text.replaceAll("\t", " ".repeat(tabWidth)).replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

/** Columns on a terminal: East Asian wide characters and most emoji take two, marks that combine none. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    if (char === "\t") width += tabWidth;
    else if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(char)) width += 0;
    else if (
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]$|^[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u.test(
        char,
      )
    )
      width += 2;
    else width += 1;
  }
  return width;
}
