// The page of a code in a terminal, for `strm explain CODE`.
import type { CodePage } from "../diagnostics/code-page.ts";
import { wrap } from "../text/wrap.ts";

/** In columns. */
const width = 100;

/** Title, why, what to do, and the example; ends in a line end. Works for findings, failures and rejections alike. */
export function explainPage(
  code: string,
  page: CodePage & { readonly severity?: "error" | "warning" },
): string {
  const { title, why, fix, example, severity } = page;
  const parts = [
    `${severity === "warning" ? `${code} (a warning)` : code}: ${title}`,
    why,
    `What to do: ${fix}`,
  ];
  const shown = [
    ...(example === undefined
      ? []
      : [[example.right === undefined ? "For example:" : "Instead of:", example.wrong]]),
    ...(example?.right === undefined ? [] : [["Write:", example.right]]),
  ];
  const examples = shown.map(([label, text = ""]) => `${label}\n\n${text.replace(/^(?=.)/gm, "    ")}`);
  return `${[...parts.map((part) => wrap(part, width).join("\n")), ...examples].join("\n\n")}\n`;
}
