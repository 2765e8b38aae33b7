// Rows of cells as aligned lines.

export interface Column {
  readonly align: "left" | "right";
  /** Colours a cell that has been padded already; `cell` is its text alone. */
  readonly paint?: (padded: string, cell: string) => string;
}

/** Lines without trailing blanks; `head` is the first row and painted as a whole. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  paintHead: (line: string) => string,
): string[] {
  const all = [head, ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const padded = (row: readonly string[], i: number): string => {
    const [cell, width] = [row[i] ?? "", widths[i] ?? 0];
    if (columns[i]?.align === "right") return cell.padStart(width);
    return i === columns.length - 1 ? cell : cell.padEnd(width);
  };
  return all.map((row, line) => {
    const cells = columns.map(({ paint }, i) => {
      const text = padded(row, i);
      return line === 0 || paint === undefined ? text : paint(text, row[i] ?? "");
    });
    const text = cells.join("  ").trimEnd();
    return line === 0 ? paintHead(text) : text;
  });
}
