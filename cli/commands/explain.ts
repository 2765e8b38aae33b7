// `strm explain`: a pipeline in plain words, or what a code means.
import {
  type CodePage,
  closest,
  diagnosticCodes,
  explainGraph,
  explainGraphText,
  explainPage,
} from "../../dsl/index.ts";
import { eventCodes, failureCodes } from "../../runner/index.ts";
import { catalog } from "../catalog.ts";
import { CommandFailure, type ExitCode, exitCodes } from "../exit.ts";
import { showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";

export interface ExplainOptions {
  readonly json?: boolean;
  readonly set: readonly string[];
}

const pages: Readonly<Record<string, CodePage>> = { ...diagnosticCodes, ...failureCodes, ...eventCodes };

export function explain(subject: string, options: ExplainOptions): ExitCode {
  const page = Object.hasOwn(pages, subject) ? pages[subject] : undefined;
  if (page !== undefined) {
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify({ code: subject, ...page }, null, 2)}\n`
        : explainPage(subject, page),
    );
    return exitCodes.ok;
  }
  if (/^[a-z]+\.[a-z-]+$/.test(subject) && !subject.endsWith(".strm")) {
    const near = closest(subject, Object.keys(pages));
    const help = near === undefined ? "The reference lists all codes." : `Did you mean ${near}?`;
    throw new CommandFailure(`There is no code ${subject}.`, help);
  }
  const program = loadProgram(subject, parseSet(options.set));
  showFindings(program);
  const { graph } = program.result;
  if (graph === undefined) return exitCodes.findings;
  const model = explainGraph(graph, catalog);
  process.stdout.write(
    options.json === true ? `${JSON.stringify(model, null, 2)}\n` : explainGraphText(model),
  );
  return exitCodes.ok;
}
