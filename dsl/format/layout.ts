// Puts items and the comments between them onto lines.
import type { Range, Source } from "./source.ts";

/** Something that stands on lines of its own; the lines are not indented. */
export interface Item {
  readonly span: Range;
  readonly lines: readonly string[];
}

/** The lines of a block or a file: items in their order, comments where they stood, single blank lines kept. */
export function layout(items: readonly Item[], within: Range, source: Source): string[] {
  const lines: string[] = [];
  let at = within.start;
  const gap = (to: number) => {
    if (lines.length > 0 && source.newLines(at, to) > 1) lines.push("");
  };
  const comments = (to: number, beforeItem: boolean) => {
    for (const comment of source.commentsIn({ start: at, end: to })) {
      const trailing = lines.length > 0 && source.onOneLine(at, comment.span.start) && at > within.start;
      if (trailing) {
        lines.push(`${lines.pop() ?? ""} ${comment.text.trimEnd()}`);
      } else {
        gap(comment.span.start);
        // One element: the further lines of a comment keep their own indentation.
        lines.push(comment.text.trimEnd());
      }
      at = comment.span.end;
    }
    if (beforeItem) gap(to);
  };
  for (const item of items) {
    comments(item.span.start, true);
    lines.push(...item.lines);
    at = item.span.end;
  }
  comments(within.end, false);
  return lines;
}

/** Joins the two halves of each entry in columns, anew after each gap, comment, or value of several lines. */
export function aligned(
  entries: readonly { readonly span: Range }[],
  texts: readonly (readonly [string, string])[],
  between: string,
  source: Source,
): readonly string[] {
  const result: string[] = [];
  let from = 0;
  for (let to = 1; to <= entries.length; to++) {
    const before = entries[to - 1];
    const next = entries[to];
    const together =
      before !== undefined &&
      next !== undefined &&
      source.newLines(before.span.end, next.span.start) < 2 &&
      !source
        .commentsIn({ start: before.span.end, end: next.span.start })
        .some(({ span }) => !source.onOneLine(before.span.end, span.start));
    if (together) continue;
    const group = texts.slice(from, to);
    const width = Math.max(0, ...group.map(([left, right]) => (right === "" ? 0 : left.length)));
    result.push(
      ...group.map(([left, right]) => (right === "" ? left : `${left.padEnd(width)}${between}${right}`)),
    );
    from = to;
  }
  return result;
}
