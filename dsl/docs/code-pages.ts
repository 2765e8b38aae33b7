// The reference pages of codes: findings of the compiler, failures of a run, rejections of events.
import type { CodePage } from "../diagnostics/code-page.ts";
import { block, generatedNote, page, table } from "./markdown.ts";

/** The codes of one kind, with what they have in common. */
export interface CodeTable {
  /** Name of the page: `findings`. */
  readonly name: string;
  readonly title: string;
  /** One paragraph: where these codes come from and what they stop. */
  readonly intro: string;
  readonly codes: Readonly<Record<string, CodePage & { readonly severity?: "error" | "warning" }>>;
}

/** A list of all codes of the table, then a section for each. */
export function codesPage({ title, intro, codes }: CodeTable): string {
  const entries = Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1));
  const list = table(
    ["code", "meaning"],
    entries.map(([name, { title }]) => [`[\`${name}\`](#${anchor(name)})`, title]),
  );
  return page(generatedNote, `# ${title}`, intro, list, ...entries.map(section));
}

function section([name, { title, severity, why, fix, example }]: [
  string,
  CodeTable["codes"][string],
]): string {
  return page(
    `## ${name}`,
    `**${title}.**${severity === "warning" ? " A warning: the pipeline runs nevertheless." : ""} ${why}`,
    `**What to do.** ${fix}`,
    example && block(example.wrong, languageOf(example.wrong)),
    example?.right === undefined
      ? undefined
      : page("Put right:", block(example.right, languageOf(example.right))).trimEnd(),
  ).trimEnd();
}

/** How GitHub makes an anchor of a heading: dots fall away. */
function anchor(name: string): string {
  return name.toLowerCase().replaceAll(".", "");
}

function languageOf(text: string): string {
  if (/^\s*["{[]/.test(text)) return "json";
  if (/^\d/.test(text)) return "csv";
  return /^(?:[A-Z_]+=\S+ )?strm |^npm /.test(text) ? "sh" : "strm";
}
