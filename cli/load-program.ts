// Reads a program from disk: the entry file, and what the compiler wants beside it.
import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { type CompileResult, compile, type LoadedFile } from "../dsl/index.ts";
import { catalog } from "./catalog.ts";
import { CommandFailure } from "./exit.ts";

/** A program or a schema that is larger was not written by a person. */
const maxFileBytes = 4 * 1_048_576;

export interface LoadedProgram {
  readonly entry: string;
  readonly result: CompileResult;
  readonly textOf: (file: string) => string | undefined;
}

/** Compiles the program of an entry file; paths in findings are as given. Throws where the entry itself can't be read. */
export function loadProgram(entry: string, set: ReadonlyMap<string, string> = new Map()): LoadedProgram {
  const path = entry.replaceAll("\\", "/");
  const first = readFile(path);
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
    for (const file of result.wanted) files.set(file, readFile(file));
  }
}

function readFile(path: string): LoadedFile {
  try {
    const { size } = statSync(path);
    if (size > maxFileBytes) return { problem: `it is larger than ${maxFileBytes / 1_048_576} MiB` };
    const bytes = readFileSync(path);
    return isUtf8(bytes) ? { text: bytes.toString("utf8") } : { problem: "it is not UTF-8 text" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      ENOTDIR: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "access is denied",
    };
    return { problem: reasons[String(code)] ?? "the operating system can't read it" };
  }
}

/** Reads `--set name=value` flags. */
export function parseSet(flags: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    flags.map((flag): [string, string] => {
      const at = flag.indexOf("=");
      if (at < 1) throw new CommandFailure(`--set ${flag} has no value.`, "Write --set name=value.");
      return [flag.slice(0, at), flag.slice(at + 1)];
    }),
  );
}
