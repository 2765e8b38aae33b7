// Runs the compiler's phases in order over texts and a catalog; never throws on bad input.
import { check } from "./check/check.ts";
import { makeContext } from "./check/context.ts";
import { schemaFileOf } from "./check/contract-schema.ts";
import { type LoadedFile, loadUnits } from "./check/unit.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { finishGraph } from "./graph/canonical.ts";
import type { JobGraph } from "./graph/job-graph.ts";
import type { Catalog } from "./spec/connector-spec.ts";

export type { LoadedFile } from "./check/unit.ts";

export interface Program {
  /** Path of the entry file, a key of `files`; imports and schemas are named relative to the file that names them. */
  readonly entry: string;
  /** Every file at hand, by normalised path with forward slashes. */
  readonly files: ReadonlyMap<string, LoadedFile>;
  /** Overrides of `param` statements, as written on the command line. */
  readonly set?: ReadonlyMap<string, string>;
}

export interface CompileResult {
  /** In the order of files and places. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where a diagnostic is an error, or files are wanted. */
  readonly graph?: JobGraph;
  /** Files that the program names and `files` lacks: load them and compile again. */
  readonly wanted: readonly string[];
}

/**
 * Checks a program and makes its job graph. Pure: the same texts and catalog give the same result.
 *
 * @example
 * let result = compile({ entry, files }, catalog);
 * while (result.wanted.length > 0) {
 *   for (const path of result.wanted) files.set(path, await load(path));
 *   result = compile({ entry, files }, catalog);
 * }
 */
export function compile({ entry, files, set = new Map() }: Program, catalog: Catalog): CompileResult {
  const units = loadUnits(entry, files);
  const order = [entry, ...units.all.map(({ file }) => file)];
  if (units.entry === undefined || units.wanted.length > 0) {
    return { diagnostics: inOrder(units.diagnostics, order), wanted: units.wanted };
  }
  const diagnostics: Diagnostic[] = [...units.diagnostics];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const context = makeContext({
    catalog,
    files,
    units: units.all,
    entry: units.entry,
    set,
    whole: units.whole,
    report,
  });
  const wanted = new Set<string>();
  for (const declaration of context.names.all()) {
    const file = declaration.kind === "contract" ? schemaFileOf(declaration, context) : undefined;
    if (file !== undefined && !files.has(file)) wanted.add(file);
  }
  if (wanted.size > 0) return { diagnostics: inOrder(diagnostics, order), wanted: [...wanted] };
  const graph = check(context);
  const sorted = inOrder(diagnostics, order);
  const valid = sorted.every(({ severity }) => severity !== "error");
  return { diagnostics: sorted, wanted: [], ...(valid ? { graph: finishGraph(graph) } : {}) };
}

/** By file (the entry first), then by place; what says the same of the same place stands there once. */
function inOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const rank = new Map([...files].reverse().map((file, at) => [file, files.length - at]));
  const rankOf = ({ span }: Diagnostic): number => rank.get(span.file) ?? files.length + 1;
  const sorted = diagnostics.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
  const seen = new Set<string>();
  return sorted.filter(({ code, span, message }) => {
    const key = JSON.stringify([code, span.file, span.start, span.end, message]);
    return !seen.has(key) && seen.add(key);
  });
}
