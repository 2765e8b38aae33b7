// Numbers as people read them, and aligned columns.

/** `12,345` */
export const count = (value: number): string => value.toLocaleString("en-US");

/** `1.2 MB`, in thousands. */
export function bytes(value: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `0.4 s`, `2 min 5 s`, `3 h 4 min` */
export function duration(valueMs: number): string {
  const seconds = valueMs / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rows as lines; the first column and texts are set left, numbers right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? "").length)),
  );
  const numeric = widths.map((_, i) => rows.some((row) => /^[\d,.]+( \w+)?$/.test(row[i] ?? "")));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i > 0 && numeric[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
