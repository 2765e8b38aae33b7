// `strm graph`: the job graph of a program.
import { graphDot, graphMermaid, graphText, type JobGraph } from "../../dsl/index.ts";
import type { GraphFormat } from "../choices.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";

export interface GraphOptions {
  readonly format: GraphFormat;
  readonly set?: readonly string[];
}

export function graph(file: string, options: GraphOptions): ExitCode {
  const program = loadProgram(file, parseSet(options.set));
  showFindings([program]);
  const made = program.result.graph;
  if (made === undefined) return exitCodes.findings;
  process.stdout.write(printers[options.format](made));
  return exitCodes.ok;
}

const printers: Readonly<Record<GraphFormat, (made: JobGraph) => string>> = {
  text: graphText,
  mermaid: graphMermaid,
  dot: graphDot,
  json: (made) => `${JSON.stringify(made, null, 2)}\n`,
};
