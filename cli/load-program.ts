// Reads a program from disk: the entry file, and what the compiler wants beside it.
import { posix, sep } from "node:path";
import { type CompileResult, compile, type LoadedFile } from "../dsl/index.ts";
import { catalog } from "./catalog.ts";
import { CommandFailure } from "./exit.ts";
import { readText } from "./read-text.ts";

export interface LoadedProgram {
  /** The path as the user gave it, with forward slashes. */
  readonly entry: string;
  readonly result: CompileResult;
  readonly textOf: (file: string) => string | undefined;
}

/** Files that several programs of one call share are read, and so parsed, once. */
const readFiles = new Map<string, LoadedFile>();

/**
 * Compiles the program of an entry file; paths in findings are relative to where the user stands, as the entry is.
 * Throws a CommandFailure where the entry itself can't be read: without it there is no place for a finding.
 */
export function loadProgram(entry: string, set: ReadonlyMap<string, string>): LoadedProgram {
  const path = posix.normalize(entry.replaceAll(sep, "/"));
  const first = load(path);
  if ("problem" in first) {
    throw new CommandFailure(`${entry} can't be read: ${first.problem}.`, "Give the path of a .strm file.");
  }
  const files = new Map<string, LoadedFile>([[path, first]]);
  const textOf = (file: string): string | undefined => {
    const loaded = files.get(file);
    return loaded !== undefined && "text" in loaded ? loaded.text : undefined;
  };
  for (;;) {
    const result = compile({ entry: path, files, set }, catalog);
    if (result.wanted.length === 0) return { entry: path, result, textOf };
    for (const file of result.wanted) files.set(file, load(file));
  }
}

function load(path: string): LoadedFile {
  const known = readFiles.get(path);
  if (known !== undefined) return known;
  const loaded = readText(path);
  readFiles.set(path, loaded);
  return loaded;
}

/** Reads `--set name=value` flags; the last one of a name counts. */
export function parseSet(flags: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    flags.map((flag): [string, string] => {
      const at = flag.indexOf("=");
      if (at < 1) {
        throw new CommandFailure(`--set ${flag} doesn't say what to set.`, "Write --set name=value.");
      }
      return [flag.slice(0, at), flag.slice(at + 1)];
    }),
  );
}
