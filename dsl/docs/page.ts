// The page of a code in a terminal, for `strm explain CODE`.
import type { CodePage } from "../diagnostics/code-page.ts";

/** For a terminal: title, why, what to do, and the example. */
export function explainPage(code: string, page: CodePage): string {
  const indent = (text: string) => text.replace(/^/gm, "    ");
  const parts = [`${code}: ${page.title}`, page.why, `What to do: ${page.fix}`];
  if (page.example !== undefined) {
    const { wrong, right } = page.example;
    parts.push(right === undefined ? `Such as:\n${indent(wrong)}` : `Instead of:\n${indent(wrong)}`);
    if (right !== undefined) parts.push(`Write:\n${indent(right)}`);
  }
  return `${parts.join("\n\n")}\n`;
}
