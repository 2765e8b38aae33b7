// `strm explain`: a pipeline in plain words, how a run executes it, or what a code means.
import { existsSync } from "node:fs";
import {
  type CodePage,
  closest,
  diagnosticCodes,
  explainGraph,
  explainGraphText,
  explainPage,
} from "../../dsl/index.ts";
import { eventCodes, explainPlan, failureCodes } from "../../runner/index.ts";
import { catalog } from "../catalog.ts";
import { CommandFailure, type ExitCode, exitCodes } from "../exit.ts";
import { commandFailureCodes } from "../failure-codes.ts";
import { showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";
import { planReport } from "../output/plan-report.ts";
import { styleOf } from "../terminal.ts";

export interface ExplainOptions {
  /** The physical plan instead of who can read what. */
  readonly plan?: boolean;
  readonly json?: boolean;
  readonly set?: readonly string[];
}

const pages: Readonly<Record<string, CodePage>> = {
  ...diagnosticCodes,
  ...failureCodes,
  ...commandFailureCodes,
  ...eventCodes,
};

export async function explain(subject: string, options: ExplainOptions): Promise<ExitCode> {
  // Codes are shown in brackets, and copied with them.
  const code = subject.replace(/^(?:error|warning)?\[(.*)\]:?$/, "$1");
  const page = Object.hasOwn(pages, code) ? pages[code] : undefined;
  if (page !== undefined) {
    if (options.plan === true) throw planOfCode(code);
    print(options, { code, ...page }, () => explainPage(code, page));
    return exitCodes.ok;
  }
  if (/^[\w-]+(\.[\w-]+)?$/.test(code) && !code.endsWith(".strm") && !existsSync(subject))
    throw unknown(code);
  const program = loadProgram(subject, parseSet(options.set));
  showFindings([program]);
  const { graph } = program.result;
  if (graph === undefined) return exitCodes.findings;
  if (options.plan === true) {
    const planned = await explainPlan(graph);
    print(options, planned, () => `${planReport(planned, styleOf(process.stdout)).join("\n")}\n`);
    return exitCodes.ok;
  }
  const explanation = explainGraph(graph, catalog);
  print(options, explanation, () => explainGraphText(explanation));
  return exitCodes.ok;
}

function print({ json }: ExplainOptions, data: object, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(data, null, 2)}\n` : text());
}

function planOfCode(code: string): CommandFailure {
  return new CommandFailure(
    `--plan explains a program, and ${code} is a code.`,
    "Give the path of a .strm file, or leave out --plan to read what the code means.",
  );
}

function unknown(code: string): CommandFailure {
  const codes = Object.keys(pages);
  const near = closest(code, codes);
  const related = codes.filter((one) => one.startsWith(`${code.split(".")[0]}.`));
  const all = related.length > 0 ? `There are ${related.join(", ")}.` : "Codes look like flow.raw-sink.";
  return new CommandFailure(
    `There is no code ${code}, and no such file.`,
    near === undefined ? all : `Did you mean ${near}?`,
  );
}
