// Runs a job graph with its output and its signals, and says how the command ends: what `run` and `rejected replay` share.
import { dirname, resolve } from "node:path";
import type { JobGraph } from "../dsl/index.ts";
import { type RunEvent, type RunOptions, run } from "../runner/index.ts";
import type { OutputForm } from "./choices.ts";
import { type ExitCode, exitCodeOf, exitCodes, tellsOfBug } from "./exit.ts";
import { countFindings, inWords, showFindings } from "./findings.ts";
import { loadProgram, parseSet } from "./load-program.ts";
import { openOutput, outputFor, type RunOutput } from "./open-output.ts";
import { doorAt, type Place, TOKEN_VARIABLE } from "./serve/place.ts";
import type { RunServer } from "./serve/run-server.ts";
import { onStopSignals } from "./signals.ts";
import { stateFolderOf } from "./state-folder.ts";

export interface RunFlags {
  readonly set?: readonly string[];
  readonly state?: string;
  /** Absent: what fits where the output goes. */
  readonly output?: OutputForm;
  readonly ascii?: boolean;
  readonly workers?: number;
  readonly checkpointEvery?: number;
  readonly listen?: Place;
}

/** The engine's own; a server's may be shorter. */
const usualCheckpointEveryMs = 5_000;

export type RunMode = Pick<RunOptions, "fromStart" | "replay">;

export async function runGraph(file: string, flags: RunFlags, mode: RunMode): Promise<ExitCode> {
  const program = loadProgram(file, parseSet(flags.set));
  showFindings([program]);
  const { graph } = program.result;
  if (graph === undefined) {
    process.stderr.write(`${program.entry}: ${inWords(countFindings([program]))}; nothing was run\n`);
    return exitCodes.findings;
  }
  const form = outputFor(graph, flags.output);
  const json = form === "json";
  const stop = new AbortController();
  let output: RunOutput | undefined;
  let server: RunServer | undefined;
  const { ask, release } = onStopSignals(stop, () => output?.close());
  let bug = false;
  try {
    server = flags.listen && (await serverAt(flags.listen, graph, flags.checkpointEvery));
    const shown = { graph, file: program.entry, ascii: flags.ascii ?? false };
    output = await openOutput(form, shown, (wish) => {
      if (wish !== "stop") ask("SIGINT");
      // The key is no signal: pressed again it does not cut short what the first one asked for.
      else if (!stop.signal.aborted) ask("q");
    });
    // Whoever read the run events is gone: what was read is still delivered, but nobody watches the rest.
    if (json) process.stdout.once("error", () => stop.abort("closed output"));
    const finished = await run({
      graph,
      baseDir: dirname(resolve(file)),
      stateDir: stateFolderOf(file, flags.state),
      environment: process.env,
      report: (event: RunEvent) => {
        bug ||= tellsOfBug(event);
        server?.report(event);
        output?.report(event);
      },
      stop: stop.signal,
      ...(output.tap && { tap: output.tap }),
      ...(flags.workers !== undefined && { workers: flags.workers }),
      ...(flags.checkpointEvery !== undefined && { checkpointEveryMs: flags.checkpointEvery }),
      ...mode,
      stdin: process.stdin,
      // Run events and events of the pipeline must not mix.
      ...(json ? {} : { stdout: process.stdout }),
    });
    return exitCodeOf(finished, bug);
  } finally {
    output?.close();
    await server?.close();
    release();
  }
}

/** Loaded only where somebody wants it. */
async function serverAt(
  place: Place,
  graph: JobGraph,
  checkpointEveryMs = usualCheckpointEveryMs,
): Promise<RunServer> {
  const { [TOKEN_VARIABLE]: token } = process.env;
  const door = await doorAt(place, token === "" ? undefined : token);
  const { RunServer } = await import("./serve/run-server.ts");
  const server = await RunServer.open({ door, graph, checkpointEveryMs });
  process.stderr.write(`listening on ${server.url}\n`);
  return server;
}
