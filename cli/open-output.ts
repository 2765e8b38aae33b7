// How a run is shown, and where that can be.
import { explainGraph, type JobGraph } from "../dsl/index.ts";
import { type RunEvent, Tap, tapTarget } from "../runner/index.ts";
import { catalog } from "./catalog.ts";
import type { OutputForm } from "./choices.ts";
import { CommandFailure } from "./exit.ts";
import { TextOutput } from "./output/text.ts";
import { drawsOn, obstacleToDrawing } from "./terminal.ts";
import { factsOf } from "./ui/state/facts.ts";
import type { Wish } from "./ui/state/screen.ts";
import { WatchOutput } from "./ui/watch-output.ts";

export interface RunOutput {
  report(event: RunEvent): void;
  /** By which it looks at events themselves, where it can. */
  readonly tap?: Tap;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** What was asked for; else the whole terminal where there is one for it. Throws a CommandFailure where that was asked for and can't be had. */
export function outputFor(graph: JobGraph, asked: OutputForm | undefined): OutputForm {
  if (asked === "text" || asked === "json") return asked;
  const obstacle = obstacleTo(graph);
  if (obstacle === undefined) return "tui";
  if (asked === undefined) return "text";
  throw new CommandFailure(
    `The run can't be shown on the whole terminal: ${obstacle}.`,
    "Use --output text, or leave out --output.",
  );
}

/** Why the whole terminal can't be had; keys come in by it, and nobody else may read or write there. */
function obstacleTo({ steps }: JobGraph): string | undefined {
  const uses = (kind: "source" | "sink", connector: string): boolean =>
    steps.some((step) => step.kind === kind && step.connector === connector);
  if (!process.stdin.isTTY || !process.stdout.isTTY || !process.stderr.isTTY)
    return "standard input, output and error must all be a terminal";
  const obstacle = obstacleToDrawing();
  if (obstacle !== undefined) return obstacle;
  if (uses("source", "stdin")) return "the pipeline reads its events from there";
  if (uses("sink", "stdout")) return "the pipeline writes its events there";
  return undefined;
}

export interface Shown {
  readonly graph: JobGraph;
  /** The pipeline as the user named it. */
  readonly file: string;
  readonly ascii: boolean;
}

export async function openOutput(
  form: OutputForm,
  { graph, file, ascii }: Shown,
  wish: (wish: Wish) => void,
): Promise<RunOutput> {
  switch (form) {
    case "json": {
      // With a library for logs, which nobody else needs.
      const { JsonOutput } = await import("./output/json.ts");
      return new JsonOutput(process.stdout);
    }
    case "text":
      return new TextOutput({ out: process.stderr, file, live: liveFor(graph), ascii });
    case "tui": {
      const facts = factsOf(graph, explainGraph(graph, catalog), (step) => tapTarget(graph, step));
      const tap = new Tap((sample) => watched.show(sample));
      const look = tap.look.bind(tap);
      const terminal = { input: process.stdin, output: process.stderr };
      const watched = new WatchOutput({ ...terminal, file, facts, ascii, wish, look });
      return { report: (event) => watched.report(event), close: watched.close, tap };
    }
  }
}

/** Lines can't be drawn again where a sink writes events to the same terminal. */
function liveFor({ steps }: JobGraph): boolean {
  const shared =
    process.stdout.isTTY && steps.some((step) => step.kind === "sink" && step.connector === "stdout");
  return drawsOn(process.stderr) && !shared;
}
