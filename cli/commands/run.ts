// `strm run`: executes a pipeline and shows what happens.
import { dirname, resolve } from "node:path";
import { type RunEvent, run as runGraph } from "../../runner/index.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { countFindings, inWords, showFindings } from "../findings.ts";
import { loadProgram, parseSet } from "../load-program.ts";
import { TextOutput } from "../output/text.ts";

export interface RunCommandOptions {
  readonly set: readonly string[];
  readonly state?: string;
  readonly output: "text" | "json";
}

export async function run(file: string, options: RunCommandOptions): Promise<ExitCode> {
  const program = loadProgram(file, parseSet(options.set));
  showFindings(program);
  const { graph } = program.result;
  if (graph === undefined) {
    process.stderr.write(`${file}: ${inWords(countFindings([program]))}; nothing was run\n`);
    return exitCodes.findings;
  }
  const baseDir = dirname(resolve(file));
  const json = options.output === "json";
  const text = json ? undefined : new TextOutput(process.stderr);
  const stop = new AbortController();
  const release = onSignals((signal) => stop.abort(signal));
  try {
    const finished = await runGraph({
      graph,
      baseDir,
      stateDir: resolve(options.state ?? resolve(baseDir, ".strm")),
      environment: process.env,
      report: (event) => (text === undefined ? writeJson(event) : text.show(event)),
      stop: stop.signal,
      stdin: process.stdin,
      // Run events and events of the pipeline must not mix.
      ...(json ? {} : { stdout: process.stdout }),
    });
    if (finished.outcome === "failed")
      return (text?.failedWithBug ?? sawBug) ? exitCodes.bug : exitCodes.failed;
    return finished.quarantine === null ? exitCodes.ok : exitCodes.undelivered;
  } finally {
    text?.end();
    release();
  }
}

let sawBug = false;

function writeJson(event: RunEvent): void {
  if (event.type === "failed" && event.code === "bug") sawBug = true;
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The first signal asks, the second one leaves at once. */
function onSignals(ask: (signal: string) => void): () => void {
  let asked = false;
  const handle = (signal: NodeJS.Signals) => {
    if (asked) process.exit(exitCodes.cancelled);
    asked = true;
    ask(signal);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
