// `strm graph`: the job graph of a program.
import { graphDot, graphMermaid, graphText } from "../../dsl/index.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";

export interface GraphOptions {
  readonly format: "text" | "mermaid" | "dot" | "json";
  readonly set: readonly string[];
}

export function graph(file: string, options: GraphOptions): ExitCode {
  const program = loadProgram(file, parseSet(options.set));
  showFindings(program);
  const made = program.result.graph;
  if (made === undefined) return exitCodes.findings;
  const printers = {
    text: () => graphText(made),
    mermaid: () => graphMermaid(made),
    dot: () => graphDot(made),
    json: () => `${JSON.stringify(made, null, 2)}\n`,
  } as const;
  process.stdout.write(printers[options.format]());
  return exitCodes.ok;
}
