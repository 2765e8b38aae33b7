// `strm run`: executes a pipeline and shows what happens.
import { dirname, resolve } from "node:path";
import type { JobGraph } from "../../dsl/index.ts";
import { type Finished, type RunEvent, run as runGraph } from "../../runner/index.ts";
import type { OutputForm } from "../choices.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { countFindings, inWords, showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";
import { JsonOutput } from "../output/json.ts";
import { TextOutput } from "../output/text.ts";
import { onStopSignals } from "../signals.ts";
import { drawsOn } from "../terminal.ts";

export interface RunCommandOptions {
  readonly set?: readonly string[];
  readonly state?: string;
  readonly output: OutputForm;
}

export async function run(file: string, options: RunCommandOptions): Promise<ExitCode> {
  const program = loadProgram(file, parseSet(options.set));
  showFindings([program]);
  const { graph } = program.result;
  if (graph === undefined) {
    process.stderr.write(`${program.entry}: ${inWords(countFindings([program]))}; nothing was run\n`);
    return exitCodes.findings;
  }
  const json = options.output === "json";
  const text = json
    ? undefined
    : new TextOutput({ out: process.stderr, file: program.entry, live: liveFor(graph) });
  const output = text ?? new JsonOutput(process.stdout);
  const stop = new AbortController();
  // Whoever read the run events is gone: what was read is still delivered, but nobody watches the rest.
  if (json) process.stdout.once("error", () => stop.abort("closed output"));
  const release = onStopSignals(stop, () => text?.close());
  const baseDir = dirname(resolve(file));
  let bug = false;
  try {
    const finished = await runGraph({
      graph,
      baseDir,
      stateDir: resolve(options.state ?? resolve(baseDir, ".strm")),
      environment: process.env,
      report: (event: RunEvent) => {
        bug ||= event.type === "failed" && event.code === "bug";
        output.report(event);
      },
      stop: stop.signal,
      stdin: process.stdin,
      // Run events and events of the pipeline must not mix.
      ...(json ? {} : { stdout: process.stdout }),
    });
    return bug ? exitCodes.bug : exitCodeOf(finished);
  } finally {
    text?.close();
    release();
  }
}

function exitCodeOf({ outcome, quarantine }: Finished): ExitCode {
  if (outcome === "failed") return exitCodes.failed;
  return quarantine === null ? exitCodes.ok : exitCodes.undelivered;
}

/** Lines can't be drawn again where a sink writes events to the same terminal. */
function liveFor({ steps }: JobGraph): boolean {
  const shared =
    process.stdout.isTTY && steps.some((step) => step.kind === "sink" && step.connector === "stdout");
  return drawsOn(process.stderr) && !shared;
}
