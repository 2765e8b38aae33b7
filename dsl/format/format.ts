// The formatter: one way to write a program, with every comment kept. It has no options.
//
// Two spaces of indentation; one entry a line, but for a block that was begun on one line and fits into 100 columns; `=`, annotations
// and the parts of neighbouring sinks stand in columns; at most one blank line. Numbers, texts and units keep their spelling.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Statement } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { contractLines } from "./contract.ts";
import { aligned, type Item, layout } from "./layout.ts";
import { Source } from "./source.ts";
import { entryText, valueText } from "./values.ts";

/** Formats a program; one with syntax errors is left alone, and its errors come back. */
export function format(
  file: string,
  text: string,
): { readonly text: string } | { readonly diagnostics: readonly Diagnostic[] } {
  const { unit, diagnostics, comments } = parse(file, text);
  if (diagnostics.length > 0) return { diagnostics };
  const source = new Source(text, comments);
  const items = unit.statements.map(
    (statement): Item => ({ span: statement.span, lines: statementLines(statement, source) }),
  );
  const lines = layout(alignSinks(unit.statements, items, source), { start: 0, end: text.length }, source);
  return { text: lines.length === 0 ? "" : `${lines.join("\n")}\n` };
}

const pad = "  ";
const widest = 100;

/** A statement's lines, without indentation. */
function statementLines(statement: Statement, source: Source): readonly string[] {
  const head = headText(statement, source);
  const inHead = { start: statement.span.start, end: statement.block?.start ?? statement.span.end };
  // A comment within the head has no better place than where it is.
  if (source.hasComment(inHead)) return source.verbatim(statement.span);
  const { block } = statement;
  if (block === undefined) return [head];
  const inner = { start: block.start + 1, end: block.end - 1 };
  if (statement.kind === "contract") {
    const lines = contractLines(statement, inner, source);
    return lines.length === 0 ? [`${head} {}`] : [`${head} {`, ...indent(lines), "}"];
  }
  if (statement.kind === "import" || statement.kind === "param") return [head];
  const entries = statement.kind === "purposes" ? statement.entries : statement.options;
  const [first] = entries;
  if (first === undefined && !source.hasComment(inner))
    return statement.kind === "purposes" ? [`${head} {}`] : [head];
  const texts = entries.map((entry) => entryText(entry, source));
  const line = `${head} { ${texts.map(([name, value]) => `${name} = ${value}`).join(", ")} }`;
  const begun =
    first !== undefined && source.onOneLine(block.start, first.span.start) && !source.hasComment(inner);
  if (begun && line.length <= widest && !line.includes("\n")) return [line];
  const columns = aligned(entries, texts, " = ", source);
  const items = entries.map(
    (entry, i): Item => ({
      span: entry.span,
      lines: source.hasComment(entry.span) ? source.verbatim(entry.span) : (columns[i] ?? "").split("\n"),
    }),
  );
  return [`${head} {`, ...indent(layout(items, inner, source)), "}"];
}

/** Indents each element; those of several lines (comments, what is left as it was) only at their first one. */
function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `${pad}${line}`));
}

function headText(statement: Statement, source: Source): string {
  switch (statement.kind) {
    case "import":
      return `import ${source.text(statement.path.span)}`;
    case "param":
      return `param ${statement.name.text} = ${valueText(statement.value, source)}`;
    case "purposes":
      return "purposes";
    case "contract": {
      const from = statement.from === undefined ? "" : ` from ${source.text(statement.from.span)}`;
      return `contract ${statement.name.text} as ${source.text(statement.ref.span)}${from}`;
    }
    case "keys":
      return `keys ${statement.name.text} in ${statement.store.text}`;
    case "source":
      return `source ${statement.name.text} of ${statement.sealed ? "sealed " : ""}${statement.contract.text} from ${statement.connector.text}`;
    case "encrypt":
      return `encrypt ${statement.from.text} into ${statement.name.text}`;
    case "decrypt": {
      const purposes = statement.purposes.map((purpose) => valueText(purpose, source)).join(", ");
      return `decrypt ${statement.from.text} into ${statement.name.text} for ${statement.mode.text}(${purposes})`;
    }
    case "sink":
      return `${sinkParts(statement).join(" ")}`;
  }
}

function sinkParts(statement: Extract<Statement, { kind: "sink" }>): readonly [string, string] {
  const { name, side } = statement.stream;
  return [
    `sink ${name.text}${side === undefined ? "" : `.${side.text}`}`,
    `into ${statement.connector.text}`,
  ];
}

/** Sinks of one line each that follow each other closely share their columns. */
function alignSinks(
  statements: readonly Statement[],
  items: readonly Item[],
  source: Source,
): readonly Item[] {
  const result = [...items];
  for (let from = 0; from < statements.length; from++) {
    let to = from;
    while (isLine(statements[to], items[to]) && (to === from || close(items[to - 1], items[to], source)))
      to++;
    if (to - from < 2) continue;
    const run = statements.slice(from, to).filter((statement) => statement.kind === "sink");
    const names = Math.max(...run.map((sink) => sinkParts(sink)[0].length));
    const connectors = Math.max(...run.map((sink) => sinkParts(sink)[1].length));
    run.forEach((sink, i) => {
      const item = items[from + i];
      const [line = ""] = item?.lines ?? [];
      const [name, connector] = sinkParts(sink);
      const rest = line.slice(`${name} ${connector}`.length);
      const padded = rest === "" ? connector : connector.padEnd(connectors);
      if (item !== undefined)
        result[from + i] = { span: item.span, lines: [`${name.padEnd(names)} ${padded}${rest}`] };
    });
    from = to - 1;
  }
  return result;
}

function isLine(statement: Statement | undefined, item: Item | undefined): boolean {
  return (
    statement?.kind === "sink" &&
    item?.lines.length === 1 &&
    (item.lines[0] ?? "").startsWith(sinkParts(statement).join(" "))
  );
}

function close(before: Item | undefined, after: Item | undefined, source: Source): boolean {
  return before !== undefined && after !== undefined && source.areNeighbours(before.span, after.span);
}
