// The signs that pictures are drawn with, each one column wide; `asciiOnly` knows a substitute for each.

export const tree = { tee: "├─ ", corner: "└─ ", rail: "│  ", gap: "   " } as const;
export const toSign = "→ ";
export const chosenSign = "›";
export const cutSign = "…";
/** From nothing to the most. */
const bars = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** A value each as a column; the largest is a full one, and what is more than nothing can be seen. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values
    .map((value) => bars[value > 0 ? Math.max(1, Math.round((value / most) * (bars.length - 1))) : 0] ?? "")
    .join("");
}
