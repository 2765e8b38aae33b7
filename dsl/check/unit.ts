// The files of a program: parsed, with their imports followed, each once.
import { basename, dirname, isAbsolute, join, normalize, relative } from "node:path/posix";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import type { ImportStatement, SourceUnit, StringValue } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { closest } from "../text/closest.ts";
import type { Span } from "../text/span.ts";

/** A file as its loader found it: its text, or why there is none (in words, for the diagnostic). */
export type LoadedFile = { readonly text: string } | { readonly problem: string };

/** One parsed file. */
export interface Unit {
  readonly file: string;
  readonly text: string;
  readonly tree: SourceUnit;
  readonly syntaxErrors: readonly Diagnostic[];
  /** What each of its imports leads to; those that couldn't be followed are missing. */
  readonly imports: ReadonlyMap<ImportStatement, string>;
}

export interface Units {
  /** Imported files stand before those that import them; the entry is the last. */
  readonly all: readonly Unit[];
  readonly entry: Unit | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly wanted: readonly string[];
  /** False where an import couldn't be followed: what it would bring in is not known then. */
  readonly whole: boolean;
}

interface Walk {
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly done: Map<string, Unit>;
  readonly trail: string[];
  readonly diagnostics: Diagnostic[];
  readonly wanted: Set<string>;
  whole: boolean;
}

/** Parses the entry and everything it imports. */
export function loadUnits(entry: string, files: ReadonlyMap<string, LoadedFile>): Units {
  const walk: Walk = { files, done: new Map(), trail: [], diagnostics: [], wanted: new Set(), whole: true };
  visit(entry, { file: entry, start: 0, end: 0 }, walk);
  const all = [...walk.done.values()];
  return {
    all,
    entry: walk.done.get(entry),
    diagnostics: walk.diagnostics,
    wanted: [...walk.wanted],
    whole: walk.whole,
  };
}

/** The path of a file that `from` names, as a key of the program's files. */
export function resolveFile(from: string, path: string): string {
  return normalize(isAbsolute(path) ? path : join(dirname(from), path));
}

/** A path written in `from`, relative to the folder of `entry`; a path of the entry itself stays as it is. */
export function rebasePath(from: string, entry: string, path: string): string {
  if (isAbsolute(path) || dirname(from) === dirname(entry)) return path;
  return relative(dirname(entry), join(dirname(from), path));
}

/** What the parser could make nothing of: the text between statements, and the lines with errors. Empty for a sound file. */
export function lostText({ text, tree, syntaxErrors }: Unit): string {
  if (syntaxErrors.length === 0) return "";
  const pieces: string[] = [];
  let end = 0;
  for (const { span } of tree.statements) {
    pieces.push(text.slice(end, span.start));
    end = Math.max(end, span.end);
  }
  pieces.push(text.slice(end));
  for (const { span } of syntaxErrors) {
    const lineEnd = text.indexOf("\n", span.start);
    const lineStart = text.lastIndexOf("\n", Math.max(0, span.start - 1)) + 1;
    pieces.push(text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd));
  }
  return pieces.join("\n");
}

/** A string without params; undefined where it has some. */
export function plainText(value: StringValue): string | undefined {
  let text = "";
  for (const part of value.parts) {
    if (part.kind !== "text") return undefined;
    text += part.text;
  }
  return text;
}

function visit(file: string, namedAt: Span, walk: Walk): void {
  if (walk.done.has(file)) return;
  const loaded = walk.files.get(file);
  if (loaded === undefined) {
    walk.wanted.add(file);
  } else if ("problem" in loaded) {
    walk.whole = false;
    walk.diagnostics.push(notFound(file, namedAt, loaded.problem, walk.files));
  } else {
    const parsed = parseOnce(file, loaded);
    const imports = new Map<ImportStatement, string>();
    walk.trail.push(file);
    for (const statement of parsed.tree.statements) {
      if (statement.kind === "import") follow(file, statement, imports, walk);
    }
    walk.trail.pop();
    walk.done.set(file, { ...parsed, imports });
    walk.diagnostics.push(...parsed.syntaxErrors);
  }
}

function follow(
  file: string,
  statement: ImportStatement,
  imports: Map<ImportStatement, string>,
  walk: Walk,
): void {
  const { path } = statement;
  const text = plainText(path);
  const report = (report: Diagnostic): void => void walk.diagnostics.push(report);
  if (text === undefined) {
    walk.whole = false;
    const message = "The path of an import can't contain a param.";
    const help = "Write the path in full: params may come from imports themselves.";
    report(diagnostic("import.param-in-path", path.span, message, { label: "not known yet", help }));
    return;
  }
  const target = resolveFile(file, text);
  const earlier = [...imports].find(([, other]) => other === target)?.[0];
  if (earlier !== undefined) {
    const related = [{ span: earlier.path.span, message: "first imported here" }];
    const message = `\`${text}\` is imported twice.`;
    report(
      diagnostic("import.duplicate", path.span, message, {
        label: "again",
        help: "Remove this line.",
        related,
      }),
    );
  } else if (walk.trail.includes(target)) {
    report(cycle(path.span, walk.trail.slice(walk.trail.indexOf(target))));
  } else {
    imports.set(statement, target);
    visit(target, path.span, walk);
  }
}

function cycle(span: Span, circle: readonly string[]): Diagnostic {
  const names = [...circle, circle[0] ?? ""].map((file) => `\`${basename(file)}\``);
  const message =
    circle.length === 1 ? "The file imports itself." : `Files import each other: ${names.join(" → ")}.`;
  const help =
    circle.length === 1
      ? "Remove this line."
      : "Move what both need into a third file, and let both import that one.";
  return diagnostic("import.cycle", span, message, { label: "closes the circle", help });
}

function notFound(
  file: string,
  span: Span,
  problem: string,
  files: ReadonlyMap<string, LoadedFile>,
): Diagnostic {
  const near = closest(
    file,
    [...files].flatMap(([path, loaded]) => ("text" in loaded ? [path] : [])),
  );
  // The entry itself is named by nobody in the program.
  const fromWhere = span.file === file ? "" : " It is relative to the file that imports.";
  const help =
    near === undefined ? `Check the path.${fromWhere}` : `Did you mean \`${basename(near)}\`?${fromWhere}`;
  return diagnostic("import.not-found", span, `\`${file}\` can't be read: ${problem}.`, {
    label: "can't be read",
    help,
  });
}

type Parsed = Pick<Unit, "file" | "text" | "tree" | "syntaxErrors">;

/** Compiling is repeated while files are fetched; a file that is there already is parsed only once. */
const parsedFiles = new WeakMap<LoadedFile, Parsed>();

function parseOnce(file: string, loaded: { readonly text: string }): Parsed {
  const before = parsedFiles.get(loaded);
  if (before?.file === file) return before;
  const { unit, diagnostics } = parse(file, loaded.text);
  const parsed = { file, text: loaded.text, tree: unit, syntaxErrors: diagnostics };
  parsedFiles.set(loaded, parsed);
  return parsed;
}
