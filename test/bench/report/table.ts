// A table as text: names and words to the left, figures to the right.

/** The first `words` columns hold words. */
export function table(words: number, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const cell = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column < words ? text.padEnd(width) : text.padStart(width);
  };
  return `${all.map((row) => row.map(cell).join("  ").trimEnd()).join("\n")}\n`;
}
