// What a program declares and never uses. Nothing is said of imported files: they serve other programs too.
import { basename } from "node:path/posix";
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Statement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { type Declaration, isStream, type StreamStatement } from "./names.ts";

export function checkUnused(context: Context): void {
  const { entry, units, names } = context;
  // What couldn't be read may be what uses it. And a file without streams is made to be imported.
  if (units.some((unit) => unit.syntaxErrors.length > 0)) return;
  const consumed = consumedStreams(entry.tree.statements, context);
  let hasStreams = false;
  for (const declaration of names.all()) {
    if (!isStream(declaration)) continue;
    hasStreams = true;
    if (!consumed.has(declaration) && !names.hasUnresolved("source")) report(declaration, context);
  }
  if (!hasStreams) return;
  for (const declaration of names.all()) {
    const here = declaration.span.file === entry.file;
    if (!here || isStream(declaration) || names.isUsed(declaration)) continue;
    // A name that could not be resolved may have meant this one.
    if (!names.hasUnresolved(declaration.kind)) report(declaration, context);
  }
  checkImports(context);
}

const advice = {
  contract: "Name it in a source, or remove it.",
  keys: "Name it in the option `keys` of an encrypt, or remove it.",
  param: "Use it as the value of an option or inside a text, or remove it.",
} as const;

function report(declaration: Declaration, context: Context): void {
  const { name } = declaration;
  if (isStream(declaration)) {
    const message = `Nothing reads the stream \`${name.text}\`.`;
    const help = `Add a sink: sink ${name.text} into CONNECTOR. Or remove the statement.`;
    context.report(
      diagnostic("unused.stream", name.span, message, { label: "its events are dropped", help }),
    );
    return;
  }
  const { kind } = declaration;
  const noun = kind === "keys" ? "key store" : kind;
  const message = `Nothing uses the ${noun} \`${name.text}\`.`;
  context.report(
    diagnostic(`unused.${kind}`, name.span, message, { label: "never used", help: advice[kind] }),
  );
}

/** Streams whose events some statement takes; side streams are not events. */
function consumedStreams(statements: readonly Statement[], context: Context): ReadonlySet<StreamStatement> {
  const consumed = new Set<StreamStatement>();
  const note = (name: string): void => {
    const declaration = context.names.get(name);
    if (declaration !== undefined && isStream(declaration)) consumed.add(declaration);
  };
  for (const statement of statements) {
    if (statement.kind === "encrypt" || statement.kind === "decrypt") note(statement.from.text);
    if (statement.kind === "sink" && statement.stream.side === undefined) note(statement.stream.name.text);
  }
  return consumed;
}

function checkImports(context: Context): void {
  const { entry, units, names, purposes } = context;
  const usedFiles = new Set<string>();
  for (const declaration of names.all()) if (names.isUsed(declaration)) usedFiles.add(declaration.span.file);
  const byFile = new Map(units.map((unit) => [unit.file, unit]));
  const serves = (file: string): boolean => {
    const unit = byFile.get(file);
    if (unit === undefined || usedFiles.has(file) || purposes.isUsedOf(file)) return true;
    return [...unit.imports.values()].some(serves);
  };
  for (const [statement, file] of entry.imports) {
    if (serves(file)) continue;
    const message = `Nothing of \`${basename(file)}\` is used here.`;
    const extra = { label: "brings in nothing", help: "Remove the import." };
    context.report(diagnostic("unused.import", statement.path.span, message, extra));
  }
}
