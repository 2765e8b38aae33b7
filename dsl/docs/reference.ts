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

/**
 * The reference, complete: a page that isn't in the list is stale. Pure: the same catalog and codes give the same texts.
 *
 * @example
 * for (const { path, text } of referencePages(catalog, codeTables)) await writeFile(join("docs/reference", path), text);
 */
export function referencePages(catalog: Catalog, codeTables: readonly CodeTable[]): readonly ReferencePage[] {
  return [
    { path: "README.md", text: indexPage(catalog, codeTables) },
    { path: "language.md", text: languagePage() },
    { path: "key-stores.md", text: keyStoresPage(catalog) },
    ...catalog.connectors.map((spec) => ({
      path: `connectors/${spec.name}.md`,
      text: connectorPage(spec, catalog),
    })),
    ...codeTables.map((codes) => ({ path: `codes/${codes.name}.md`, text: codesPage(codes) })),
  ];
}

function indexPage(catalog: Catalog, codeTables: readonly CodeTable[]): string {
  return page(
    generatedNote,
    "# Reference",
    "- [The language](language.md): statements, contract fields, values\n- [Key stores](key-stores.md): where data keys live",
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
