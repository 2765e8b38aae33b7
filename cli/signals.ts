// SIGINT and SIGTERM: the first asks the run to end well, the second ends it at once.
import { exitCodes } from "./exit.ts";

/** npm passes on the SIGINT that the terminal has sent to this process already: so close together they are one. */
const sameWithinMs = 250;

/** Aborts `stop` with the signal's name; `leaving` is called before the process ends by a second one. Returns how to undo it. */
export function onStopSignals(stop: AbortController, leaving: () => void): () => void {
  let askedMs: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (askedMs === undefined) {
      askedMs = nowMs;
      stop.abort(signal);
    } else if (nowMs - askedMs >= sameWithinMs) {
      leaving();
      process.stderr.write(
        `${signal} again: left at once. Run again to go on from the last checkpoint; what came after it is done anew.\n`,
      );
      process.exit(exitCodes.cancelled);
    }
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
