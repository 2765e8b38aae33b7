// `strm top`: watches a run of another process from a terminal, and follows it wherever it goes.
import { explainGraph } from "../../dsl/index.ts";
import { followRun, type Onlooker } from "../attach/follow-run.ts";
import { targetAt } from "../attach/target.ts";
import { catalog } from "../catalog.ts";
import { CommandFailure, type ExitCode, exitCodeOf, exitCodes, tellsOfBug } from "../exit.ts";
import { TOKEN_VARIABLE } from "../serve/place.ts";
import { obstacleToDrawing } from "../terminal.ts";
import { AttachedOutput } from "../ui/attached-output.ts";
import { factsOf } from "../ui/state/facts.ts";

export interface TopOptions {
  readonly ascii?: boolean;
}

export async function top(url: string, { ascii = false }: TopOptions): Promise<ExitCode> {
  const { [TOKEN_VARIABLE]: token } = process.env;
  const target = targetAt(url, token === "" ? undefined : token);
  needTerminal();
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const terminal = { input: process.stdin, output: process.stderr };
  const output = new AttachedOutput({ ...terminal, place: target.base.origin, ascii, leave });
  let bug = false;
  const onlooker: Onlooker = {
    begin: (graph, { timeMs, events }) => {
      bug = events.some(tellsOfBug);
      output.begin(factsOf(graph, explainGraph(graph, catalog)), timeMs, events);
    },
    report: (event) => {
      bug ||= tellsOfBug(event);
      output.report(event);
    },
    lost: (why) => output.lost(why),
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, leave);
  try {
    const finished = await followRun(target, onlooker, { leave: leaving.signal });
    if (finished !== undefined) return exitCodeOf(finished, bug);
    output.leave();
    return exitCodes.ok;
  } finally {
    output.close();
    for (const signal of signals) process.off(signal, leave);
  }
}

function needTerminal(): void {
  const obstacle =
    process.stdin.isTTY && process.stderr.isTTY
      ? obstacleToDrawing()
      : "standard input and error must both be a terminal";
  if (obstacle === undefined) return;
  throw new CommandFailure(
    `The run can't be shown: ${obstacle}.`,
    "Start strm top on a terminal; a program reads /events or /metrics of the same address.",
    "top.no-terminal",
  );
}
