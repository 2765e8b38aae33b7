// Runs the compiler's phases in order over texts and a catalog; never throws on bad input.
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { JobGraph } from "./graph/job-graph.ts";
import type { Catalog } from "./spec/connector-spec.ts";

/** A file as its loader found it: its text, or why there is none (in words, for the diagnostic). */
export type LoadedFile = { readonly text: string } | { readonly problem: string };

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

export declare function compile(program: Program, catalog: Catalog): CompileResult;
