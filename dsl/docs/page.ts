// The page of a code, for `strm explain CODE` and for the reference.
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

/** The same in Markdown, one section. */
export function pageMarkdown(code: string, page: CodePage): string {
  const block = (text: string) => `\`\`\`\n${text}\n\`\`\``;
  const parts = [`### ${code}`, `**${page.title}.** ${page.why}`, page.fix];
  if (page.example !== undefined) {
    const { wrong, right } = page.example;
    parts.push(block(wrong));
    if (right !== undefined) parts.push("Better:", block(right));
  }
  return `${parts.join("\n\n")}\n`;
}
