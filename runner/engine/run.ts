// Runs a job graph from its start, or from its last checkpoint, to its end, and reports all of it as run events.
import { randomBytes } from "node:crypto";
import type { Connector } from "../connectors/connector.ts";
import { Rewind } from "../failure.ts";
import { Attempt } from "./attempt.ts";
import { failedBy } from "./bug.ts";
import type { Finished } from "./events.ts";
import type { Parts } from "./parts.ts";
import { Reporter } from "./reporter.ts";
import { defaultRetryPolicy, Retries } from "./retry.ts";
import type { RunOptions } from "./run-options.ts";

/**
 * Never throws: a failure is an event, and so is the end, which is also what comes back. What undoes all since the last checkpoint
 * begins another attempt there, for as long as attempts get to a checkpoint of their own within the bound for retries.
 */
export async function runWith(
  parts: Parts,
  connectors: readonly Connector[],
  options: RunOptions,
): Promise<Finished> {
  const reporter = new Reporter(options.report);
  const second = new AbortController();
  const patience = new Retries(reporter, second.signal, options.retry ?? defaultRetryPolicy).patience("run");
  const run = {
    id: runId(),
    reporter,
    told: new Set<"started" | "stopping">(),
    held: () => patience.passed(),
  };
  for (let first = true; ; first = false) {
    const attempt = new Attempt(parts, connectors, options, run, first);
    try {
      return attempt.finished(await attempt.toEnd());
    } catch (error) {
      await attempt.abort(error);
      try {
        if (!(error instanceof Rewind) || !attempt.rewinds) throw error;
        await patience.failed(error, true);
      } catch {
        reporter.deafen(() => reporter.send(failedBy(error)));
        return reporter.deafen(() => attempt.finished("failed"));
      }
    }
  }
}

/** Sorts by time, and is a file's name. */
function runId(): string {
  const time = new Date().toISOString().replace(/[-:]|\.[0-9]+/g, "");
  return `${time}-${randomBytes(3).toString("hex")}`;
}
