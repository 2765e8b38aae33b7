// SIGINT and SIGTERM: the first asks the run to end well, the second ends it at once.
import { exitCodes } from "./exit.ts";

/** npm passes on the SIGINT that the terminal has sent to this process already: so close together they are one. */
const sameWithinMs = 250;

export interface Stopping {
  /** As a signal would: `by` is its name, or the key that somebody pressed. */
  readonly ask: (by: string) => void;
  /** Signals do what they did before. */
  readonly release: () => void;
}

/** Aborts `stop` with the signal's name; `leaving` is called before the process ends by a second one. */
export function onStopSignals(stop: AbortController, leaving: () => void): Stopping {
  let askedMs: number | undefined;
  const ask = (by: string): void => {
    const nowMs = performance.now();
    if (askedMs === undefined) {
      askedMs = nowMs;
      stop.abort(by);
    } else if (nowMs - askedMs >= sameWithinMs) {
      leaving();
      process.stderr.write(
        `${by} again: left at once. Run again to go on from the last checkpoint; what came after it is done anew.\n`,
      );
      process.exit(exitCodes.cancelled);
    }
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, ask);
  const release = (): void => {
    for (const signal of signals) process.off(signal, ask);
  };
  return { ask, release };
}
