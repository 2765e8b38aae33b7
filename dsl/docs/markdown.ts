// The few forms of Markdown that the reference is made of.

/** A table; cells may hold Markdown, but no new lines. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** A bar would end the cell, also inside a code span. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** A block of code; the fence is longer than any in the text. */
export function block(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Blocks with an empty line between them, and one line end behind the last. */
export function page(...parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined && part !== "").join("\n\n")}\n`;
}

/** Says who wrote the page, so that nobody edits it by hand. */
export const generatedNote = "<!-- Made by `npm run docs` from the code. Edit that, not this. -->";
