// All pages of the reference, made of the catalog and the tables of codes.
import type { Catalog } from "../spec/connector-spec.ts";
import { type CodeTable, codesPage } from "./code-pages.ts";
import { connectorPage, keyStoresPage } from "./connector-pages.ts";
import { languagePage } from "./language-page.ts";
import { code, generatedNote, page, table } from "./markdown.ts";

export interface ReferencePage {
  /** Relative to the reference's folder, with forward slashes. */
  readonly path: string;
  /** Markdown. */
  readonly text: string;
}

/** A page about something that the language does not know, such as commands. */
export interface FurtherPage {
  readonly path: string;
  readonly title: string;
  /** One line for the index. */
  readonly intro: string;
  readonly sections: readonly FurtherSection[];
}

export interface FurtherSection {
  readonly title: string;
  /** Paragraphs in Markdown. */
  readonly text: readonly string[];
  /** A table: what it is about, and its meaning. */
  readonly rows: readonly (readonly [string, string])[];
}

/**
 * The reference, complete: a page that isn't in the list is stale. Pure: the same catalog and codes give the same texts.
 *
 * @example
 * for (const { path, text } of referencePages(catalog, codeTables, [])) await writeFile(join("docs/reference", path), text);
 */
export function referencePages(
  catalog: Catalog,
  codeTables: readonly CodeTable[],
  further: readonly FurtherPage[],
): readonly ReferencePage[] {
  return [
    { path: "README.md", text: indexPage(catalog, codeTables, further) },
    ...further.map((each) => ({ path: each.path, text: furtherPage(each) })),
    { path: "language.md", text: languagePage() },
    { path: "key-stores.md", text: keyStoresPage(catalog) },
    ...catalog.connectors.map((spec) => ({
      path: `connectors/${spec.name}.md`,
      text: connectorPage(spec, catalog),
    })),
    ...codeTables.map((codes) => ({ path: `codes/${codes.name}.md`, text: codesPage(codes) })),
  ];
}

function furtherPage({ title, intro, sections }: FurtherPage): string {
  const parts = sections.flatMap((section) => [
    `## ${section.title}`,
    ...section.text,
    ...(section.rows.length === 0 ? [] : [table(["", ""], section.rows)]),
  ]);
  return page(generatedNote, `# ${title}`, intro, ...parts);
}

function indexPage(
  catalog: Catalog,
  codeTables: readonly CodeTable[],
  further: readonly FurtherPage[],
): string {
  return page(
    generatedNote,
    "# Reference",
    [
      "- [The language](language.md): statements, contract fields, values",
      "- [Key stores](key-stores.md): where data keys live",
      ...further.map(({ path, title, intro }) => `- [${title}](${path}): ${intro}`),
    ].join("\n"),
    "## Connectors",
    table(
      ["connector", "source", "sink", ""],
      catalog.connectors.map(({ name, source, sink, summary }) => [
        `[${code(name)}](connectors/${name}.md)`,
        source === undefined ? "" : "yes",
        sink === undefined ? "" : "yes",
        summary,
      ]),
    ),
    "## Codes",
    "Each error has a stable code. `strm explain CODE` shows its page.",
    codeTables.map(({ name, title, intro }) => `- [${title}](codes/${name}.md): ${intro}`).join("\n"),
  );
}
