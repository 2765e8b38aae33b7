// The signs that pictures are drawn with, for terminals that show them all and for those that show ASCII only.

export interface Glyphs {
  readonly tee: string;
  readonly corner: string;
  readonly rail: string;
  readonly gap: string;
  readonly to: string;
  readonly chosen: string;
  readonly cut: string;
  readonly line: string;
  /** From nothing to the most, each one column wide. */
  readonly bars: readonly [string, string, ...string[]];
  /** What can't be shown otherwise is shown so; undefined: all can be shown. */
  readonly unknown: string | undefined;
}

export const unicode: Glyphs = {
  tee: "├─ ",
  corner: "└─ ",
  rail: "│  ",
  gap: "   ",
  to: "→ ",
  chosen: "›",
  cut: "…",
  line: "─",
  bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  unknown: undefined,
};

export const ascii: Glyphs = {
  tee: "|- ",
  corner: "`- ",
  rail: "|  ",
  gap: "   ",
  to: "> ",
  chosen: ">",
  cut: "~",
  line: "-",
  bars: [" ", ".", ":", "-", "=", "+", "*", "#", "@"],
  unknown: "?",
};

/** A value each as a column; the largest is a full one, and what is more than nothing can be seen. */
export function sparkline(values: readonly number[], { bars }: Pick<Glyphs, "bars">): string {
  const most = Math.max(...values);
  return values
    .map((value) => bars[value > 0 ? Math.max(1, Math.round((value / most) * (bars.length - 1))) : 0] ?? "")
    .join("");
}
