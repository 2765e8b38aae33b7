// Compiles a program of a folder with the test catalog, as a loader would: what is wanted is read, then again.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CompileResult, compile, type LoadedFile } from "../../dsl/compile.ts";
import { testCatalog } from "./catalog.ts";

export interface Compiled extends CompileResult {
  readonly files: ReadonlyMap<string, LoadedFile>;
}

/** `entry` and everything it names is relative to `folder`. */
export function compileFile(
  folder: string,
  entry: string,
  set: ReadonlyMap<string, string> = new Map(),
): Compiled {
  const files = new Map<string, LoadedFile>();
  for (let round = 0; round < 20; round++) {
    const result = compile({ entry, files, set }, testCatalog);
    if (result.wanted.length === 0) return { ...result, files };
    for (const path of result.wanted) files.set(path, load(join(folder, path)));
  }
  throw new Error(`${entry} wants files without end`);
}

/** Compiles texts that stand nowhere; a file that is not among them does not exist. */
export function compileTexts(
  texts: Readonly<Record<string, string>>,
  set?: ReadonlyMap<string, string>,
): CompileResult {
  const files = new Map<string, LoadedFile>(Object.entries(texts).map(([path, text]) => [path, { text }]));
  const entry = Object.keys(texts)[0]!;
  const program = { entry, files, ...(set === undefined ? {} : { set }) };
  const { wanted, ...result } = compile(program, testCatalog);
  if (wanted.length === 0) return { wanted, ...result };
  for (const path of wanted) files.set(path, { problem: "there is no such file" });
  return compile(program, testCatalog);
}

function load(path: string): LoadedFile {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch {
    return { problem: "there is no such file" };
  }
}
